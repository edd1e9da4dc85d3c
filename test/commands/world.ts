/** A registry in memory and everything outside it as a command sees it, for talking to the bot without GitHub. */
import { isAskedBy, type Run } from '../../bot/github/runs.ts';
import type { Reply, Asker, Level, Lock, Outside, Thread } from '../../bot/commands/command.ts';
import { converse } from '../../bot/commands/converse.ts';
import { settingsOf } from '../../pipelines/settings/read.ts';
import { decideRegistration } from '../../registry/decide/register.ts';
import { decideRunStart } from '../../registry/decide/record-run.ts';
import type { Registry } from '../../registry/decide/execute.ts';
import type { ModelState, RegistryState } from '../../registry/schema/state.ts';
import type { Answer } from '../../registry/schema/verdict.ts';
import { memoryLog } from '../../registry/store/memory-log.ts';
import { candidate, DIGITS, registryOn, runId, ticking } from '../fixtures/registry.ts';

export const NOW = '2026-11-21T12:00:00.000Z';

export const ADA = { id: 1, login: 'ada', level: 'admin', kind: 'User' } as const satisfies Asker;
export const KURT = { id: 2, login: 'kurt', level: 'maintain', kind: 'User' } as const satisfies Asker;
export const GRACE = { id: 3, login: 'grace', level: 'maintain', kind: 'User' } as const satisfies Asker;
export const TRIAGER = { id: 4, login: 'tim', level: 'triage', kind: 'User' } as const satisfies Asker;
export const STRANGER = { id: 5, login: 'mallory', level: 'read', kind: 'User' } as const satisfies Asker;

const PLACE: Thread = {
  repository: { id: 77, owner: 'acme', name: 'shop', defaultBranch: 'main' },
  number: 12,
  commentId: 1000,
  pull: null,
};

export interface WorldOptions {
  readonly settings?: string;
  readonly confirms?: 'yes' | 'no' | 'timed-out';
  readonly thread?: Partial<Thread>;
  readonly codeowners?: string;
  readonly teams?: Readonly<Record<string, readonly number[]>>;
  readonly runs?: readonly Run[];
  /** What GitHub says of accounts when approvals are counted; what the askers have where left out. */
  readonly levels?: Readonly<Record<number, Level>>;
  /** Done while the asker thinks about confirming. */
  readonly meanwhile?: (registry: Registry) => Promise<unknown>;
  readonly deploy?: Outside['deploy'];
}

export interface World {
  say(text: string, by?: Asker, changes?: Partial<Thread>): Promise<readonly Reply[] | 'silent'>;
  /** The one reply that is expected. */
  ask(text: string, by?: Asker, changes?: Partial<Thread>): Promise<Reply>;
  train(word: string, answer?: Answer): Promise<void>;
  state(): Promise<RegistryState>;
  digits(): Promise<ModelState>;
  size(): Promise<number>;
  readonly registry: Registry;
  readonly locks: Map<string, Lock>;
  readonly dispatched: (readonly [string, Readonly<Record<string, string>>])[];
  readonly cancelled: number[];
  readonly deployed: Parameters<Outside['deploy']>[0][];
  readonly questions: string[];
}

