/** Reads what a sampler of IBM Quantum left: one hexadecimal number a shot, whose lowest bit is that of variable 0. */
import * as z from 'zod';
import { countsOf, type Counts } from '../quantum/counts.ts';
import { countsCutOff, countsMisshapen } from './faults.ts';

const Results = z.object({
  results: z.array(z.object({ data: z.record(z.string(), z.unknown()) })),
});

const Register = z.object({ samples: z.array(z.string().regex(/^0x[0-9a-f]+$/i)) });

/** The register of `nativeQasm`. */
const REGISTER = 'c';

/** Digits of a number that is shown: one may be as long as the answer. */
const SHOWN_MOST = 40;

export interface Sampled {
  /** For messages. */
  readonly where: string;
  /** Of each program. */
  readonly shots: number;
  /** Variables of each program, in their order. */
  readonly variables: readonly number[];
}

/** @throws countsCutOff where the text ends too early, countsMisshapen where it is of another form */
export function countsIn(text: string, { where, shots, variables }: Sampled): readonly Counts[] {
  const { results } = shaped(Results, jsonIn(text, where), where);
  const misshapen = (wanted: string, found: string): Error => countsMisshapen({ where, wanted, found });
  if (results.length !== variables.length) {
    throw misshapen(`results of ${variables.length} programs`, `${results.length}`);
  }
  return results.map(({ data }, at) => {
    const told = data[REGISTER];
    if (told === undefined) {
      const others = Object.keys(data).join(', ') || 'no register';
      throw misshapen(`the register ${REGISTER} of program ${at}`, others);
    }
    const { samples } = shaped(Register, told, where);
    if (samples.length !== shots) throw misshapen(`${shots} shots of program ${at}`, `${samples.length}`);
    const n = variables[at] ?? 0;
    const indices = samples.map((sample) => BigInt(sample));
    const beyond = indices.find((index) => index >> BigInt(n) !== 0n);
    if (beyond !== undefined) {
      throw misshapen(`${n} bits of program ${at}`, `0x${beyond.toString(16).slice(0, SHOWN_MOST)}`);
    }
    return countsOf(n, indices);
  });
}

function jsonIn(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw countsCutOff({ where, sizeBytes: Buffer.byteLength(text), said }, error);
  }
}

function shaped<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const told = schema.safeParse(value);
  if (told.success) return told.data;
  const [issue] = told.error.issues;
  const found = issue === undefined ? 'another form' : `${issue.path.join('.')}: ${issue.message}`;
  throw countsMisshapen({ where, wanted: 'results of a sampler', found }, told.error);
}
