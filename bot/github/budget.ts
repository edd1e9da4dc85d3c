/** Keeps the content that one installation makes under GitHub's secondary limits: 80 in a minute, 500 in an hour. */

export interface Budget {
  /** Resolves once one more may be made. */
  spend(): Promise<void>;
}

export interface BudgetOptions {
  readonly perMinute: number;
  readonly perHour: number;
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Some are left for whoever else writes with the same token. */
export const CONTENT_BUDGET = { perMinute: 70, perHour: 450 } as const;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export function openBudget({ perMinute, perHour, nowMs, sleep }: BudgetOptions): Budget {
  /** When each of the last hour was made, oldest first; times to come belong to those who wait. */
  const times: number[] = [];
  return {
    async spend() {
      const now = nowMs();
      while ((times[0] ?? now) <= now - HOUR_MS) times.shift();
      const minute = times.at(-perMinute);
      const hour = times.at(-perHour);
      const at = Math.max(
        now,
        minute === undefined ? now : minute + MINUTE_MS,
        hour === undefined ? now : hour + HOUR_MS,
      );
      times.push(at);
      if (at > now) await sleep(at - now);
    },
  };
}
