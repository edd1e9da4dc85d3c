/** What a command is, what it is given, and the ports through which it reaches whatever lies outside. */
import type { Run } from '../github/runs.ts';
import * as z from 'zod';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import { closeTo } from '../../registry/base/closest.ts';
import type { Registry } from '../../registry/decide/execute.ts';
import type { CommandName, Level } from '../../pipelines/settings/bot.ts';
import type { Settings } from '../../pipelines/settings/settings.ts';

import { counted } from '../../registry/report/words.ts';
import type { Channel } from '../../registry/schema/model.ts';
import type { Line } from './parse.ts';

export type { Level } from '../../pipelines/settings/bot.ts';

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

export interface Dispatched {
  readonly runId: number | null;
  readonly url: string | null;
  /** True where another process of the app took it on; its run is told where it can be seen. */
  readonly byOther?: true;
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
  /** Position of the decision; −1 where the state does not hold it any more. */
  readonly seq: number;
}

/** Everything outside, as seen by one asker in one thread. */
export interface Outside {
  /**
   * The registry through GitHub's API, opened anew for each command: actor is the asker (`kind: 'user'`), source is
   * the door `bot`, visit is `comment-<commentId>` and `askedAt` the comment's `created_at`, so that the same comment
   * handled twice gives the same idempotency keys.
   */
  registry(): Promise<Registry>;
  dispatch(workflow: string, inputs: Readonly<Record<string, string>>): Promise<Dispatched>;
  /** False where there is no such run of Fettle's, or it is over. */
  cancel(runId: number): Promise<boolean>;
  /** The run that was started for this very wish; null where none is to be seen. */
  runFor(ask: { readonly model: string; readonly request: string }): Promise<Run | null>;
  /** The last runs of Fettle's workflows, newest first. */
  runs(): Promise<readonly Run[]>;
  /** The asker's reaction to the bot's own comment within 60 seconds; whatever goes wrong is no yes. */
  confirm(question: string): Promise<'yes' | 'no' | 'timed-out'>;
  readonly lock: Locks;
  /** The text of CODEOWNERS on the default branch; null where there is none. */
  codeowners(): Promise<string | null>;
  /** Account numbers of a team's members, `owner/slug`; throws where the API does not say. */
  teamMembers(slug: string): Promise<readonly number[]>;
  /** The level of any account by its number, asked now; `unknown` where the API does not say. */
  levelOf(account: { readonly id: number; readonly login: string }): Promise<Level | 'unknown'>;
  /** Where outcomes lie, for a paired comparison; left out where the bot reaches no store. */
  artifacts?(): Promise<ArtifactStore | null>;
  /** Decoration: the promotion is done, and a failure here is only told of. Shown once, however often it is asked. */
  deploy(deployed: Deployed): Promise<void>;
}

/** What every command of a comment is handled in. */
export interface Setting {
  readonly asker: Asker;
  readonly thread: Thread;
  /** `.github/fettle.yml` of the default branch, never that of a pull request. */
  readonly settings: Settings;
  readonly outside: Outside;
  /** ISO 8601. */
  readonly now: string;
}

/** What one command is handled in. */
export interface Context extends Setting {
  readonly dryRun: boolean;
  readonly reason: string | null;
}

/** What a line asks for once its words and flags made sense. */
export interface Asked {
  readonly command: Command;
  readonly dryRun: boolean;
  readonly reason: string | null;
  /** The channel that it is about, whose own rules are asked then; null for none, or not known before looking. */
  readonly channel: Channel | null;
  /** Null where the words name none. */
  readonly model: string | null;
  handle(context: Context): Promise<Reply>;
}

