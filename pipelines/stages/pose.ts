/** A published problem, or none -> the problems that solvers are compared on; without one, the standing set. */
import * as z from 'zod';
import { encodeProblems, type NamedProblem } from '../artifacts/problems.ts';
import { problemUnfit } from '../faults.ts';
import { standingProblems } from '../quantum/problem-set.ts';
import { readProblem } from '../solvers/problem-files.ts';
import { couplingsOf, hashOf, type Qubo } from '../solvers/qubo.ts';
import { defineStage, optional } from './stage.ts';

/** A state of so many qubits is 16 MiB, and the truth about them takes a millisecond. */
const VARIABLES_MOST = 20;

export const pose = defineStage({
  name: 'pose',
  version: 1,
  takes: { source: optional('source') },
  gives: { problems: 'problems' },
  /** Name of the source, for messages and for the problem; null where there is none. */
  params: z.strictObject({ name: z.string().nullable() }),
  reaches: 'nothing',

  async perform({ readIfAny, write, seed }, { name }) {
    const bytes = await readIfAny('source');
    if (bytes === null) {
      const posed = standingProblems(seed);
      await write('problems', encodeProblems(posed.map(({ qubo, ...named }) => namedProblem(named, qubo))));
      return;
    }
    const file = name ?? 'source';
    const { says, qubo } = readProblem(file, Buffer.from(bytes).toString('utf8'));
    if (qubo.n < 1 || qubo.n > VARIABLES_MOST) {
      const wanted = `1 to ${VARIABLES_MOST} variables, since all solvers must take it and the truth be known`;
      throw problemUnfit({ where: file, wanted, found: String(qubo.n) });
    }
    await write('problems', encodeProblems([namedProblem({ name: file, says }, qubo)]));
  },
});

function namedProblem(named: Pick<NamedProblem, 'name' | 'says'>, qubo: Qubo): NamedProblem {
  const { n, offset, linear } = qubo;
  return { ...named, hash: hashOf(qubo), n, offset, linear: [...linear], couplings: [...couplingsOf(qubo)] };
}
