/** Reads what a task of Amazon Braket left: measurements or probabilities, in the one order of bits that Fettle keeps. */
import * as z from 'zod';
import { countsOf, type Counts } from '../quantum/counts.ts';
import { circuitNotOver, countsCutOff, countsMisshapen } from './faults.ts';

const RESULT = 'braket.task_result.gate_model_task_result';
const SET_RESULT = 'braket.task_result.program_set_task_result';
const PROGRAM_RESULT = 'braket.task_result.program_result';
const EXECUTABLE_RESULT = 'braket.task_result.program_set_executable_result';
const EXECUTABLE_FAILURE = 'braket.task_result.program_set_executable_failure';

const headed = <Name extends string>(name: Name) =>
  z.object({ name: z.literal(name), version: z.literal('1') });

/** What says of any file which form it has. */
const Headed = z.object({ braketSchemaHeader: z.object({ name: z.string() }) });

/** Amazon's own simulator writes bits as text. */
const Bit = z.literal([0, 1, '0', '1']);

const measured = {
  /** One row a shot; its i-th bit is that of qubit `measuredQubits[i]`. */
  measurements: z.array(z.array(Bit)).nullish(),
  /** The leftmost digit of a key is the bit of qubit `measuredQubits[0]`. */
  measurementProbabilities: z.record(z.string().regex(/^[01]+$/), z.number().min(0).max(1)).nullish(),
  measuredQubits: z.array(z.int().min(0)).nullish(),
};

const Measured = z.object({ braketSchemaHeader: headed(RESULT), ...measured });

const Executable = z.union([
  z.object({ braketSchemaHeader: headed(EXECUTABLE_RESULT), ...measured }),
  z.object({
    braketSchemaHeader: headed(EXECUTABLE_FAILURE),
    failureMetadata: z.object({ failureReason: z.string() }),
  }),
]);

const Program = z.object({
  braketSchemaHeader: headed(PROGRAM_RESULT),
  executableResults: z.array(z.union([z.string(), Executable])).min(1),
});

const SetResult = z.object({
  braketSchemaHeader: headed(SET_RESULT),
  programResults: z.array(z.union([z.string(), Program])).min(1),
  /** The bucket, and what relative paths are relative to. */
  s3Location: z.tuple([z.string(), z.string()]).nullish(),
});

export interface Leaving {
  /** Where it lies, for messages. */
  readonly where: string;
  /** The task it belongs to. */
  readonly id: string;
  /** Of each program. */
  readonly shots: number;
  /** Qubits of each program, in order. */
  readonly qubits: readonly number[];
  /** The task's folder: what paths are relative to, unless the result says otherwise. */
  readonly folder: string;
  /** Another object of the same bucket. @throws countsMissing */
  readonly read: (key: string) => Promise<string>;
}

/**
 * Counts of every program of a task, from its `results.json`.
 *
 * @throws countsCutOff where the text ends too early, countsMisshapen where it is of another form, circuitNotOver where
 *   one of several programs failed
 */
export async function countsIn(text: string, leaving: Leaving): Promise<readonly Counts[]> {
  const { where, qubits } = leaving;
  const value = jsonIn(text, where);
  const [only = 0] = qubits;
  if (qubits.length === 1) return [countedIn(shaped(Measured, value, where), { ...leaving, n: only })];
  const { programResults, s3Location } = shaped(SetResult, value, where);
  const within = { ...leaving, folder: s3Location?.[1] ?? leaving.folder };
  const executables: z.infer<typeof Executable>[] = [];
  for (const told of programResults) {
    const program = typeof told === 'string' ? await fileOf(Program, told, within) : told;
    for (const one of program.executableResults) {
      executables.push(typeof one === 'string' ? await fileOf(Executable, one, within) : one);
    }
  }
  if (executables.length !== qubits.length) {
    const found = `${executables.length}`;
    throw countsMisshapen({ where, wanted: `${qubits.length} results, one of each program`, found });
  }
  return executables.map((executable, at) => {
    if (!('failureMetadata' in executable)) return countedIn(executable, { ...leaving, n: qubits[at] ?? 0 });
    const reason = executable.failureMetadata.failureReason;
    throw circuitNotOver({ id: leaving.id, state: `failed in program ${at + 1}`, reason });
  });
}