export function newWorld(options: WorldOptions = {}): World {
  const log = memoryLog();
  const now = ticking(Date.parse(NOW) - 3_600_000);
  const settings = settingsOf(options.settings ?? '');
  const author = { kind: 'bot', id: 900, login: 'github-actions[bot]' } as const;
  const registry = registryOn(log, { now, actor: author, visit: 'cron' });
  const asked = {
    locks: new Map<string, Lock>(),
    dispatched: [],
    cancelled: [],
    deployed: [],
    questions: [],
  };
  const kept: Pick<World, 'locks' | 'dispatched' | 'cancelled' | 'deployed' | 'questions'> = asked;
  let comment = PLACE.commentId;

  const say: World['say'] = (text, by = KURT, changes = {}) => {
    const thread = { ...PLACE, ...options.thread, commentId: comment++, ...changes };
    const outside = outsideOf({ log, now, options, registry, ...kept }, { asker: by, thread });
    return converse(text, { asker: by, thread, settings, outside, now: NOW });
  };
  const state: World['state'] = async () => {
    const view = await registry.read();
    if (view === null) throw new Error('no registry was begun');
    return view.state;
  };
  return {
    ...kept,
    registry,
    say,
    state,
    async ask(...all) {
      const replies = await say(...all);
      if (replies === 'silent' || replies.length !== 1) {
        throw new Error(`wanted one reply, found ${JSON.stringify(replies)}`);
      }
      return replies[0]!;
    },
    async train(word, answer = 'pass') {
      const people = settings.bot.channels.production?.approvals?.count ?? 0;
      const before = (await registry.read())?.state.models.get(DIGITS)?.serving.production ?? null;
      const start = {
        model: DIGITS,
        run: runId(word),
        recipe: 'train-and-promote',
        asked: {},
        inputs: [],
        steps: [],
      };
      await registry.execute((known) => decideRunStart(known, start));
      const judged = candidate(word, answer, { against: before, channel: 'production', approvals: people });
      await registry.execute((known) => decideRegistration(known, judged));
    },
    async digits() {
      return (await state()).models.get(DIGITS)!;
    },
    async size() {
      return (await registry.read())?.size ?? 0;
    },
  };
}

type Inside = Pick<World, 'registry' | 'locks' | 'dispatched' | 'cancelled' | 'deployed' | 'questions'> & {
  readonly log: ReturnType<typeof memoryLog>;
  readonly now: () => string;
  readonly options: WorldOptions;
};

const LEVELS: Readonly<Record<number, Level>> = {
  1: 'admin',
  2: 'maintain',
  3: 'maintain',
  4: 'triage',
  5: 'read',
};

function outsideOf(
  inside: Inside,
  { asker, thread }: { readonly asker: Asker; readonly thread: Thread },
): Outside {
  const { options, locks } = inside;
  return {
    async registry() {
      return registryOn(inside.log, {
        now: inside.now,
        actor: { kind: 'user', id: asker.id, login: asker.login },
        source: {
          door: 'bot',
          repo_id: thread.repository.id,
          thread: thread.number,
          comment_id: thread.commentId,
        },
        visit: `comment-${thread.commentId}`,
        askedAt: NOW,
      });
    },
    async dispatch(workflow, inputs) {
      inside.dispatched.push([workflow, inputs]);
      return { runId: 4242, url: 'https://github.com/acme/shop/actions/runs/4242' };
    },
    async cancel(run) {
      inside.cancelled.push(run);
      return true;
    },
    runFor: async (wish) =>
      options.runs?.find((run) => isAskedBy(run, { ...wish, actor: 'fettle[bot]' })) ?? null,
    runs: async () => options.runs ?? [],
    async confirm(question) {
      inside.questions.push(question);
      await options.meanwhile?.(inside.registry);
      return options.confirms ?? 'yes';
    },
    lock: {
      async claim(lock) {
        const held = locks.get(lock.name);
        if (held !== undefined && held.claim !== lock.claim) return { got: false, lock: held, why: 'held' };
        locks.set(lock.name, lock);
        return { got: true, lock };
      },
      async release({ name, claim }) {
        if (locks.get(name)?.claim === claim) locks.delete(name);
        return { got: true, lock: null };
      },
      read: async (name) => locks.get(name) ?? null,
    },
    codeowners: async () => options.codeowners ?? null,
    teamMembers: async (team) => options.teams?.[team] ?? [],
    levelOf: async ({ id }) => options.levels?.[id] ?? LEVELS[id] ?? 'unknown',
    async deploy(deployed) {
      await options.deploy?.(deployed);
      inside.deployed.push(deployed);
    },
  };
}
