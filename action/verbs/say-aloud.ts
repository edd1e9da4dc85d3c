/** A conversation through the stand-in’s API alone: say, wait for the bot's reaction, read its comments. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { worldClosed, worldRefused } from '../faults.ts';
import type { Place } from './world-place.ts';

export interface Saying {
  readonly text: string;
  readonly as: string;
  readonly on: number;
  readonly yes: boolean;
  /** Hears what happens meanwhile. */
  tell(line: string): void;
}

export interface Answered {
  readonly said: { readonly by: string; readonly on: number; readonly text: string };
  /** Of the bot, on what was said. */
  readonly reactions: readonly string[];
  /** The bot's comments that answer it, as Markdown. */
  readonly answers: readonly string[];
  readonly bot: string;
}

const User = z.object({ login: z.string(), type: z.string() });
const Comment = z.object({ id: z.int(), body: z.string(), user: User });
type Comment = z.infer<typeof Comment>;
const Reaction = z.object({ content: z.string(), user: User });

const POLL_MS = 100;
/** Longer without a sign, and none comes. */
const SILENT_MS = 1500;
/** A training of the world takes seconds. */
const PATIENCE_MS = 120_000;

/** @throws worldClosed, worldRefused */
export async function converseIn(place: Place, saying: Saying): Promise<Answered> {
  const { text, as, on } = saying;
  const token = place.tokens[as];
  if (token === undefined) {
    throw worldRefused({ found: `nobody called ${as}; there are ${Object.keys(place.tokens).join(', ')}` });
  }
  const ask = asker(place, token);
  const comment = Comment.parse(await ask('POST', `issues/${on}/comments`, { body: text }));
  const spoken: Spoken = { ask, on, comment };
  let reactions = await reactionsTo(spoken);
  const begun = performance.now();
  const isOver = (): boolean => reactions.some((one) => one === 'rocket' || one === 'confused');
  let asked: number | null = null;
  while (!isOver()) {
    const waited = performance.now() - begun;
    if (reactions.length === 0 && waited > SILENT_MS && (await isIdle(place))) break;
    if (waited > PATIENCE_MS) break;
    asked ??= await answerQuestion(spoken, saying);
    await sleep(POLL_MS);
    reactions = await reactionsTo(spoken);
  }
  const answers = reactions.length === 0 ? [] : await finalAnswers(spoken, saying, begun);
  const bot = answers[0]?.user.login ?? 'fettle[bot]';
  return {
    said: { by: as, on, text },
    reactions,
    answers: answers.map(({ body }) => body),
    bot,
  };
}

type Ask = (method: string, path: string, body?: unknown) => Promise<unknown>;

interface Spoken {
  readonly ask: Ask;
  readonly on: number;
  readonly comment: Comment;
}

function asker({ api, repository }: Place, token: string): Ask {
  return async (method, path, body) => {
    const answer = await fetch(`${api}/repos/${repository}/${path}`, {
      method,
      headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw worldClosed({ found: `nobody at ${api}` }, error);
    });
    if (answer.ok) return answer.json();
    throw worldRefused({ found: `${answer.status} to ${method} ${path}` });
  };
}

async function reactionsTo({ ask, comment }: Spoken): Promise<readonly string[]> {
  const all = z
    .array(Reaction)
    .parse(await ask('GET', `issues/comments/${comment.id}/reactions?per_page=100`));
  return all.flatMap(({ content, user }) => (user.type === 'Bot' ? [content] : []));
}

async function botComments({ ask, on }: Spoken): Promise<readonly Comment[]> {
  const all = z.array(Comment).parse(await ask('GET', `issues/${on}/comments?per_page=100`));
  return all.filter(({ user }) => user.type === 'Bot');
}

/** @returns the bot's question, told or answered; null where it asks none */
async function answerQuestion(spoken: Spoken, { yes, tell }: Saying): Promise<number | null> {
  const mark = `<!-- fettle:question comment=${spoken.comment.id} -->`;
  const question = (await botComments(spoken)).find(({ body }) => body.startsWith(mark));
  if (question === undefined) return null;
  tell(question.body.slice(mark.length).trim());
  if (yes) await spoken.ask('POST', `issues/comments/${question.id}/reactions`, { content: '+1' });
  tell(yes ? '👍' : 'Nobody answers: say it with `--yes` for a 👍. Waiting for the minute to pass …');
  return question.id;
}

/** What has only begun is waited for. */
async function finalAnswers(spoken: Spoken, { tell }: Saying, begun: number): Promise<readonly Comment[]> {
  for (let told = false; ; told = true) {
    const mine = (await botComments(spoken)).filter(({ body }) =>
      answersTo(body).includes(spoken.comment.id),
    );
    const isBegun = mine.some(({ body }) => body.includes('<sub>started'));
    if (!isBegun || performance.now() - begun > PATIENCE_MS) return mine;
    if (!told) tell('It has started; waiting for how it ends …');
    await sleep(POLL_MS);
  }
}

function answersTo(body: string): readonly number[] {
  const [, ids = ''] = /^<!-- fettle:sticky [^>]*answered=([0-9,]*) -->/.exec(body) ?? [];
  return ids.split(',').map(Number);
}

/** The app has done all that it took. */
async function isIdle({ app }: Place): Promise<boolean> {
  const text = await fetch(`${app}/metrics`).then((answer) => answer.text());
  return /^fettle_deliveries_left 0$/m.test(text);
}