/** One word after `/fettle`: what it takes, who may ask it, and what it does. */
export interface Command {
  readonly name: CommandName;
  /** `promote <version> to <channel>`: words as they stand, `<slot>` needed, `[slot]` optional. */
  readonly usage: string;
  /** One sentence. */
  readonly summary: string;
  /** Without the leading `/fettle`. */
  readonly examples: readonly string[];
  /** The lowest level that may ask it where the settings say nothing else. */
  readonly level: Level;
  /** At most one of these is done by a comment. */
  readonly mutates: boolean;
  /** Slots and flags by name. */
  readonly input: z.ZodObject;
  /** @returns why the words make no sense, or what they ask for */
  read(line: Pick<Line, 'words' | 'flags'>): Asked | string;
}

interface About {
  readonly model?: string;
  readonly channel?: Channel;
}

interface CommandDefinition<S extends z.ZodObject> extends Omit<Command, 'read' | 'input'> {
  readonly input: S;
  about?(input: z.output<S>): About;
  handle(context: Context, input: z.output<S>): Promise<Reply>;
}

/** Flags of every command that changes something. */
const Doing = z.object({ 'dry-run': z.literal(true).optional(), reason: z.string().min(1).optional() });

export function defineCommand<S extends z.ZodObject>(definition: CommandDefinition<S>): Command {
  const { name, usage, mutates, input, about = (): About => ({}) } = definition;
  const slots = slotsOf(usage);
  const own = Object.keys(input.shape).filter((key) => !slots.includes(key));
  const known = mutates ? [...own, ...Object.keys(Doing.shape)] : own;
  const command: Command = {
    ...definition,
    read({ words, flags }) {
      const strange = [...flags.keys()].find((flag) => !known.includes(flag));
      if (strange !== undefined) return strangeFlag(strange, known);
      const filled = filledIn(usage, words);
      if (filled === null) {
        return `wanted \`/fettle ${usage}\`, found ${counted(words.length, 'word')} after the name`;
      }
      const { 'dry-run': dry, reason, ...rest } = Object.fromEntries(flags);
      const doing = Doing.safeParse({ 'dry-run': dry, reason });
      const parsed = input.safeParse({ ...filled, ...rest });
      if (!doing.success) return wrongIn(name, doing.error);
      if (!parsed.success) return wrongIn(name, parsed.error);
      const { model = null, channel = null } = about(parsed.data);
      return {
        command,
        dryRun: doing.data['dry-run'] ?? false,
        reason: doing.data.reason ?? null,
        channel,
        model,
        handle: (context) => definition.handle(context, parsed.data),
      };
    },
  };
  return command;
}

function slotsOf(usage: string): readonly string[] {
  return [...usage.matchAll(/[<[]([a-z]+)[>\]]/g)].map(([, slot = '']) => slot);
}

/** Optional slots take what is left over, from the left. */
function filledIn(usage: string, words: readonly string[]): Readonly<Record<string, string>> | null {
  const parts = usage.split(' ').slice(1);
  let spare = words.length - parts.filter((part) => !part.startsWith('[')).length;
  const filled: Record<string, string> = {};
  const left = [...words];
  for (const part of parts) {
    const isOptional = part.startsWith('[');
    if (isOptional && spare <= 0) continue;
    if (isOptional) spare--;
    const word = left.shift();
    if (word === undefined) return null;
    if (/^[<[]/.test(part)) filled[part.slice(1, -1)] = word;
    else if (part !== word) return null;
  }
  return left.length === 0 ? filled : null;
}

function strangeFlag(flag: string, known: readonly string[]): string {
  const near = closeTo(flag, known);
  const meant = near === null ? '' : `; did you mean \`--${near}\`?`;
  const wanted = known.length === 0 ? 'no flags' : known.map((one) => `\`--${one}\``).join(', ');
  return `wanted ${wanted}, found \`--${flag}\`${meant}`;
}

function wrongIn(name: string, { issues }: z.core.$ZodError): string {
  const [issue] = issues;
  const where = issue?.path.join('.') ?? '';
  const wanted = issue?.message.replace(/^Invalid (input|string|option): /, '') ?? 'other words';
  return `wanted ${wanted} as \`${where}\` of \`${name}\``;
}
