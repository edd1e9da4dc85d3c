/** What is about to be asked of a service that takes money, kept on the disk first, so that no crash pays twice. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { digestOfValue, hexOf } from '../../registry/base/digest.ts';
import { codeOf, writeDurably } from '../artifacts/durable.ts';
import { hashOf } from '../solvers/qubo.ts';
import { Quote, type CircuitJob } from './circuit-runner.ts';
import { claimUnreadable } from './faults.ts';
import { MicroDollars } from './money.ts';

/** One purchase of the job: what a service knows it by before, and after. */
const Purchase = z.strictObject({
  /** The programs that go together, by their place in the job. */
  programs: z.array(z.int().min(0)).min(1),
  /** What is sent with the request, so that the service itself sees a second one as the first. */
  token: z.string(),
  /** The service's name for it; null while no answer is known. */
  id: z.string().nullable(),
});
export type Purchase = z.infer<typeof Purchase>;

const Claim = z.strictObject({
  /** ISO 8601: nothing of it was bought before. */
  askedAt: z.string(),
  /** What it was to cost then. */
  quote: Quote,
  /** What it might cost then. */
  spendMost: MicroDollars,
  purchases: z.array(Purchase).min(1),
});
export type Claim = z.infer<typeof Claim>;

/** The quote of what is bought already, its time as long as may be paid for now. */
export function quoteNow({ quote, spendMost: then }: Claim, { spendMost }: CircuitJob): Quote {
  const { runMsMost } = quote;
  if (runMsMost === null || then === 0) return quote;
  return { ...quote, runMsMost: Math.floor((runMsMost * spendMost) / then) };
}

export interface Claims {
  /** Null where nothing was asked yet. @throws claimUnreadable */
  read(key: string): Promise<Claim | null>;
  /** On the disk, whole, when this returns. @throws artifactNotWritten */
  write(key: string, claim: Claim): Promise<void>;
}

/** Claims as files of a folder. */
export function folderClaims(folder: string): Claims {
  const fileOf = (key: string): string => path.join(folder, `${key}.json`);
  return {
    async read(key) {
      const file = fileOf(key);
      try {
        return Claim.parse(JSON.parse(await readFile(file, 'utf8')));
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return null;
        throw claimUnreadable({ file, said: error instanceof Error ? error.message : String(error) }, error);
      }
    },
    write: (key, claim) => writeDurably(fileOf(key), `${JSON.stringify(claim, null, 2)}\n`),
  };
}

/** A week. The disk of whoever asked first may be gone; so far back the service itself is looked through for a purchase. */
export const LOOK_BACK_MS = 7 * 24 * 3_600_000;

/** What a job is claimed by: another attempt, machine, program or number of shots is another purchase. */
export function claimKey(device: string, { run, attempt, shots, programs }: CircuitJob): string {
  // Angles as text: canonical JSON knows no fractions.
  const told = programs.map(({ problem, angles: { gammas, betas } }) => ({
    problem: hashOf(problem),
    angles: [gammas.join(' '), betas.join(' ')],
  }));
  return hexOf(digestOfValue({ device, run, attempt, shots, programs: told }));
}
