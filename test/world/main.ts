/** What `fettle world` starts: a seeded world that stays until Ctrl-C, and a page of how to meet the bot in it. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { paintFor } from '../../action/paint.ts';
import type { Paint } from '../../action/verbs/verb.ts';
import { PEOPLE } from '../fakes/github/twin.ts';
import { numberIn } from '../fakes/github/actions.ts';
import { openWorld, type OpenWorld } from './open.ts';

const { values } = parseArgs({ options: { at: { type: 'string' }, for: { type: 'string' } } });
const file = path.join(values.at ?? '.', 'world.json');
const colours = process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '';
const paint = paintFor(colours || (process.env['FORCE_COLOR'] ?? '0') !== '0');

interface Seeded {
  readonly issue: number;
  readonly pull: number;
  readonly dashboard: number;
  readonly waits: string;
}

const Thread = z.object({ number: z.int(), title: z.string() });

/** One version that serves, one that passed every gate and waits for a person, and more data in a pull request. */
async function seed({ twin, batches, perform, settled }: OpenWorld): Promise<Seeded> {
  const issue = numberIn(await twin.issue({ as: 'rita', title: 'Sevens are read as ones' }));
  await wanted(perform({ verb: 'run', arguments: 'digits' }, 'ada'));
  await wanted(perform({ verb: 'promote', arguments: 'digits@1.0.0 --reason "the first one"' }, 'ada'));
  await twin.push({
    as: 'ada',
    branch: 'main',
    files: { 'data/digits.csv': batches[1] ?? '' },
    message: 'More digits',
  });
  await wanted(perform({ verb: 'run', arguments: 'digits' }, 'ada'));
  await twin.push({
    as: 'ada',
    branch: 'main',
    files: { 'data/digits.csv': batches[2] ?? '' },
    message: 'And more digits',
  });
  await settled();
  const branch = 'even-more-digits';
  await twin.push({ as: 'linus', branch, files: { 'data/digits.csv': batches[3] ?? '' } });
  const pull = numberIn(await twin.pull({ as: 'linus', head: branch, title: 'Even more digits' }));
  await settled();
  const threads = z.array(Thread).parse(await twin.request({ as: 'ada' }, 'GET', 'issues'));
  const dashboard = threads.find(({ title }) => title.includes('dashboard'))?.number ?? 0;
  return { issue, pull, dashboard, waits: 'digits@1.1.0' };
}

async function wanted(performed: ReturnType<OpenWorld['perform']>): Promise<void> {
  const { code, log } = await performed;
  if (code !== 0) throw new Error(`the world could not be seeded:\n${log}`);
}

function told(
  world: OpenWorld,
  { issue, pull, dashboard, waits }: Seeded,
  { bold, dim, good }: Paint,
): string {
  const { twin, appUrl, repository } = world;
  const people = Object.entries(PEOPLE).map(([login, level]) => `${bold(login)} ${dim(level)}`);
  const say = (words: string, says: string): string => `  ${bold(words.padEnd(60))}${dim(says)}`;
  return [
    '',
    good('Fettle’s world is open.') + dim('  A GitHub stand-in, a repository of digits, and the bot.'),
    '',
    `  Page        ${appUrl}/${repository}`,
    `  Clone       git clone ${twin.gitUrl()}`,
    `  API         ${twin.url}`,
    `  People      ${people.join(dim(' · '))}`,
    `  Threads     #${issue} an issue, #${dashboard} the dashboard, #${pull} a pull request with more data`,
    `  Models      digits@1.0.0 serves production; ${waits} passed every gate and waits for a person`,
    '',
    'Say something in another terminal:',
    say('npx fettle say "/fettle status"', 'what serves, and what waits'),
    say(`npx fettle say "/fettle promote ${waits} to production"`, 'lets it serve'),
    say('npx fettle say "/fettle rollback production" --yes', 'takes it back; --yes is the 👍'),
    say('npx fettle say "/fettle train digits"', 'runs the Action, and tells how it ends'),
    say('npx fettle say "/fettle help" --as tara', `as somebody else; --on ${pull} for another thread`),
    '',
    dim('Ctrl-C ends it; nothing of it is left.'),
  ].join('\n');
}

function tellApart(line: string): void {
  if (line.includes('"level":"error"')) process.stderr.write(`${line}\n`);
}

const opening = paint.dim('Opening: the stand-in, the app, two trainings …');
process.stdout.write(`${opening}\n`);
const ended = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  // Whoever started it is gone.
  process.on('disconnect', () => resolve());
});
const world = await openWorld({ heard: tellApart });
try {
  const seeded = await seed(world);
  const { twin, appUrl, repository } = world;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(
    file,
    JSON.stringify({ api: twin.url, app: appUrl, repository, thread: seeded.issue, tokens: twin.tokens }),
  );
  process.stdout.write(`${told(world, seeded, paint)}\n`);
  const seconds = values.for === undefined ? null : Number(values.for);
  const over = new Promise<void>((resolve) => {
    if (seconds !== null) setTimeout(resolve, seconds * 1000).unref();
  });
  await Promise.race([ended, over]);
} finally {
  // Another world may have been opened meanwhile.
  if (existsSync(file) && readFileSync(file, 'utf8').includes(world.appUrl)) rmSync(file);
  await world.close();
}
process.exit(0);
