/** What a command is, what it is given, and the ports through which it reaches whatever lies outside. */
import type { Registry } from '../../registry/decide/execute.ts';
import type { Settings } from '../../pipelines/settings/settings.ts';

/** GitHub's levels of permission on a repository, lowest first. */
export const LEVELS = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const;
export type Level = (typeof LEVELS)[number];

/** Who asks. The level is the API's answer of this very moment; `author_association` is never consulted. */
export interface Asker {
  /** The account's number, which a renamed login does not change. */
  readonly id: number;
  readonly login: string;
  /** `unknown` where the API did not say: nothing is allowed then, and the asker is told to try again. */
  readonly level: Level | 'unknown';
  readonly kind: 'User' | 'Bot';
}

/** Where it was asked. */
export interface Thread {
  readonly repository: {
    readonly id: number;
    readonly owner: string;
    readonly name: string;
    readonly defaultBranch: string;
  };
  readonly number: number;
  readonly commentId: number;
  /** Null for a thread that is not a pull request. */
  readonly pull: { readonly headSha: string; readonly baseRef: string; readonly fromFork: boolean } | null;
}

/** What is told, to be shown in the one sticky comment of the thread and the model. */
export interface Reply {
  /** Null for what is about no one model. */
  readonly model: string | null;
  readonly state: 'done' | 'refused' | 'started' | 'waiting';
  /** A stable code, such as `permission_denied`, `ref_changed`, `confirmation_timed_out` or `noop_ready`. */
  readonly reason: ReasonCode;
  /** The first line, Markdown. */
  readonly verdict: string;
  /** Markdown, folded by the renderer when it is long. */
  readonly details: string;
  /** The next command, ready to copy. */
  readonly next: string | null;
}

export const REASON_CODES = [
  'done',
  'noop_ready',
  'nothing_to_do',
  'run_started',
  'approval_needed',
  'command_unclear',
  'command_too_many',
  'comment_too_long',
  'confirmation_refused',
  'confirmation_timed_out',
  'permission_denied',
  'permission_unknown',
  'policy_refused',
  'lock_conflict',
  'ref_changed',
  'fork_refused',
  'budget_spent',
  'not_found',
  'registry_refused',
  'failed',
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

/** A run of one of Fettle's workflows. */
export interface RunSeen {
  readonly id: number;
  readonly name: string;
  readonly url: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly createdAt: string;
}

export interface Dispatched {
  readonly runId: number | null;
  readonly url: string | null;
}

/** What `lock.json` of a lock's commit says. */
export interface Lock {
  readonly name: string;
  readonly owner: { readonly id: number; readonly login: string };
  readonly reason: string;
  /** The comment that asked for it, so that the same comment asked twice claims once. */
  readonly claim: string;
  readonly since: string;
}

/** A lock that cannot be read counts as held by somebody unknown. */
export type LockAnswer =
  | { readonly got: true; readonly lock: Lock | null }
  | { readonly got: false; readonly lock: Lock | null; readonly why: string };

/** A ref `refs/heads/fettle/lock/<name>`, whose making is the claim. */
export interface Locks {
  claim(lock: Lock): Promise<LockAnswer>;
  /** Only the claim named is let go. */
  release(ask: Pick<Lock, 'name' | 'claim'>): Promise<LockAnswer>;
  read(name: string): Promise<Lock | null>;
}

/** A promotion or rollback that is in the registry, to be shown as a Deployment. */
export interface Deployed {
  readonly model: string;
  readonly version: string;
  readonly channel: string;
  /** The commit of the code; null where the version was made outside one. */
  readonly commit: string | null;
  /** Digest of the model's files. */
  readonly artifacts: string | null;
  readonly reason: string;
}

/** Everything outside, as seen by one asker in one thread. */
export interface Outside {
  /**
   * The registry through GitHub's API, with the asker as actor, and a visit that is `comment-<commentId>`: the same
   * comment handled twice gives the same idempotency keys.
   */
  registry(): Promise<Registry>;
  dispatch(workflow: string, inputs: Readonly<Record<string, string>>): Promise<Dispatched>;
  /** False where there is no such run of Fettle's, or it is over. */
  cancel(runId: number): Promise<boolean>;
  /** The last runs of Fettle's workflows, newest first. */
  runs(): Promise<readonly RunSeen[]>;
  /** The asker's reaction to the bot's own comment within 60 seconds; whatever goes wrong is no yes. */
  confirm(question: string): Promise<'yes' | 'no' | 'timed-out'>;
  readonly lock: Locks;
  /** The text of CODEOWNERS on the default branch; null where there is none. */
  codeowners(): Promise<string | null>;
  /** Account numbers of a team's members, `owner/slug`; throws where the API does not say. */
  teamMembers(slug: string): Promise<readonly number[]>;
  /** The level of any account by its number, asked now; `unknown` where the API does not say. */
  levelOf(account: { readonly id: number; readonly login: string }): Promise<Level | 'unknown'>;
  /** Decoration: the promotion is done, and a failure here is only told of. */
  deploy(deployed: Deployed): Promise<void>;
}

/** What a command is handled in. */
export interface Context {
  readonly asker: Asker;
  readonly thread: Thread;
  /** `.github/fettle.yml` of the default branch, never that of a pull request. */
  readonly settings: Settings;
  readonly outside: Outside;
  /** ISO 8601. */
  readonly now: string;
  readonly dryRun: boolean;
  readonly reason: string | null;
}

/** The effort of a command: what it needs, what it does, and how it is written. */
export interface Command<I = unknown> {
  readonly name: string;
  /** `promote <model>@<version> to <channel>`. */
  readonly usage: string;
  readonly summary: string;
  /** Without the leading `/fettle`. */
  readonly examples: readonly string[];
  /** The lowest level that may ask it where the settings say nothing else. */
  readonly level: Level;
  readonly mutates: boolean;
  /** Confirmed by a reaction before it is done. */
  readonly dangerous: boolean;
  /** What is read from the words after the name; `null` where they make no sense. */
  read(words: Words): I | null;
  handle(context: Context, input: I): Promise<Reply>;
}

/** The words after a command's name, without its flags. */
export interface Words {
  readonly words: readonly string[];
  readonly flags: ReadonlyMap<string, string | true>;
}