async function fileOf<T>(schema: z.ZodType<T>, path: string, { read, where, folder }: Leaving): Promise<T> {
  const place = `${where} -> ${path}`;
  const text = await read(`${folder.replace(/\/$/, '')}/${path}`);
  return shaped(schema, jsonIn(text, place), place);
}

/** Text that ends in the middle was cut off; other text was never JSON. */
function jsonIn(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    if (text.trimStart().startsWith('{') && !text.trimEnd().endsWith('}')) {
      throw countsCutOff({ where, sizeBytes: Buffer.byteLength(text), said }, error);
    }
    throw countsMisshapen({ where, wanted: 'JSON', found: said }, error);
  }
}

function shaped<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const told = schema.safeParse(value);
  if (told.success) return told.data;
  const header = Headed.safeParse(value).data?.braketSchemaHeader.name ?? 'no header';
  const [issue] = told.error.issues;
  const at = issue === undefined ? '' : ` (${issue.path.join('.')}: ${issue.message})`;
  throw countsMisshapen({ where, wanted: 'a result as documented', found: `${header}${at}` });
}

type Told = Pick<z.infer<typeof Measured>, keyof typeof measured>;

function countedIn(told: Told, leaving: Leaving & { readonly n: number }): Counts {
  const { where, n } = leaving;
  const order = told.measuredQubits ?? [];
  if (order.length !== n || order.toSorted((a, b) => a - b).some((qubit, at) => qubit !== at)) {
    const found = order.length === 0 ? 'none' : order.join(', ');
    throw countsMisshapen({ where, wanted: `qubits 0 to ${n - 1} measured, each once`, found });
  }
  const { measurements, measurementProbabilities: probabilities } = told;
  if (measurements !== null && measurements !== undefined && measurements.length > 0) {
    return countsOf(
      n,
      measurements.map((row) => indexOf(row.join(''), order, where)),
    );
  }
  if (probabilities === null || probabilities === undefined) {
    throw countsMisshapen({ where, wanted: 'measurements or probabilities', found: 'neither' });
  }
  return countsFrom(probabilities, order, leaving);
}

/** The i-th digit is the bit of qubit `order[i]`; a number has its last digit for qubit 0. */
function indexOf(digits: string, order: readonly number[], where: string): bigint {
  if (digits.length !== order.length) {
    throw countsMisshapen({ where, wanted: `${order.length} bits a shot`, found: `${digits.length}` });
  }
  const bits = Array.from({ length: order.length }, () => '0');
  order.forEach((qubit, at) => (bits[order.length - 1 - qubit] = digits[at] ?? '0'));
  return BigInt(`0b${bits.join('')}`);
}

/** Probabilities of so many shots are whole numbers of them; where they are not, the largest rests are rounded up. */
function countsFrom(
  probabilities: Readonly<Record<string, number>>,
  order: readonly number[],
  { where, shots }: Pick<Leaving, 'where' | 'shots'>,
): Counts {
  const sum = Object.values(probabilities).reduce((total, probability) => total + probability, 0);
  if (Math.abs(sum - 1) > 1e-3) {
    throw countsMisshapen({ where, wanted: 'probabilities that add up to 1', found: String(sum) });
  }
  const shares = Object.entries(probabilities).map(([digits, probability]) => {
    const wanted = (probability / sum) * shots;
    // A probability such as 0.29 of 100 shots is 28.999999999999996 of them.
    const whole = Math.floor(wanted + 1e-6);
    return { index: indexOf(digits, order, where), whole, rest: wanted - whole };
  });
  const missing = shots - shares.reduce((total, { whole }) => total + whole, 0);
  const byRest = shares.toSorted((a, b) => b.rest - a.rest || (a.index < b.index ? -1 : 1));
  const times = byRest.map(({ index, whole }, at): [bigint, number] => [
    index,
    whole + (at < missing ? 1 : 0),
  ]);
  return { n: order.length, shots, times: new Map(times.filter(([, seen]) => seen > 0)) };
}
