/** What the stand-in for Amazon Braket leaves in the bucket: real answers of a simulator of its own, in documented forms. */
import { randomOf } from '../../pipelines/maths/random.ts';
import { Action, type Program } from './braket-shapes.ts';
import { ranQasm } from './qasm-simulator.ts';

/** How a machine words its answer. */
export interface Wording {
  readonly form: 'measurements' | 'probabilities';
  /** Qubits measured, in this order; null: 0, 1, 2, … */
  readonly order: readonly number[] | null;
  /** Whether a set's results lie in files of their own. */
  readonly apart: boolean;
  /** The program of a set that fails, by its place. */
  readonly failing: number | null;
}

export const PLAIN: Wording = { form: 'measurements', order: null, apart: false, failing: null };

export interface Answered {
  readonly arn: string;
  readonly deviceArn: string;
  readonly action: string;
  readonly shots: number;
  readonly seed: number;
}

const headed = (name: string) => ({
  braketSchemaHeader: { name: `braket.task_result.${name}`, version: '1' },
});

/** Files of the task's folder, by name. */
export function resultFiles(task: Answered, wording: Wording): ReadonlyMap<string, string> {
  const action = Action.parse(JSON.parse(task.action));
  const metadata = { id: task.arn, shots: task.shots, deviceId: task.deviceArn, status: 'COMPLETED' };
  if ('source' in action) {
    const measured = measuredBy(action, { ...task, wording });
    const result = { ...headed('gate_model_task_result'), ...measured, taskMetadata: metadata };
    return new Map([['results.json', JSON.stringify({ ...result, additionalMetadata: { action } })]]);
  }
  const files = new Map<string, string>();
  const shots = task.shots / action.programs.length;
  const programResults = action.programs.map((program, at) => {
    const executable = executableOf(program, { ...task, shots, seed: task.seed + at, wording, at });
    const name = `programs/${at}/executables/0.json`;
    if (wording.apart) files.set(name, JSON.stringify(executable));
    const result = {
      ...headed('program_result'),
      executableResults: [wording.apart ? name : executable],
      source: program,
      additionalMetadata: {},
    };
    if (!wording.apart) return result;
    files.set(`programs/${at}/results.json`, JSON.stringify(result));
    return `programs/${at}/results.json`;
  });
  const result = { ...headed('program_set_task_result'), programResults, taskMetadata: metadata };
  return files.set('results.json', JSON.stringify(result));
}

interface Running {
  readonly shots: number;
  readonly seed: number;
  readonly wording: Wording;
}

function executableOf(program: Program, running: Running & { readonly at: number }): unknown {
  if (running.wording.failing === running.at) {
    const failureMetadata = {
      failureReason: 'the machine lost its ions',
      retryable: true,
      category: 'DEVICE',
    };
    return { ...headed('program_set_executable_failure'), inputsIndex: 0, failureMetadata };
  }
  return { ...headed('program_set_executable_result'), inputsIndex: 0, ...measuredBy(program, running) };
}

function measuredBy({ source }: Program, { shots, seed, wording }: Running): object {
  const { n, probabilities } = ranQasm(source);
  const measuredQubits = wording.order ?? Array.from({ length: n }, (_, q) => q);
  const random = randomOf(seed);
  const rows = Array.from({ length: shots }, () => {
    let left = random.nextFloat();
    let index = probabilities.findIndex((probability) => (left -= probability) < 0);
    if (index < 0) index = probabilities.length - 1;
    return measuredQubits.map((q) => (index >> q) & 1);
  });
  if (wording.form === 'measurements') return { measurements: rows, measuredQubits };
  const seen = new Map<string, number>();
  for (const row of rows) seen.set(row.join(''), (seen.get(row.join('')) ?? 0) + 1);
  const shares = [...seen].map(([key, times]) => [key, times / shots]);
  return { measurementProbabilities: Object.fromEntries(shares), measuredQubits };
}
