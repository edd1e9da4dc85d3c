/** Which approvals do not count this time, and why: asked anew at every promotion, because people come and go. */
import type { Approvals, Level } from '../../pipelines/settings/bot.ts';
import type { Approval } from '../../registry/schema/state.ts';
import { isAtLeast } from './may-ask.ts';

export interface Approver {
  readonly id: number;
  readonly login: string;
  /** Now, by the API. */
  readonly level: Level | 'unknown';
  /** Whether CODEOWNERS names the account, or a team that it is in; true where nobody asks. */
  readonly owns: boolean;
}

export interface Looked {
  readonly approvers: readonly Approver[];
  /** The level that approving takes. */
  readonly needs: Level;
  readonly rule: Approvals | null;
  /** Who asked for the promotion, and who would do it now: neither counts. */
  readonly askers: readonly number[];
}

/** @returns null for whoever may approve */
export function flawOf(
  { id, level, owns }: Approver,
  { needs, rule, askers }: Omit<Looked, 'approvers'>,
): string | null {
  if (askers.includes(id)) return 'nobody approves what they asked for';
  if (level === 'unknown') return 'GitHub did not say what this account may do';
  if (!isAtLeast(level, needs)) return `it may only ${level} now, and approving takes ${needs}`;
  if (rule?.from != null && !rule.from.includes(id)) return 'the settings do not name this account';
  return owns ? null : 'CODEOWNERS does not name this account';
}

/** By account number. Whoever approved after the look was not looked at. */
export function exceptedFrom(approvals: readonly Approval[], looked: Looked): ReadonlyMap<number, string> {
  const flaws = approvals.map(({ byId }) => {
    const approver = looked.approvers.find(({ id }) => id === byId);
    return [byId, approver === undefined ? 'it came in this very moment' : flawOf(approver, looked)] as const;
  });
  return new Map(flaws.flatMap(([id, flaw]) => (flaw === null ? [] : [[id, flaw] as const])));
}
