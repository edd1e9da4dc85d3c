/** What `fettle optimise` can be asked, and which of it concerns a machine elsewhere. */
import * as z from 'zod';
import { FIXED_DEPTH_MOST } from '../../pipelines/quantum/angles.ts';
import { ANGLE_SOURCES, CIRCUITS } from '../../pipelines/quantum/trial.ts';
import { SOLVERS } from '../../pipelines/solvers/index.ts';
import { inputWrong } from '../faults.ts';

/** Loaded only when it is asked for: its package is large, and need not be installed. */
export const MIP = 'mip';
const NAMES = ['auto', ...SOLVERS.map(({ name }) => name), MIP] as const;

/** Services that run circuits. */
const RUNNERS = ['braket', 'ibm-quantum'] as const;
export type RunnerName = (typeof RUNNERS)[number];

const count = (least: number, most: number) => z.coerce.number().pipe(z.int().min(least).max(most));

export const OptimiseInput = z.strictObject({
  file: z.string().describe('a graph of the Gset, a QUBO file of qbsolv, or a CNF or WCNF of DIMACS'),
  solver: z
    .enum(NAMES)
    .default('auto')
    .describe('`auto` searches small parts whole and anneals large ones; `mip` wants the package highs'),
  seed: count(0, 2 ** 31)
    .default(1)
    .describe('the same seed gives the same answer on every machine'),
  flips: count(1, 1e11)
    .default(200_000_000)
    .describe('how many flips the solver may weigh; it stops where the best known value is found'),
  qubits: count(0, 20).default(14).describe('the largest part that is simulated; 0 for none'),
  circuit: z
    .enum(CIRCUITS)
    .default('qaoa')
    .describe('what is simulated: the approximate optimizer, or the eigensolver'),
  angles: z
    .enum(ANGLE_SOURCES)
    .default('interp')
    .describe('where the angles of QAOA come from: published, a ramp, or from depth to depth'),
  depth: count(1, FIXED_DEPTH_MOST).default(3).describe('layers of the simulated circuit'),
  share: z.coerce
    .number()
    .pipe(z.number().positive().max(1))
    .default(1)
    .describe('the share of the best shots that the angles of QAOA are tuned for; 1 for all'),
  shots: count(1, 1_000_000).default(1000).describe('measurements of the circuit'),
  compare: z
    .boolean()
    .default(false)
    .describe('also tell every solver beside the others, as `quantum-benchmark` does; up to 20 variables'),
  record: z.boolean().default(false).describe('compare, and keep the comparison in the registry'),
  runner: z
    .enum(RUNNERS)
    .optional()
    .describe('a service whose machines run the circuit; without it, it is simulated here'),
  device: z
    .string()
    .optional()
    .describe(
      'its machine, such as Garnet or ibm_fez; without it, a simulator of Braket, or the machine that the settings name',
    ),
  spendMost: z.coerce
    .number()
    .pipe(z.number().min(0).max(1e6))
    .optional()
    .describe('dollars that the service may cost at most; `--runner` wants it'),
  attempt: count(1, 1_000_000)
    .default(1)
    .describe('another number buys another answer; the same words buy once'),
  wait: z.coerce
    .number()
    .pipe(z.number().positive().max(10_080))
    .default(30)
    .describe('minutes after which a machine elsewhere is given up'),
});
type OptimiseInput = z.infer<typeof OptimiseInput>;

export type ElsewhereAsk = Pick<
  OptimiseInput,
  'device' | 'attempt' | 'wait' | 'seed' | 'flips' | 'angles' | 'depth' | 'share' | 'shots' | 'qubits'
> & {
  readonly runner: RunnerName;
  /** Dollars. */
  readonly spendMost: number;
};

/** Null where circuits are simulated here. @throws inputWrong */
export function elsewhereAsk(input: OptimiseInput): ElsewhereAsk | null {
  const { runner, spendMost, circuit } = input;
  const wrong = (name: string, wanted: string, found: string): Error =>
    inputWrong({ verb: 'optimise', name, wanted, found });
  if (runner === undefined) return null;
  if (spendMost === undefined) throw wrong('`--spend-most`', 'dollars that may be spent', 'nothing');
  if (circuit !== 'qaoa') {
    throw wrong('`--circuit`', '`qaoa`, which machines elsewhere run', `\`${circuit}\``);
  }
  return { ...input, runner, spendMost };
}
