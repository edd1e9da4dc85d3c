/** How the end of a run is told: verdict first, then every gate with its reason. */
import { promoteCommand } from '../../registry/report/story.ts';
import { plain } from '../../registry/report/words.ts';
import type { VersionState } from '../../registry/schema/state.ts';
import { scoredText } from './scored.ts';
import { fateOf, type Fate, type Trained } from './training.ts';
import { EXIT, type Paint, type Told } from './verb.ts';
import { counted, metricText } from './words.ts';

export interface RunTold extends Told {
  readonly data: {
    readonly dryRun: boolean;
    readonly candidates: readonly unknown[];
    readonly cvMacroF1Mean: number | null;
  };
}

export function runTold(trained: readonly Trained[], dryRun: boolean): RunTold {
  const fates = trained.map(fateOf);
  const mean = meanFold(trained);
  return {
    data: {
      dryRun,
      candidates: trained.map((one, index) => candidateData(one, fates[index] ?? 'held')),
      cvMacroF1Mean: mean,
    },
    text: (paint) => {
      const parts = trained.length === 1 ? trained.map((one) => single(one, paint)) : [many(trained, paint)];
      parts.push(...leftOutLines(trained, paint));
      const [folds = null] = trained.length === 1 ? trained.map((one) => one.folds) : [];
      if (folds !== null) parts.push(paint.dim('Cross-validated:'), scoredText(folds, paint));
      if (mean !== null && trained.length > 1) {
        parts.push(
          `mean cross-validated macro-F1 ${paint.bold(mean.toFixed(4))} over ${counted(trained.length, 'model')}`,
        );
      }
      if (dryRun) parts.push(paint.dim('Dry run: nothing was recorded.'));
      return parts.join('\n');
    },
    reason: reasonOf(trained, fates),
    exit: fates.some((fate) => fate === 'refused' || fate === 'held') ? EXIT.refused : EXIT.done,
  };
}

function leftOutLines(trained: readonly Trained[], paint: Paint): readonly string[] {
  return trained.flatMap(({ model, leftOut }) =>
    leftOut.map(({ name, why }) => paint.warn(`${model.model}: ${name} was left out: ${why}`)),
  );
}

/** The word of the candidate that most needs a person. */
function reasonOf(trained: readonly Trained[], fates: readonly Fate[]): string {
  if (trained.length > 0 && trained.every(({ known }) => known)) return 'known_already';
  if (fates.includes('refused')) return 'refused';
  if (fates.includes('held')) return 'held';
  if (fates.includes('serves')) return 'promoted';
  return 'passed';
}

function candidateData({ version, model, known, tookMs, closed, folds, leftOut }: Trained, fate: Fate) {
  return {
    model: model.model,
    version: version.version,
    fate,
    known,
    tookMs,
    run: version.lineage?.run ?? null,
    artifacts: version.artifacts,
    metrics: version.evaluation?.metrics ?? [],
    verdict: version.verdict,
    closed: fate === 'held' && passed(version) ? closed : null,
    folds,
    leftOut,
  };
}

const MARKS = { pass: 'good', fail: 'bad', investigate: 'warn' } as const;
const FATES = { serves: 'good', served: 'good', passed: 'good', held: 'warn', refused: 'bad' } as const;

function headline(one: Trained, paint: Paint): string {
  const { version, model, known } = one;
  const fate = fateOf(one);
  const name = paint.bold(`${model.model}@${version.version}`);
  const against = version.verdict?.against ?? null;
  const story = {
    serves: against === null ? 'serves, the first version' : `serves, in place of ${against}`,
    served: 'has served',
    passed: `passed every gate${waitsFor(version)}; promote it with \`fettle promote\``,
    held: passed(version) ? 'passed every gate, and is held' : 'held: the evidence is too thin to promote it',
    refused: against === null ? 'refused' : `refused; ${against} still serves`,
  }[fate];
  return `${name} ${paint[FATES[fate]](story)}${known ? paint.dim(' (this run was recorded before)') : ''}`;
}

function waitsFor({ verdict }: VersionState): string {
  const demand = verdict?.approvals;
  return demand === undefined ? '' : `, and waits for ${counted(demand.count, 'approval')}`;
}

function single(one: Trained, paint: Paint): string {
  const { version } = one;
  const gates = version.verdict?.gates ?? [];
  const lines = gates.map(
    ({ gate, answer, reason }) => `  ${paint[MARKS[answer]](answer.padEnd(11))} ${gate}: ${reason}`,
  );
  const closed = closedText(one);
  const held = closed === null ? [] : [`  ${paint.warn(closed)}`];
  return [headline(one, paint), `  ${scoresOf(version)}`, ...lines, ...held].join('\n');
}

function passed({ verdict }: VersionState): boolean {
  return verdict !== null && verdict.gates.every(({ answer }) => answer === 'pass');
}

/** Who closed what, and how to promote the version after that; null where it is not held for this. */
function closedText(one: Trained): string | null {
  const { version, model, closed } = one;
  if (closed === null || fateOf(one) !== 'held' || !passed(version)) return null;
  const { what, by, reason, channel } = closed;
  const next = promoteCommand(model.model, version.version, channel);
  return `${what} by ${plain(by)}: ${plain(reason)}. Once that ends: ${next}`;
}

function scoresOf(version: VersionState): string {
  const folds = metricText(version, 'cv_macro_f1');
  const onTheWay = metricText(version, 'prequential_macro_f1');
  const parts = [
    `accuracy ${metricText(version, 'accuracy')}`,
    `macro-F1 ${metricText(version, 'macro_f1')}`,
  ];
  if (folds !== '') parts.push(`cross-validated macro-F1 ${folds}`);
  if (onTheWay !== '') parts.push(`prequential macro-F1 ${onTheWay}`);
  return parts.join(', ');
}

function many(trained: readonly Trained[], paint: Paint): string {
  const rows = trained.map((one) => {
    const { version, model } = one;
    const open = version.verdict?.gates.find(({ answer }) => answer !== 'pass');
    const why = open === undefined ? (closedText(one) ?? '') : `${open.gate}: ${open.reason}`;
    const scores = ['cv_macro_f1', 'macro_f1', 'accuracy'].map((name) => metricText(version, name));
    return [`${model.model}@${version.version}`, ...scores, fateOf(one), why];
  });
  return paint.table([['model', 'cv macro-F1', 'held-out macro-F1', 'accuracy', 'fate', 'why'], ...rows]);
}

/** Mean over the models, or over one model's projects, of cross-validated macro-F1; null where there is none. */
function meanFold(trained: readonly Trained[]): number | null {
  const values = trained.flatMap(({ version, folds }) => {
    if (folds !== null && folds.meanMacroF1 !== null) return [folds.meanMacroF1];
    const metric = version.evaluation?.metrics.find(({ name }) => name === 'cv_macro_f1');
    return metric === undefined ? [] : [Number(metric.value)];
  });
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
