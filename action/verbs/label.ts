/** `fettle label`: what the version that serves makes of open issues, suggested or given as far as the settings allow. */
import * as z from 'zod';
import { modelNotSet } from '../../pipelines/faults.ts';
import { readSettings } from '../../pipelines/settings/read.ts';
import { SETTINGS_FILE } from '../../pipelines/settings/settings.ts';
import type { Autonomy, TriageSettings } from '../../pipelines/settings/triage.ts';
import { SAMPLE_RATIO_ALPHA } from '../../pipelines/stats/arms.ts';
import { ModelName } from '../../registry/schema/model.ts';
import type { ModelState } from '../../registry/schema/state.ts';
import { modelOf } from '../../registry/state/query.ts';
import { repositoryAt } from '../../registry/store/repository.ts';
import type { GitHubPlace } from '../../registry/store/github-call.ts';
import { issueUnknown, modelUnnamed } from '../faults.ts';
import {
  issueNumbered,
  labelsOf,
  openIssues,
  openIssuesBetween,
  whoAmI,
  type IssueNow,
} from './label-github.ts';
import { carryOut, type Deed, type Labelling } from './label-issues.ts';
import { openArms, opinionsOn, type OpenArms } from './label-opinions.ts';
import { armsIn, keepShadows, shadowFile, shadowsIn, type Arms, type ShadowLine } from './label-shadow.ts';
import { githubPlace } from './transport.ts';
import { defineVerb, EXIT, type Paint, type Told, type VerbContext } from './verb.ts';
import { counted } from './words.ts';
import { hideShelf, openReader, openShelf, viewIn, type Shelf } from './workplace.ts';

const WEEK_MS = 7 * 86_400_000;

/** In a range, for each issue that may be written to, so many may be looked at closely: three or four calls each. */
const LOOKS_A_WRITE = 5;

const IssueNumber = z.coerce.number().pipe(z.int().positive());

const Input = z
  .strictObject({
    model: ModelName.optional().describe('the model; else the only one that the settings name'),
    issue: IssueNumber.optional().describe('only the issue of this number'),
    since: z.iso
      .datetime({ offset: true })
      .optional()
      .describe('issues that changed since then, such as 2026-01-31T00:00:00Z; else the last seven days'),
    from: IssueNumber.optional().describe('a range: every open issue from this number on, the lowest first'),
    to: IssueNumber.optional().describe('the range ends with this number'),
  })
  .refine((input) => !isRange(input) || (input.issue === undefined && input.since === undefined), {
    path: ['from'],
    error: 'a range without `--issue` and `--since`',
  })
  .refine(({ from = 1, to = Infinity }) => from <= to, {
    path: ['to'],
    error: 'a number that is not below `--from`',
  });
type Input = z.infer<typeof Input>;

