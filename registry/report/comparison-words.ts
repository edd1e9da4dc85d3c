/** How a comparison of solvers is said: its rows as cells, and what must be known to read them. */
import type { Optimisation, SolverKind, SolverRow, Span } from '../schema/optimisation.ts';
import { clauseOf, counted, durationText, grouped, percent, restOf } from './words.ts';

export const KIND_WORDS: Readonly<Record<SolverKind, string>> = {
  exact: 'exact',
  chance: 'blind chance',
  classical: 'classical',
  simulated: 'simulated quantum',
  quantum: 'quantum',
};

/** `0.21 ms`, `12.4 s`; for a time that may be far below a millisecond. */
export function msText(ms: number): string {
  if (ms >= 1000) return durationText(ms);
  return `${ms < 10 ? Number(ms.toPrecision(2)) : ms.toFixed(0)} ms`;
}

/** `0.21 ms (0.20 to 0.35)`; what has no upper end is told as that. */
export function spanText({ value, low, high }: Span): string {
  if (value === null) return low === null ? 'never found' : `never found (over ${msText(Number(low))})`;
  const told = msText(Number(value));
  if (low === null && high === null) return told;
  return `${told} (${endText(low)} to ${endText(high)})`;
}

function endText(end: string | null): string {
  return end === null ? 'no end' : msText(Number(end));
}

/** `97.9%`, `0.02%`: a small chance is not none. */
export function chanceText(chance: number): string {
  if (chance === 0) return 'none';
  return chance < 0.001 ? `${Number((100 * chance).toPrecision(1))}%` : percent(chance);
}

/** `1.0×`, `25×`, `4,100×`. */
export function slowerText({ slower, kind }: Pick<SolverRow, 'slower' | 'kind'>): string {
  if (slower === null) return kind === 'exact' || kind === 'classical' ? '–' : 'never';
  if (slower.value === null) return 'never';
  const times = Number(slower.value);
  return `${times >= 10 ? grouped(Math.round(times)) : times.toPrecision(2)}×`;
}

interface Column {
  readonly name: string;
  readonly cell: (row: SolverRow, found: Optimisation) => string;
  /** Left out where no row has anything to tell. */
  readonly when?: (row: SolverRow) => boolean;
}

const COLUMNS: readonly Column[] = [
  { name: 'solver', cell: ({ by }) => by },
  { name: 'kind', cell: ({ kind }) => KIND_WORDS[kind] },
  { name: 'solved', cell: ({ solved }, { problems }) => `${solved} of ${problems.length}` },
  { name: 'time to solution (95% CI)', cell: ({ tts }) => spanText(tts) },
  { name: 'best in one attempt', cell: ({ chance }) => chanceText(Number(chance)) },
  { name: 'mean ratio', cell: ({ ratio }) => Number(ratio).toFixed(3) },
  { name: 'beside classical', cell: slowerText },
  {
    name: 'circuits',
    cell: ({ evaluations }) => grouped(evaluations),
    when: ({ evaluations }) => evaluations > 0,
  },
  { name: 'shots', cell: ({ shots }) => grouped(shots), when: ({ shots }) => shots > 0 },
  { name: 'in a queue', cell: ({ queueMs }) => durationText(queueMs), when: ({ queueMs }) => queueMs > 0 },
  {
    name: 'dollars',
    cell: ({ dollars }) => (dollars === null ? '–' : Number(dollars).toPrecision(3)),
    when: ({ dollars }) => dollars !== null,
  },
];

/** The header first, then a row for each solver. */
export function comparisonRows(found: Optimisation): readonly (readonly string[])[] {
  const shown = COLUMNS.filter(({ when }) => when === undefined || found.rows.some(when));
  return [
    shown.map(({ name }) => name),
    ...found.rows.map((row) => shown.map(({ cell }) => cell(row, found))),
  ];
}

/** `No advantage: no quantum machine took part.` */
export function verdictText({ verdict }: Optimisation): string {
  const first = verdict.answer === 'advantage' ? 'Advantage' : 'No advantage';
  return `${first}: ${clauseOf(verdict.reason)}.`;
}

/** What stands behind the verdict; empty for nothing. */
export function behindText({ verdict }: Optimisation): string {
  const rest = restOf(verdict.reason);
  return rest === '' ? '' : `${rest[0]?.toUpperCase() ?? ''}${rest.slice(1)}.`;
}

/** `12 problems of 10 to 16 variables, 50 ms of the processor for each solver on each, seed 1.` */
export function termsText({ problems, budgetMs, seed }: Optimisation): string {
  const sizes = problems.map(({ n }) => n);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const variables = least === most ? counted(most, 'variable') : `${least} to ${counted(most, 'variable')}`;
  const budget = `${durationText(budgetMs)} of the processor for each solver on each`;
  return `${counted(problems.length, 'problem')} of ${variables}, ${budget}, seed ${seed}.`;
}

export const READING: readonly string[] = [
  'Time to solution: until the best was found with probability 99%, tuning of angles and waiting in queues included; the median over the problems.',
  'All time is that of a classical processor, unless a row is of the kind “quantum”: what a simulated circuit takes here says nothing of a quantum machine.',
  'Circuits are seen by shots alone, as a machine would be; the best of every problem is known, because the exact row proves it.',
  'Mean ratio: (worst − found)/(worst − best), over all attempts. Beside classical: how many times as long as the fastest classical solver of each problem, at the worse ends of both intervals.',
];
