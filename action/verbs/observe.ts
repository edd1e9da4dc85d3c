/** `fettle observe <model>`: takes in live outcomes, and takes back a version that breaks its promise. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { columnMissing } from '../../pipelines/faults.ts';
import { serviceMisfit } from '../faults.ts';
import { judgeService, type ServiceVerdict } from '../../pipelines/scores/service.ts';
import { readSettings } from '../../pipelines/settings/read.ts';
import { decimal } from '../../registry/base/decimal.ts';
import { decideRollBack } from '../../registry/decide/roll-back.ts';
import type { ServiceEvidence } from '../../registry/schema/event.ts';
import { Channel, ModelName } from '../../registry/schema/model.ts';
import type { VersionState } from '../../registry/schema/state.ts';
import { coolsUntil, modelOf } from '../../registry/state/query.ts';
import { repositoryAt } from '../../registry/store/repository.ts';
import { tableOf } from './predict.ts';
import { served } from './service.ts';
import { defineVerb, EXIT, type Paint } from './verb.ts';
import { counted } from './words.ts';
import { decideIn, hideShelf, openWriter, openShelf, viewIn } from './workplace.ts';

const E_VALUE_MOST = 1e12;

const Input = z.strictObject({
  model: ModelName.describe('the model'),
  from: z
    .string()
    .describe('file of outcomes: columns `predicted` and `label`, and `version` where several serve'),
  on: Channel.default('production').describe('the channel'),
  slack: z.coerce
    .number()
    .pipe(z.number().min(0).max(0.5))
    .default(0.02)
    .describe('how much worse service may be than promised, as a share'),
  alpha: z.coerce
    .number()
    .pipe(z.number().gt(0).max(0.2))
    .default(0.01)
    .describe('chance of ever taking back a version that keeps its promise'),
  cooldown: z.coerce
    .number()
    .pipe(z.number().min(0).max(8760))
    .default(24)
    .describe('hours after an automatic rollback in which no other is made; 0 for none'),
});
type Input = z.infer<typeof Input>;

export const observe = defineVerb({
  name: 'observe',
  says: 'Takes in live outcomes, and rolls back a version that breaks its promise.',
  words: ['model'],
  input: Input,
  writes: true,
  examples: ['fettle observe digits --from outcomes.csv'],

  async run(context, input) {
    const { top } = await repositoryAt(context.folder);
    const ledger = await openWriter(context, (await readSettings(top)).registry.remote);
    const known = modelOf((await viewIn(ledger)).state, input.model);
    const version = served(known, input.on);
    const file = path.resolve(context.folder, input.from);
    const errors = await errorsIn(file, { model: input.model, version: version.version });
    const judged = judgeService({
      errors,
      promisedErrorMax: promiseOf(version),
      slack: input.slack,
      alpha: input.alpha,
    });
    if (!judged.fails) {
      return told({
        input,
        version,
        judged,
        n: errors.length,
        to: null,
        coolingUntil: null,
        dryRun: context.dryRun,
      });
    }

    const shelf = await openShelf(context, ledger.repository);
    if (!context.dryRun) await hideShelf(shelf);
    const kind = 'outcomes' as const;
    const bytes = await readFile(file);
    const outcomes = context.dryRun ? null : await shelf.store.put(kind, bytes);
    const evidence = outcomes === null ? null : evidenceOf(judged, { errors, alpha: input.alpha, outcomes });
    const ask = { model: input.model, channel: input.on, to: null, from: version.version, automatic: true };
    const reason = reasonOf(judged, errors.length);
    const coolDown = { ms: input.cooldown * 3_600_000, now: context.now() };
    const coolingUntil = coolsUntil(known, input.on, coolDown);
    const [back] = await decideIn(ledger, context, (state) =>
      decideRollBack(state, { ...ask, reason, evidence, coolDown }),
    );
    const to = back?.type === 'model.rolled-back' ? back.body.to : null;
    return told({ input, version, judged, n: errors.length, to, coolingUntil, dryRun: context.dryRun });
  },
});

/** What its held-out items promised: one minus the low end of the accuracy's interval. */
function promiseOf({ evaluation }: VersionState): number {
  const accuracy = evaluation?.metrics.find(({ name }) => name === 'accuracy');
  return 1 - Number(accuracy?.interval?.low ?? accuracy?.value ?? 0.5);
}