/** Numbers of issues, both included. */
interface Range {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

function isRange({ from, to }: Range): boolean {
  return from !== undefined || to !== undefined;
}

export const label = defineVerb({
  name: 'label',
  says: 'Labels open issues of GITHUB_REPOSITORY, or suggests labels, as far as the settings let each label go.',
  words: ['model'],
  input: Input,
  writes: true,
  examples: [
    'fettle label',
    'fettle label issue-triage --issue 12 --dry-run',
    'fettle label --since 2026-01-31T00:00:00Z',
    'fettle label issue-triage --from 1 --to 500 --dry-run',
  ],

  async run(context, input) {
    const { top } = await repositoryAt(context.folder);
    const { models } = await readSettings(top);
    const names = Object.keys(models);
    const name = input.model ?? (names.length === 1 ? ModelName.parse(names[0]) : undefined);
    const set = name !== undefined && Object.hasOwn(models, name) ? models[name] : undefined;
    if (name === undefined) throw modelUnnamed({ known: names, file: SETTINGS_FILE });
    if (set === undefined) throw modelNotSet({ model: name, known: names, file: SETTINGS_FILE });
    const ledger = await openReader(context);
    const { state } = await viewIn(ledger);
    const { stopped } = state.trust;
    if (stopped !== null) return standstill(name, stopped.reason);
    const known = modelOf(state, name);
    const shelf = await openShelf(context, ledger.repository);
    const place = await githubPlace(context);
    const opened = await openArms(known, shelf);
    try {
      return await labelAll(context, { input, known, place, shelf, triage: set.triage, opened });
    } finally {
      await opened.champion.classifier.close();
      await opened.challenger?.classifier.close();
    }
  },
});

function standstill(model: string, reason: string): Told {
  return {
    data: { model, stopped: reason, deeds: [] },
    text: (paint) => paint.warn(`Everything is stopped: ${reason}. No issue was touched.`),
    exit: EXIT.refused,
    reason: 'stopped',
  };
}

interface Work {
  readonly input: Input;
  readonly known: ModelState;
  readonly place: GitHubPlace;
  readonly shelf: Shelf;
  readonly triage: TriageSettings;
  readonly opened: OpenArms;
}

async function labelAll(context: VerbContext, work: Work): Promise<Told> {
  const { input, known, place, triage, opened, shelf } = work;
  const issues = await issuesOf(place, input, context.now());
  const autonomy = autonomyOf(triage, opened.champion.classifier.labels);
  const { opinions, shadows } = await opinionsOn(issues, { ...work, autonomy, at: context.now() });
  const labelling: Labelling = {
    place,
    autonomy,
    triage,
    repository: await labelsOf(place),
    me: context.dryRun || ![...autonomy.values()].includes('suggest') ? '' : await whoAmI(place),
    dryRun: context.dryRun,
    ...(isRange(input) ? { looksMost: LOOKS_A_WRITE * triage.most } : {}),
  };
  const deeds = await carryOut(opinions, labelling);
  const next = nextOf(deeds, { input, model: known.model, dryRun: context.dryRun });
  const arms = await keptArms(shadows, { context, shelf, work });
  const suspect = arms?.p !== null && arms !== null && arms.p < SAMPLE_RATIO_ALPHA;
  return {
    data: {
      model: known.model,
      dryRun: context.dryRun,
      deeds,
      next,
      arms,
      sampleRatio: suspect ? 'mismatch' : 'sound',
    },
    text: (paint) => textOf(deeds, { arms: suspect ? arms : null, dryRun: context.dryRun, next }, paint),
    reason: deeds.some(({ kind }) => kind !== 'skip') ? 'labelled' : 'nothing_to_label',
    exit: suspect ? EXIT.refused : EXIT.done,
  };
}

/** The command by which a range goes on: from the first issue that this run left for later. Null where none is left. */
function nextOf(
  deeds: readonly Deed[],
  { input, model, dryRun }: { readonly input: Input; readonly model: ModelName; readonly dryRun: boolean },
): string | null {
  const later = deeds.find((deed) => deed.kind === 'skip' && deed.why === 'enough');
  // What was only rehearsed is still all to be done.
  const from = dryRun ? (input.from ?? 1) : later?.issue;
  if (!isRange(input) || from === undefined || deeds.length === 0) return null;
  return `fettle label ${model} --from ${from}${input.to === undefined ? '' : ` --to ${input.to}`}`;
}

/** @throws issueUnknown */
async function issuesOf(place: GitHubPlace, input: Input, now: string): Promise<readonly IssueNow[]> {
  const { issue, since, from = 1, to = Infinity } = input;
  if (isRange(input)) return openIssuesBetween(place, { from, to });
  if (issue === undefined) {
    return openIssues(place, since ?? new Date(Date.parse(now) - WEEK_MS).toISOString());
  }
  const found = await issueNumbered(place, issue);
  if (found === null) throw issueUnknown({ repository: `${place.owner}/${place.name}`, issue });
  return [found];
}

/** Where the settings name no label, the model's own are only suggested. */
function autonomyOf({ labels }: TriageSettings, own: readonly string[]): ReadonlyMap<string, Autonomy> {
  const named = Object.entries(labels);
  return new Map(named.length > 0 ? named : own.map((one) => [one, 'suggest'] as const));
}

async function keptArms(
  fresh: readonly ShadowLine[],
  { context, shelf, work }: { readonly context: VerbContext; readonly shelf: Shelf; readonly work: Work },
): Promise<Arms | null> {
  const { champion, challenger } = work.opened;
  if (challenger === null) return null;
  const file = shadowFile(shelf.folder, work.known.model);
  if (!context.dryRun) await hideShelf(shelf);
  const lines = context.dryRun ? [...(await shadowsIn(file)), ...fresh] : await keepShadows(file, fresh);
  return armsIn(lines, {
    champion: champion.version.version,
    challenger: challenger.version.version,
    share: work.triage.challenger,
  });
}

function textOf(
  deeds: readonly Deed[],
  {
    arms,
    dryRun,
    next,
  }: { readonly arms: Arms | null; readonly dryRun: boolean; readonly next: string | null },
  paint: Paint,
): string {
  const done = deeds.filter((deed) => deed.kind !== 'skip');
  const rows = done.map((deed) => [
    `#${deed.issue}`,
    deed.kind,
    deed.label,
    `${(deed.probability * 100).toFixed(0)}%`,
    deed.by,
  ]);
  const whys = new Map<string, number>();
  for (const deed of deeds) {
    if (deed.kind === 'skip') whys.set(deed.why, (whys.get(deed.why) ?? 0) + 1);
  }
  const left = [...whys].map(([why, count]) => `${count} ${why}`).join(', ');
  const would = dryRun ? ' would be' : '';
  return [
    `${counted(done.length, 'issue')}${would} labelled or commented${left === '' ? '' : `; left: ${left}`}.`,
    ...(rows.length === 0 ? [] : [paint.table([['issue', 'done', 'label', 'sure', 'by'], ...rows])]),
    ...(next === null ? [] : [`${dryRun ? 'To do it' : 'There is more; go on with'}: ${next}`]),
    ...(arms === null
      ? []
      : [
          paint.bad(
            `The challenger got ${arms.challenger} of ${arms.champion + arms.challenger} issues, which its share does not explain: believe no comparison of the two.`,
          ),
        ]),
  ].join('\n');
}
