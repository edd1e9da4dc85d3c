/** `fettle optimise --compare`: every solver on the same problem under the same budget, told below the answer. */
import { quantumBenchmark } from '../../pipelines/recipes/quantum-benchmark.ts';
import { comparisonTold } from './comparison-told.ts';
import { contest, contestAside, type MachineRow } from './solver-contest.ts';
import type { Told, VerbContext } from './verb.ts';
import { openWorkshop } from './workshop.ts';

export interface BesideAsk {
  readonly file: string;
  readonly seed: number;
  /** Keeps the comparison in the registry that lies here. */
  readonly record: boolean;
  /** Null where no machine elsewhere gave anything that can be compared. */
  readonly machine: MachineRow | null;
  /** The service that was asked, where one was. */
  readonly runner?: string | undefined;
}

const ABSENT =
  'No machine takes part: none answered, its answer was bought before, or the problem fell into several circuits.';

/** @throws problemUnfit where the problem is too large for the truth about it; and notARepository to record in */
export async function toldBeside(context: VerbContext, answer: Told, ask: BesideAsk): Promise<Told> {
  const { file: from, seed, record, machine, runner } = ask;
  const asked = { recipe: quantumBenchmark, from, seed, machine: machine ?? undefined };
  const beside = record
    ? await contest(context, (await openWorkshop(context)).shop, asked)
    : comparisonTold({ found: await contestAside(context, asked), data: {}, notes: [] });
  return {
    ...answer,
    data: { ...Object(answer.data), comparison: beside.data },
    text: (paint) =>
      [
        answer.text(paint),
        '',
        paint.bold('Every solver beside the others'),
        ...(runner !== undefined && machine === null ? [paint.warn(ABSENT)] : []),
        beside.text(paint),
      ].join('\n'),
  };
}