async function errorsIn(
  file: string,
  of: { readonly model: string; readonly version: string },
): Promise<readonly boolean[]> {
  const { columns, rows } = await tableOf(file);
  const source = path.basename(file);
  for (const column of ['predicted', 'label']) {
    if (!columns.includes(column)) throw columnMissing({ source, column, role: column, columns });
  }
  const mine = columns.includes('version')
    ? rows.filter(({ cells }) => cells['version'] === of.version)
    : rows;
  if (mine.length === 0) throw serviceMisfit({ source, ...of });
  return mine.map(({ cells }) => cells['predicted'] !== cells['label']);
}

interface Seen {
  readonly errors: readonly boolean[];
  readonly alpha: number;
  readonly outcomes: ServiceEvidence['outcomes'];
}

function evidenceOf(judged: ServiceVerdict, { errors, alpha, outcomes }: Seen): ServiceEvidence {
  const { errorCount, errorRateMax, sequence } = judged;
  const detectedAt = (sequence.passedAt ?? errors.length - 1) + 1;
  return {
    outcomes,
    n: errors.length,
    errors: errorCount,
    expectedErrorMax: decimal(errorRateMax),
    eValue: decimal(Math.min(E_VALUE_MOST, sequence.peak), 1),
    detectedAt,
    errorsThen: errors.slice(0, detectedAt).filter(Boolean).length,
    alpha: decimal(alpha, 12),
  };
}

function reasonOf({ errorCount, errorRateMax, sequence }: ServiceVerdict, n: number): string {
  const evidence = sequence.peak >= E_VALUE_MOST ? 'over 10^12' : sequence.peak.toPrecision(3);
  return (
    `${errorCount} of ${n} live outcomes wrong, promised at most ${(errorRateMax * 100).toFixed(1)}%; ` +
    `e-value ${evidence}, seen after ${(sequence.passedAt ?? 0) + 1} outcomes`
  );
}

interface Telling {
  readonly input: Input;
  readonly version: VersionState;
  readonly judged: ServiceVerdict;
  readonly n: number;
  readonly to: string | null;
  /** Why it was left in service all the same; null where it was not. */
  readonly coolingUntil: string | null;
  readonly dryRun: boolean;
}

function told(telling: Telling) {
  const { input, version, judged, n, to, coolingUntil, dryRun } = telling;
  const { errorCount, errorRateMax, sequence, fails } = judged;
  return {
    data: {
      model: input.model,
      version: version.version,
      channel: input.on,
      outcomes: n,
      errors: errorCount,
      errorRateMax,
      eValue: Math.min(E_VALUE_MOST, sequence.peak),
      detectedAt: fails ? (sequence.passedAt ?? 0) + 1 : null,
      rolledBackTo: to,
      coolingUntil,
      dryRun,
    },
    text: (paint: Paint) => textOf(telling, paint),
    exit: fails ? EXIT.refused : EXIT.done,
  };
}

function textOf({ input, version, judged, n, to, coolingUntil, dryRun }: Telling, paint: Paint): string {
  const name = paint.bold(`${input.model}@${version.version}`);
  if (!judged.fails) {
    const rate = `${judged.errorCount} of ${counted(n, 'live outcome')} wrong`;
    return `${name} ${paint.good('keeps its promise')}: ${rate}, promised at most ${(judged.errorRateMax * 100).toFixed(1)}%.`;
  }
  const verb = dryRun ? 'would serve' : 'serves';
  const back =
    coolingUntil !== null
      ? `${input.on} was rolled back automatically lately and is left alone until ${coolingUntil}: a person decides (\`fettle rollback ${input.model}\`).`
      : to === null
        ? 'It serves no more already.'
        : `${input.on} ${verb} ${paint.bold(`${input.model}@${to}`)} again.`;
  return `${name} ${paint.bad('breaks its promise')}: ${reasonOf(judged, n)}.\n${back}`;
}
