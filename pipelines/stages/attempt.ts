/** Problems -> what one solver of a comparison finds on each of them in the budget that all of them have. */
import * as z from 'zod';
import { encodeAttempts, type Attempt } from '../artifacts/attempts.ts';
import { decodeProblems } from '../artifacts/problems.ts';
import { FIXED_DEPTH_MOST } from '../quantum/angles.ts';
import type { Entrant } from '../quantum/entrant.ts';
import { ENTRANTS } from '../quantum/entrants.ts';
import { quboOf } from '../solvers/qubo.ts';
import { defineStage, required, type Stage } from './stage.ts';

/** What every solver is given. */
export const Effort = z.strictObject({
  budgetMs: z.int().min(1).max(600_000).default(50),
  shots: z.int().min(1).max(1_000_000).default(1000),
  evaluations: z.int().min(0).max(100_000).default(60),
  depth: z.int().min(1).max(FIXED_DEPTH_MOST).default(5),
  /** Dollars for an hour of this machine; null where it has no price. */
  hourlyDollars: z.number().min(0).max(1e6).nullable().default(null),
});
type Effort = z.infer<typeof Effort>;

const HOUR_MS = 3_600_000;

/** One stage for each who takes part. */
export const ATTEMPTS: readonly Stage[] = ENTRANTS.map(attemptBy);

export function attemptName(entrant: string): string {
  return `attempt-${entrant}`;
}

function attemptBy(entrant: Entrant): Stage {
  const { name: by, says, kind } = entrant;
  return defineStage({
    name: attemptName(by),
    version: 1,
    takes: { problems: required('problems') },
    gives: { attempts: 'attempts' },
    params: z.strictObject({ effort: Effort }),
    reaches: 'clock',

    async perform({ read, write, seed, tell }, { effort }) {
      const problems = decodeProblems(await read('problems'));
      const attempts = problems.map(({ name, ...terms }, at): Attempt => {
        const entry = entrant.enter(quboOf(terms), { seed, clockMs: processorMs, ...effort });
        tell(at + 1, problems.length);
        return { problem: name, queueMs: 0, dollars: dollarsOf(entry, effort), ...entry };
      });
      await write('attempts', encodeAttempts({ by, says, kind, attempts }));
    },
  });
}

/** Of the processor, since others may use the machine too. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function dollarsOf(
  { setupMs, attemptMs }: Pick<Attempt, 'setupMs' | 'attemptMs'>,
  { hourlyDollars }: Effort,
): Attempt['dollars'] {
  if (hourlyDollars === null) return null;
  const price = hourlyDollars / HOUR_MS;
  return { setup: price * setupMs, attempt: price * attemptMs };
}
