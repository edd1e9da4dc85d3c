/** `/fettle doctor`: looks at everything that the bot needs, and says what to mend. */
import type { Run } from '../github/runs.ts';
import * as z from 'zod';
import { examined, type Examined } from '../../pipelines/contradictions/examine.ts';
import { ago, codeSpan, counted, markdown } from '../../registry/report/words.ts';
import type { RegistryView } from '../../registry/decide/execute.ts';
import { defineCommand, type Command, type Context } from './command.ts';
import { closedNotes, done } from './told.ts';

/** Longer without a success, and somebody should know. */
const SILENT_DAYS = 7;
const POLICY_DAYS = 30;
const DAY_MS = 86_400_000;

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly says: string;
}

export const doctor: Command = defineCommand({
  name: 'doctor',
  usage: 'doctor',
  summary: 'Looks at registry, policy, owners, settings and runs, and says what to mend.',
  examples: ['doctor'],
  level: 'triage',
  mutates: false,
  input: z.strictObject({}),

  async handle(context) {
    const [registry, runs, owners] = await Promise.all([
      attempt('registry', () => registryFound(context)),
      attempt('runs', async () => [runsFound(await context.outside.runs(), context.now)]),
      attempt('owners', () => ownersFound(context)),
    ]);
    const findings = [...registry, ...runs, ...owners, settingsFound(context)];
    const wrong = findings.filter(({ ok }) => !ok);
    return done(
      wrong.length === 0
        ? `**All well**: ${counted(findings.length, 'check')}, nothing to mend.`
        : `**${counted(wrong.length, 'finding')}** of ${counted(findings.length, 'check')}: ${wrong[0]?.says ?? ''}`,
      {
        details: [
          '| | check | |',
          '|---|---|---|',
          ...findings.map(({ check, ok, says }) => `| ${ok ? '✔' : '✘'} | ${check} | ${says} |`),
        ].join('\n'),
      },
    );
  },
});

async function attempt(check: string, look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return [{ check, ok: false, says: `could not be read: ${markdown(said.slice(0, 300))}` }];
  }
}

async function registryFound({ outside, settings, now }: Context): Promise<readonly Finding[]> {
  const view = await (await outside.registry()).read();
  if (view === null) {
    return [{ check: 'registry', ok: false, says: 'none was begun; `/fettle train` begins it' }];
  }
  const models = [...view.state.models.values()];
  const closed = closedNotes(view.state.trust, models);
  return [
    {
      check: 'registry',
      ok: true,
      says: `${counted(view.size, 'event')}, ${counted(models.length, 'model')}, ${codeSpan(view.origin)}`,
    },
    {
      check: 'open',
      ok: closed.length === 0,
      says: closed.length === 0 ? 'nothing is closed' : closed.join('; '),
    },
    policyFound(view, now),
    unfinishedFound(view, now),
    contradictionsFound(examined({ state: view.state, settings, now })),
  ];
}

function policyFound({ state }: RegistryView, now: string): Finding {
  const policy = state.trust.policy?.policy;
  if (policy === undefined) {
    return { check: 'policy', ok: true, says: 'none is signed; the settings alone ask for approvals' };
  }
  const left = Math.floor((Date.parse(policy.expires) - Date.parse(now)) / DAY_MS);
  const says =
    left < 0 ? 'has expired: nothing new may rest on it' : `holds for ${counted(left, 'more day')}`;
  return { check: 'policy', ok: left >= POLICY_DAYS, says };
}

function unfinishedFound({ state }: RegistryView, now: string): Finding {
  const cut = [...state.models.values()].flatMap(({ model, runs }) =>
    runs
      .filter(
        ({ finishedAt, startedAt }) =>
          finishedAt === null && Date.parse(now) - Date.parse(startedAt) > DAY_MS,
      )
      .map(({ run }) => `${codeSpan(run)} of ${codeSpan(model)}`),
  );
  const says = cut.length === 0 ? 'every run that began has ended' : `cut off: ${cut.slice(0, 5).join(', ')}`;
  return { check: 'unfinished', ok: cut.length === 0, says };
}

function contradictionsFound({ facts, open }: Examined): Finding {
  const told = open.map(({ contradiction }) =>
    contradiction.facts.map(({ says }) => markdown(says)).join('; but '),
  );
  const says =
    open.length === 0
      ? `nothing to decide among ${counted(facts.length, 'fact')}`
      : `${counted(open.length, 'contradiction')} for people to decide: ${told.slice(0, 3).join('. ')}`;
  return { check: 'contradictions', ok: open.length === 0, says };
}

function runsFound(runs: readonly Run[], now: string): Finding {
  const last = runs.find(({ conclusion }) => conclusion === 'success');
  if (last === undefined) return { check: 'runs', ok: runs.length === 0, says: 'none has succeeded lately' };
  const isSilent = Date.parse(now) - Date.parse(last.createdAt) > SILENT_DAYS * DAY_MS;
  return { check: 'runs', ok: !isSilent, says: `last success ${ago(last.createdAt, now)}` };
}

async function ownersFound({ outside, settings }: Context): Promise<readonly Finding[]> {
  const asked = Object.values(settings.bot.channels).some((rules) => rules.approvals?.codeowners === true);
  if (!asked) return [];
  const isThere = (await outside.codeowners()) !== null;
  const says = isThere
    ? 'CODEOWNERS is there'
    : 'the settings ask for owners, and there is no CODEOWNERS: nobody can approve';
  return [{ check: 'owners', ok: isThere, says }];
}

function settingsFound({ settings }: Context): Finding {
  const count = Object.keys(settings.models).length;
  return { check: 'settings', ok: true, says: `${counted(count, 'model')} set up` };
}
