/** The dashboard issue as Markdown: what serves, what waits for somebody, what ran, what fell silent, what it cost. */
import type { Settings } from '../../pipelines/settings/settings.ts';
import type { ModelState, RegistryState } from '../../registry/schema/state.ts';
import { metricNamed, servesSince, servingIn } from '../../registry/report/story.ts';
import { counted, durationText, plain, shareText, timeText } from '../../registry/report/words.ts';
import { proposalsIn, type Proposal } from '../policy/proposals.ts';

export const DASHBOARD_MARK = '<!-- fettle:dashboard -->';

const BOX = /^- \[([ xX])\] <!-- fettle:approve ([0-9a-f]{16}) -->(.*)$/gm;

export interface Box {
  /** What there is to be approved, as `/fettle approve` takes it. */
  readonly id: string;
  readonly checked: boolean;
  /** What whoever checks it reads beside it. */
  readonly says: string;
}

export function boxesIn(body: string): readonly Box[] {
  return [...body.matchAll(BOX)].flatMap(([, mark, id, says = '']) =>
    id === undefined ? [] : [{ id, checked: mark !== ' ', says: says.trim() }],
  );
}

/** A day more than the longest weekend. */
const SILENT_MS = 3 * 24 * 3600 * 1000;
const WAITING_MAX = 20;
const RUNS_MAX = 10;
const SILENT_MAX = 20;
/** GitHub takes 65,536; one more, and nothing of the dashboard would ever be told again. */
const CHARACTERS_MAX = 58_000;

export interface Board {
  readonly state: RegistryState;
  readonly settings: Settings;
  readonly now: string;
}

export function dashboardText({ state, settings, now }: Board): string {
  const text = wholeText({ state, settings, now });
  if (text.length <= CHARACTERS_MAX) return text;
  const end = text.lastIndexOf('\n', CHARACTERS_MAX);
  return `${text.slice(0, end)}\n\n_The rest was left out, because an issue can hold no more._`;
}

function wholeText({ state, settings, now }: Board): string {
  const models = [...state.models.values()].sort((a, b) => (a.model < b.model ? -1 : 1));
  return [
    DASHBOARD_MARK,
    headline(models, now),
    '### Waiting for approval',
    ...waitingLines(state, settings),
    '### Serving',
    ...servingLines(models, now),
    '### Last runs',
    ...runLines(models),
    '### Cost this month',
    costLine(models, now),
    `<sub>As of ${timeText(now)}; rewritten whenever the registry changes. Comment \`/fettle help\` to see what can be asked.</sub>`,
  ].join('\n\n');
}

function headline(models: readonly ModelState[], now: string): string {
  const silent = models.filter((known) => isSilent(known, now));
  if (models.length === 0) return '**No model yet.** `/fettle train` makes the first.';
  if (silent.length === 0) return `**All is well:** every model had a successful run lately.`;
  const told = silent
    .slice(0, SILENT_MAX)
    .map((known) => `\`${known.model}\` (${lastSuccessText(known, now)})`);
  const more = silent.length > SILENT_MAX ? ` and ${silent.length - SILENT_MAX} more` : '';
  return `> [!WARNING]\n> Nothing succeeded lately for ${told.join(', ')}${more}. Is the schedule still on?`;
}

function lastSuccess({ runs }: ModelState): string | null {
  return runs.findLast(({ outcome }) => outcome?.kind === 'completed')?.finishedAt ?? null;
}

function isSilent(known: ModelState, now: string): boolean {
  const at = lastSuccess(known);
  if (known.retired !== null || known.runs.length === 0) return false;
  return at === null || Date.parse(now) - Date.parse(at) >= SILENT_MS;
}

function lastSuccessText(known: ModelState, now: string): string {
  const at = lastSuccess(known);
  return at === null ? 'no success yet' : `last success ${agoText(at, now)}`;
}

/** Not how long ago: the text stays as it is until the registry changes. */
function whenText(at: string | null): string {
  return at === null ? '–' : timeText(at);
}

function agoText(at: string, now: string): string {
  return `${durationText(Math.max(0, Date.parse(now) - Date.parse(at)))} ago`;
}

/** The boxes as the app writes them: anybody with write access can write something else beside one. */
export function boxesOf(state: RegistryState, settings: Settings): readonly Box[] {
  return boxesIn(waitingLines(state, settings).join('\n'));
}

function waitingLines(state: RegistryState, settings: Settings): readonly string[] {
  const waiting = proposalsIn(state, settings).slice(0, WAITING_MAX);
  if (waiting.length === 0) return ['Nothing waits.'];
  return [waiting.map((proposal) => boxLine(state, proposal)).join('\n')];
}

function boxLine(state: RegistryState, { id, model, of, asked }: Proposal): string {
  const known = state.models.get(model);
  const version = known?.versions.find((one) => one.version === of.version) ?? null;
  const score = shareText(metricNamed(version, 'accuracy'));
  const by = asked === null ? 'passed every gate' : `asked for by ${plain(asked.by)}`;
  const instead = of.replaces === null ? '' : ` in place of ${of.replaces}`;
  return `- [ ] <!-- fettle:approve ${id} --> **${model}@${of.version}** for ${of.channel}${instead}: accuracy ${score}, ${by}`;
}

function servingLines(models: readonly ModelState[], now: string): readonly string[] {
  const rows = models.flatMap((known) =>
    servingIn(known).map(([channel, version]) => {
      const found = known.versions.find((one) => one.version === version) ?? null;
      const since = servesSince(known, channel);
      const score = shareText(metricNamed(found, 'accuracy'));
      const last = lastSuccess(known);
      const silent = isSilent(known, now) ? '⚠ ' : '';
      return `| \`${known.model}\` | ${channel} | **${version}** | ${score} | ${whenText(since)} | ${silent}${whenText(last)} |`;
    }),
  );
  if (rows.length === 0) return ['Nothing serves.'];
  const head =
    '| model | channel | version | accuracy (95% CI) | since | last success |\n|---|---|---|---:|---|---|';
  return [[head, ...rows].join('\n')];
}

function runLines(models: readonly ModelState[]): readonly string[] {
  const runs = models
    .flatMap((known) => known.runs.map((run) => ({ ...run, model: known.model })))
    .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
    .slice(0, RUNS_MAX);
  if (runs.length === 0) return ['None yet.'];
  const rows = runs.map(({ run, model, outcome, startedAt }) => {
    const ended =
      outcome === null ? 'at work' : outcome.kind === 'completed' ? 'done' : `failed: \`${outcome.fault}\``;
    return `| \`${model}\` | \`${run}\` | ${ended} | ${timeText(startedAt)} |`;
  });
  return [['| model | run | outcome | begun |\n|---|---|---|---|', ...rows].join('\n')];
}

/** Of the runs that the view still has; older ones of a busy month are in the log. */
function costLine(models: readonly ModelState[], now: string): string {
  const parts = models.flatMap((known) => {
    const month = known.runs.filter(({ startedAt }) => startedAt.startsWith(now.slice(0, 7)));
    const ms = month.reduce((sum, { startedAt, finishedAt }) => {
      return finishedAt === null ? sum : sum + Date.parse(finishedAt) - Date.parse(startedAt);
    }, 0);
    const more = month.length > 0 && month.length === known.runs.length && known.runs.length >= 20;
    return month.length === 0
      ? []
      : [
          `\`${known.model}\` ${more ? 'at least ' : ''}${durationText(ms)} in ${counted(month.length, 'run')}`,
        ];
  });
  return parts.length === 0 ? 'Nothing ran this month.' : `Compute: ${parts.join('; ')}.`;
}
