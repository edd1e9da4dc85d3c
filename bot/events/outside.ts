/** What commands need of the world, made of GitHub: the port `Outside` for one asker in one thread. */
import { openRegistry, type Registry } from '../../registry/decide/execute.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import { githubLog } from '../../registry/store/github-log.ts';
import type { Asker, LockAnswer, Locks, Outside, Thread } from '../commands/command.ts';
import { writeComment } from '../github/comments.ts';
import { claimLock, findLock, releaseLock, type LockFound } from '../github/locks.ts';
import { permissionOf, teamMembersOf } from '../github/permission.ts';
import type { Place } from '../github/place.ts';
import { answerOf } from '../github/reactions.ts';
import { cancelRun, runsOf } from '../github/runs.ts';
import { questionMark } from '../github/sticky.ts';
import { lockUnreadable } from '../faults.ts';
import type { Desk } from './event.ts';
import { showDeployment } from './show-deployments.ts';
import { runFor, startOnce } from './start-run.ts';

export interface OutsideAsk {
  readonly place: Place;
  readonly thread: Thread;
  readonly asker: Asker;
  readonly rules: { readonly codeowners: string | null };
  /** When the comment was made: keys hold the day, and a comment handled again after midnight must find its own. */
  readonly askedAt: string;
  /** What names this asking in the registry, where no comment does. */
  readonly visit?: string;
}

export interface OpenedOutside {
  readonly outside: Outside;
  /** What went wrong beside the matter. */
  readonly notes: readonly string[];
  /** The comment in which the asker was asked; null when nobody was. */
  question(): number | null;
}

export function openOutside(desk: Desk, ask: OutsideAsk): OpenedOutside {
  const { place, thread, asker, rules } = ask;
  const notes: string[] = [];
  let question: number | null = null;
  let dispatches = 0;
  const outside: Outside = {
    registry: async () => registryFor(desk, ask),
    dispatch: (workflow, inputs) =>
      startOnce(desk, {
        place,
        thread,
        workflow,
        inputs,
        key: `comment-${thread.commentId}/dispatch-${dispatches++}`,
        askedAt: ask.askedAt,
      }),
    cancel: (runId) => cancelRun(place, runId),
    runFor: (wish) => runFor(desk, place, wish),
    runs: () => runsOf(place),
    async confirm(text) {
      const body = `${questionMark(thread.commentId)}\n${text}\n\n@${asker.login}: 👍 to go on, 👎 to leave it, within 60 seconds.`;
      question = await writeComment(place, thread.number, body);
      return reactionTo(desk, { place, comment: question, account: asker.id });
    },
    lock: locksAt(place),
    codeowners: async () => rules.codeowners,
    teamMembers: (slug) => teamMembersOf(place, slug),
    levelOf: (account) => permissionOf(place, account),
    async deploy(deployed) {
      try {
        await showDeployment(desk, { place, deployed, branch: thread.repository.defaultBranch });
      } catch (error) {
        desk.remark(`deployment: ${error instanceof Error ? error.message : String(error)}`);
        notes.push('GitHub took no Deployment for this; the registry has it all the same.');
      }
    },
  };
  return { outside, notes, question: () => question };
}

function registryFor(desk: Desk, { place, thread, asker, visit, askedAt }: OutsideAsk): Registry {
  return openRegistry({
    log: githubLog(place),
    actor: { kind: 'user', id: asker.id, login: asker.login },
    source: {
      door: 'bot',
      repo_id: thread.repository.id,
      thread: thread.number,
      comment_id: thread.commentId,
    },
    now: desk.now,
    askedAt,
    visit: visit ?? `comment-${thread.commentId}`,
    origin: `github/${thread.repository.id}`,
    signers: [],
    outbox: null,
    begins: async () => undefined,
    tell: (state, where) => new Map([['README.md', readmeOf(state, where)]]),
  });
}

const ASKED_MS = 60_000;
const LOOK_MS = 2000;

/** Whatever goes wrong is no yes. Others of the repository go on meanwhile. */
async function reactionTo(
  desk: Desk,
  { place, comment, account }: { readonly place: Place; readonly comment: number; readonly account: number },
): Promise<'yes' | 'no' | 'timed-out'> {
  return desk.turn.aside(async () => {
    for (let waited = 0; waited < ASKED_MS; waited += LOOK_MS) {
      await desk.sleep(LOOK_MS);
      const answer = await answerOf(place, { comment, account }).catch(() => null);
      if (answer !== null) return answer;
    }
    return 'timed-out';
  });
}

function locksAt(place: Place): Locks {
  return {
    async claim(lock) {
      const found = await claimLock(place, lock);
      if (found.kind === 'held' && found.lock.claim === lock.claim) return { got: true, lock: found.lock };
      return refusalOf(found);
    },
    async release(ask) {
      const found = await releaseLock(place, ask);
      return found.kind === 'free' ? { got: true, lock: null } : refusalOf(found);
    },
    async read(name) {
      const found = await findLock(place, name);
      if (found.kind === 'unreadable') throw lockUnreadable({ name });
      return found.kind === 'held' ? found.lock : null;
    },
  };
}

function refusalOf(found: LockFound): LockAnswer {
  if (found.kind === 'held') {
    return { got: false, lock: found.lock, why: `held by ${found.lock.owner.login}` };
  }
  return { got: false, lock: null, why: found.kind === 'unreadable' ? found.why : 'it was let go meanwhile' };
}
