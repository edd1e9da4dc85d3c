/** What came of it in a few stable words, for the workflow step that acts on it: the output `decision`. */
import * as z from 'zod';
import type { FettleError } from '../registry/base/fault.ts';
import { EXIT, type ExitCode, type Told } from './verbs/verb.ts';

/** Raised when a field changes its meaning or goes; fields may be added without. */
export const DECISION_VERSION = 1;

export const Decision = z.strictObject({
  schema_version: z.literal(DECISION_VERSION),
  /** `failed`: it could not be done at all; the reason is then the fault's name. */
  decision: z.enum(['done', 'refused', 'failed']),
  /** Lower case and underscores; a code never changes its meaning. */
  reason_code: z.string().regex(/^[a-z][a-z0-9_]{0,60}$/),
  verb: z.string(),
  dry_run: z.boolean(),
  exit_code: z.int(),
  /** Why, in a sentence; null where there is no more to say than the code does. */
  says: z.string().nullable(),
  /** What to do next; null where nothing is to be done. */
  next: z.string().nullable(),
});
export type Decision = z.infer<typeof Decision>;

interface Asked {
  readonly verb: string;
  readonly dryRun: boolean;
}

export function decisionOf({ verb, dryRun }: Asked, { exit = EXIT.done, reason }: Told): Decision {
  const refused = exit === EXIT.refused;
  const done = refused || exit === EXIT.done;
  return {
    schema_version: DECISION_VERSION,
    decision: refused ? 'refused' : done ? 'done' : 'failed',
    reason_code: reason ?? WORDS[exit] ?? 'broken',
    verb,
    dry_run: dryRun,
    exit_code: exit,
    says: null,
    next: null,
  };
}

const WORDS: Readonly<Partial<Record<ExitCode, string>>> = {
  [EXIT.done]: 'done',
  [EXIT.refused]: 'refused',
  [EXIT.damaged]: 'damaged',
  [EXIT.fault]: 'found_wrong',
};

/** The fault's name; with its folder before it where the name is but one word, such as `registry_missing`. */
function reasonOf(code: string): string {
  const [folder = '', name = 'broken'] = code.split('/');
  return (name.includes('-') ? name : `${folder}-${name}`).replaceAll('-', '_');
}

export function failureOf(
  { verb, dryRun }: Asked,
  fault: Pick<FettleError, 'code' | 'message' | 'mend'>,
  exit: ExitCode,
): Decision {
  return {
    schema_version: DECISION_VERSION,
    decision: 'failed',
    reason_code: reasonOf(fault.code),
    verb,
    dry_run: dryRun,
    exit_code: exit,
    says: fault.message,
    next: fault.mend,
  };
}
