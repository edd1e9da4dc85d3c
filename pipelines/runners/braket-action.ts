/** A job as tasks of Amazon Braket: its programs in OpenQASM, as many as the machine takes under one fee. */
import { digestOf, hexOf } from '../../registry/base/digest.ts';
import { openQasm } from '../quantum/open-qasm.ts';
import type { ProgramSets } from './braket-device.ts';
import type { CircuitJob, QaoaProgram } from './circuit-runner.ts';
import type { Purchase } from './claims.ts';

const PROGRAM = 'braket.ir.openqasm.program';
const PROGRAM_SET = 'braket.ir.openqasm.program_set';

export interface Task {
  /** JSON, as the service takes it. */
  readonly action: string;
  /** Of all its programs together. */
  readonly shots: number;
}

/** Programs that go together, in order; sets of the machine's size, or each alone. */
export function groupsOf(
  { programs, shots }: CircuitJob,
  sets: ProgramSets | null,
): readonly (readonly number[])[] {
  const most = sets === null ? 1 : Math.min(sets.programsMost, Math.floor(sets.shotsMost / shots));
  const all = [...programs.keys()];
  const size = Math.max(1, most);
  const groups = Array.from({ length: Math.ceil(all.length / size) }, (_, at) =>
    all.slice(at * size, (at + 1) * size),
  );
  // A set that is too small for the machine goes as single programs.
  return groups.flatMap((group) =>
    group.length > 1 && group.length * shots < (sets?.shotsLeast ?? 1) ? group.map((one) => [one]) : [group],
  );
}

/** @param group  places of programs in the job */
export function taskOf({ programs, shots }: CircuitJob, group: readonly number[]): Task {
  const told = group.flatMap((at) => programs[at] ?? []).map(programText);
  const [only] = told;
  return {
    action: JSON.stringify(
      told.length === 1 && only !== undefined
        ? only
        : { braketSchemaHeader: header(PROGRAM_SET), programs: told },
    ),
    shots: shots * told.length,
  };
}

function programText({ problem, angles }: QaoaProgram) {
  return { braketSchemaHeader: header(PROGRAM), source: openQasm(problem, angles, 'braket'), inputs: {} };
}

function header(name: string) {
  return { name, version: '1' };
}

/** What makes a second request the first one: 64 hex digits of all that would make it another purchase. */
export function purchaseOf(job: CircuitJob, device: string, group: readonly number[]): Purchase {
  const { action, shots } = taskOf(job, group);
  const words = [job.run, job.attempt, device, group.join(' '), shots, action];
  return { programs: [...group], token: hexOf(digestOf(words.join('|'))), id: null };
}
