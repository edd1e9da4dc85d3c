/** What each phase of the forge is asked for, as data, and the verdict on what it measured. */

export interface Asked {
  readonly phase: string;
  /** Of `measured` of the phase. */
  readonly measure: string;
  /** One sentence: what the number is. */
  readonly says: string;
  readonly limit: { readonly least: number } | { readonly most: number };
  readonly unit: 'share' | 'times' | 'bytes' | 'milliseconds' | 'generations';
  /** Whether a lineage ends where it is not met; else it is told, and the next phase goes on. */
  readonly stops: boolean;
}

/** In the order of the phases; a phase that no recipe performs is asked all the same, and told as not built. */
export const ASKED: readonly Asked[] = [
  {
    phase: 'create',
    measure: 'parameters-off',
    says: 'parameters in the written file, off the number asked for',
    limit: { most: 0.01 },
    unit: 'share',
    stops: true,
  },
  {
    phase: 'create',
    measure: 'specialisation',
    says: 'how much better each model is in its own domain than in the others, relative to its own',
    limit: { least: 0.8 },
    unit: 'share',
    stops: true,
  },
  {
    phase: 'merge',
    measure: 'generations',
    says: 'generations until the best merge was found',
    limit: { most: 49 },
    unit: 'generations',
    stops: true,
  },
  {
    phase: 'merge',
    measure: 'error-reduction',
    says: 'errors of the best parent on the sealed test that the merge does not make',
    limit: { least: 0.2 },
    unit: 'share',
    stops: true,
  },
  {
    phase: 'merge',
    measure: 'diversity',
    says: 'mean share of validation digits in which two of the merges that the search kept differ',
    limit: { least: 0.3 },
    unit: 'share',
    stops: false,
  },
  {
    phase: 'thinking',
    measure: 'reasoning-gain',
    says: 'relative gain in accuracy over a model of the same size that does not think first',
    limit: { least: 0.15 },
    unit: 'share',
    stops: false,
  },
  {
    phase: 'thinking',
    measure: 'coherence',
    says: 'thoughts that make their answer likelier',
    limit: { least: 0.7 },
    unit: 'share',
    stops: false,
  },
  {
    phase: 'ternary',
    measure: 'kept',
    says: 'accuracy of the written ternary file, of that of the model after as many steps in floats',
    limit: { least: 0.95 },
    unit: 'share',
    stops: true,
  },
  {
    phase: 'ternary',
    measure: 'ratio',
    says: 'bytes of the model in 32-bit floats, of bytes of the ternary file',
    limit: { least: 10 },
    unit: 'times',
    stops: true,
  },
  {
    phase: 'training',
    measure: 'loss-fall',
    says: 'fall of the held-out loss of the new task',
    limit: { least: 0.5 },
    unit: 'share',
    stops: true,
  },
  {
    phase: 'training',
    measure: 'in-band',
    says: 'steps after the warm-up, while a harder level is left, with 55% to 75% of the answers right',
    limit: { least: 0.9 },
    unit: 'share',
    stops: false,
  },
  {
    phase: 'training',
    measure: 'forgetting-avoided',
    says: 'what is forgotten of the old tasks without verified replay, and not forgotten with it',
    limit: { least: 0.3 },
    unit: 'share',
    stops: false,
  },
  {
    phase: 'training',
    measure: 'synthetic',
    says: 'rows that the model made itself',
    limit: { most: 0.2 },
    unit: 'share',
    stops: true,
  },
  {
    phase: 'baking',
    measure: 'agreement',
    says: 'test items that are answered without the prompt as the teacher answers them with it',
    limit: { least: 0.9 },
    unit: 'share',
    stops: true,
  },
  {
    phase: 'baking',
    measure: 'tools',
    says: 'tool tasks whose call is well-formed and whose result is right, the tool having been run',
    limit: { least: 0.9 },
    unit: 'share',
    stops: false,
  },
  {
    phase: 'experts',
    measure: 'change',
    says: 'relative change of the weights by the blended experts',
    limit: { most: 0.05 },
    unit: 'share',
    stops: false,
  },
  {
    phase: 'compression',
    measure: 'bytes',
    says: 'bytes of the final file',
    limit: { most: 100_000_000 },
    unit: 'bytes',
    stops: true,
  },
  {
    phase: 'compression',
    measure: 'kept',
    says: 'accuracy of the final file, read again from the disk, of what the model had before',
    limit: { least: 0.95 },
    unit: 'share',
    stops: true,
  },
  {
    phase: 'latency',
    measure: 'p95-ms',
    says: 'milliseconds for one answer, 95th percentile, one thread',
    limit: { most: 50 },
    unit: 'milliseconds',
    stops: true,
  },
];

export type Answer = 'met' | 'not met' | 'not measured';

export interface AskedVerdict extends Asked {
  readonly found: number | null;
  readonly answer: Answer;
}

/** What was asked of a phase, beside what it measured. Pure: the same numbers give the same verdicts. */
export function verdictsOn(
  phase: string,
  measured: Readonly<Record<string, number>>,
): readonly AskedVerdict[] {
  return ASKED.filter((asked) => asked.phase === phase).map((asked) => {
    const found = measured[asked.measure] ?? null;
    return { ...asked, found, answer: answerOf(asked, found) };
  });
}

/** What is asked of phases that are none of these. */
export function unbuiltBeside(phases: readonly string[]): readonly Asked[] {
  return ASKED.filter(({ phase }) => !phases.includes(phase));
}

function answerOf({ limit }: Asked, found: number | null): Answer {
  if (found === null || Number.isNaN(found)) return 'not measured';
  const met = 'least' in limit ? found >= limit.least : found <= limit.most;
  return met ? 'met' : 'not met';
}

/** The first verdict that ends a lineage; null where it may go on. */
export function stopIn(verdicts: readonly AskedVerdict[]): AskedVerdict | null {
  return verdicts.find(({ stops, answer }) => stops && answer !== 'met') ?? null;
}
