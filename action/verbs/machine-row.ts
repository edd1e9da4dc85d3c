/** What a machine elsewhere gave, as a row of a comparison: its queue, its dollars and its shots count. */
import { bitsOfIndex } from '../../pipelines/quantum/counts.ts';
import { energyOf } from '../../pipelines/solvers/qubo.ts';
import type { Reduced } from '../../pipelines/solvers/reduce.ts';
import type { Elsewhere } from './optimise-elsewhere.ts';
import type { MachineRow } from './solver-contest.ts';

/** Microdollars in a dollar. */
const MICRO = 1e6;

/** Null where no machine gave anything, nobody measured how long it took, or there was more than one circuit. */
export function machineRow(parts: Reduced, elsewhere: Elsewhere): MachineRow | null {
  const { by, real, spent, measured, trial } = elsewhere;
  const [part, ...others] = parts.parts;
  const [counts] = measured?.counts ?? [];
  if (measured === null || part === undefined || counts === undefined || others.length > 0) return null;
  const energies = new Map<number, number>();
  for (const [index, times] of counts.times) {
    const energy = parts.offset + energyOf(part.qubo, bitsOfIndex(index, counts.n));
    energies.set(energy, (energies.get(energy) ?? 0) + times);
  }
  return {
    by,
    says: 'QAOA on a machine elsewhere.',
    kind: real ? 'quantum' : 'simulated',
    attempt: {
      energies: [...energies].sort(([a], [b]) => a - b),
      setupMs: measured.tuningMs,
      attemptMs: measured.ranMs / counts.shots,
      queueMs: measured.queueMs,
      evaluations: trial?.evaluations ?? 0,
      shots: counts.shots,
      // Fees and all, shared out among the shots that they bought.
      dollars: { setup: 0, attempt: spent / MICRO / counts.shots },
      certain: false,
    },
  };
}
