/** What one of IBM's machines is: its gates, the links between its qubits, its queue, and programs that fit it. */
import * as z from 'zod';
import { lineOf, type Link } from '../quantum/line.ts';
import { nativeCircuit } from '../quantum/native.ts';
import { nativeQasm } from '../quantum/open-qasm.ts';
import { placedCircuit } from '../quantum/placed.ts';
import type { QaoaProgram } from './circuit-runner.ts';
import { circuitUnfit } from './faults.ts';

export const Configuration = z.object({
  n_qubits: z.int().positive(),
  basis_gates: z.array(z.string()),
  coupling_map: z.array(z.tuple([z.int().min(0), z.int().min(0)])),
  simulator: z.boolean().nullish(),
  max_shots: z.int().positive().nullish(),
  /** Microseconds between two shots. */
  default_rep_delay: z.number().min(0).nullish(),
});

export const Properties = z.object({
  gates: z.array(
    z.object({
      gate: z.string(),
      qubits: z.array(z.int()),
      parameters: z.array(z.object({ name: z.string(), value: z.number() })),
    }),
  ),
});

export const Status = z.object({
  /** Whether it takes jobs. */
  state: z.boolean().nullish(),
  status: z.string().nullish(),
  message: z.string().nullish(),
  length_queue: z.int().min(0),
});

export interface IbmMachine {
  readonly name: string;
  readonly qubits: number;
  readonly links: readonly Link[];
  readonly gates: ReadonlySet<string>;
  readonly shotsMost: number;
  /** Microseconds between two shots. */
  readonly delayUs: number;
  readonly queue: number;
  /** Why it takes no jobs; null where it does. */
  readonly closed: string | null;
}

interface MachineParts {
  readonly configuration: z.infer<typeof Configuration>;
  readonly properties: z.infer<typeof Properties> | null;
  readonly status: z.infer<typeof Status>;
}

/** Where the machine does not tell. */
const SHOTS_MOST = 100_000;
const DELAY_US = 250;

export function machineOf(name: string, { configuration, properties, status }: MachineParts): IbmMachine {
  const errors = new Map(
    (properties?.gates ?? [])
      .filter(({ gate }) => gate === 'cz')
      .map(({ qubits, parameters }) => [
        pairName(qubits),
        parameters.find((parameter) => parameter.name === 'gate_error')?.value ?? 0,
      ]),
  );
  return {
    name,
    qubits: configuration.n_qubits,
    links: configuration.coupling_map.map((qubits) => ({ qubits, error: errors.get(pairName(qubits)) ?? 0 })),
    gates: new Set(configuration.basis_gates),
    shotsMost: configuration.max_shots ?? SHOTS_MOST,
    delayUs: configuration.default_rep_delay ?? DELAY_US,
    queue: status.length_queue,
    closed: status.state === false ? (status.message ?? status.status ?? 'not in operation') : null,
  };
}

/** A cz goes both ways, and properties may name it by either. */
function pairName(qubits: readonly number[]): string {
  return [...qubits].sort((a, b) => a - b).join();
}

const NEEDED = ['cz', 'rz', 'sx', 'x'];
const FRACTIONAL = ['rx', 'rzz'];

/**
 * Each circuit on the best line of qubits that was found for it, in gates of the machine.
 *
 * @throws circuitUnfit where the machine has other gates or no such line
 */
export function nativePrograms(
  machine: IbmMachine,
  programs: readonly QaoaProgram[],
  { fractional }: { readonly fractional: boolean },
): readonly string[] {
  const { name: device, gates, links } = machine;
  const needed = fractional ? [...NEEDED, ...FRACTIONAL] : NEEDED;
  const missing = needed.filter((gate) => !gates.has(gate));
  if (missing.length > 0) {
    const found = `a machine without ${missing.join(' and ')}`;
    throw circuitUnfit({ device, wanted: `the gates ${needed.join(', ')}`, found });
  }
  const lines = new Map<number, readonly number[] | null>();
  return programs.map(({ problem, angles }) => {
    const line = lines.get(problem.n) ?? lineOf(links, problem.n);
    lines.set(problem.n, line);
    if (line === null) {
      throw circuitUnfit({ device, wanted: `a line of ${problem.n} qubits`, found: 'none on this machine' });
    }
    return nativeQasm(nativeCircuit(placedCircuit(problem, { angles, line }), { fractional }));
  });
}
