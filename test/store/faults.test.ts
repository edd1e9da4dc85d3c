/** Processes that are killed at any moment: what they were told is safe stays, once, and the next one goes on. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { randomOf, type Random } from '../../pipelines/maths/random.ts';
import {
  CLI,
  expectSound,
  idemsIn,
  killGroup,
  logIn,
  newWorld,
  problemsIn,
  registryIn,
  removeLocks,
  saidSafe,
  start,
  waitingIn,
  WRITER,
  type Started,
  type World,
} from '../fixtures/faulty-world.ts';
import { gitInbox } from '../../registry/store/git-inbox.ts';
import { git } from '../fixtures/git.ts';

/** One thousand are asked for with `FETTLE_KILLS=1000`. */
const KILLS = Number(process.env['FETTLE_KILLS'] ?? 50);
const SEED = Number(process.env['FETTLE_SEED'] ?? 20_261_121);

interface Tally {
  /** Keys that a writer was told are safe. */
  readonly safe: Set<string>;
  /** Next word of each writer: the one that was cut off is asked for again. */
  readonly next: Map<string, number>;
  readonly kills: Map<string, number>;
  /** Milliseconds that each lives undisturbed. */
  lives: ReadonlyMap<string, number>;
  locks: number;
  finished: number;
}

type Act = (world: World, tally: Tally) => Started;

function writes(how: 'append' | 'offer', at: number): Act {
  return ({ clones }, { next }) => {
    const from = next.get(how) ?? 0;
    return start([WRITER, clones[at] ?? '', 'origin', how, how, String(from), '1000000']);
  };
}

function runs(at: number, ...words: readonly string[]): Act {
  return ({ clones }) => start([CLI, ...words], { cwd: clones[at] ?? '' });
}

interface Killable {
  readonly name: string;
  readonly act: Act;
}

const WRITERS: readonly Killable[] = [
  { name: 'append', act: writes('append', 0) },
  { name: 'offer', act: writes('offer', 1) },
];
const COMMANDS: readonly Killable[] = [
  { name: 'fold', act: runs(2, 'fold') },
  { name: 'sqlite', act: runs(2, 'export', '--sqlite') },
  { name: 'fold', act: runs(2, 'fold') },
  { name: 'gto', act: runs(2, 'export', '--gto', '--repair') },
];

/** How long each lives when nobody kills it: a writer until it has recorded three runs, a command until it ends. */
async function livesOf(world: World, tally: Tally): Promise<ReadonlyMap<string, number>> {
  const lives = new Map<string, number>();
  for (const { name, act } of [...WRITERS, ...COMMANDS]) {
    const started = act(world, tally);
    let begin = performance.now();
    started.child.stdout?.once(
      'data',
      () => (begin = WRITERS.some((one) => one.name === name) ? performance.now() : begin),
    );
    while (started.child.exitCode === null && saidSafe(started.out()).length < 3) await sleep(2);
    lives.set(name, performance.now() - begin);
    killGroup(started);
    await started.ended;
    noteSafe(tally, name, started.out());
  }
  return lives;
}

function noteSafe({ safe, next }: Tally, name: string, out: string): void {
  expect(out, name).not.toMatch(/^fault |at file:|Error:/m);
  const said = saidSafe(out);
  for (const idem of said) safe.add(idem);
  next.set(name, (next.get(name) ?? 0) + said.length);
}

async function killed(world: World, tally: Tally, { name, act }: Killable, lifeMs: number): Promise<void> {
  const started = act(world, tally);
  if (WRITERS.some((one) => one.name === name)) {
    await new Promise((resolve) => started.child.stdout?.once('data', resolve));
  }
  await Promise.race([sleep(lifeMs), started.ended]);
  killGroup(started);
  const { signal } = await started.ended;
  if (signal === 'SIGKILL') tally.kills.set(name, (tally.kills.get(name) ?? 0) + 1);
  else tally.finished += 1;
  noteSafe(tally, name, started.out());
}

/** A writer and a command at once, each killed at a moment of its own. */
async function killedTwo(world: World, tally: Tally, round: number, random: Random): Promise<void> {
  const both = [WRITERS[round % WRITERS.length], COMMANDS[round % COMMANDS.length]].filter(
    (one) => one !== undefined,
  );
  if (both.some(({ name }) => name === 'gto')) {
    for (const tag of tagsIn(world)) git(world.clones[2] ?? '', 'tag', '-d', tag);
  }
  const lifeOf = ({ name }: Killable): number =>
    ((tally.lives.get(name) ?? 0) * (5 + random.nextBelow(105))) / 100;
  await Promise.all(both.map((one) => killed(world, tally, one, lifeOf(one))));
  for (const folder of [world.bare, ...world.clones]) tally.locks += removeLocks(folder);
}

function tagsIn({ clones }: World): readonly string[] {
  return git(clones[2] ?? '', 'tag', '--list')
    .split('\n')
    .filter(Boolean);
}

async function expectNothingLost({ bare, clones }: World, { safe }: Tally): Promise<void> {
  await expectSound(bare);
  for (const clone of clones) {
    git(clone, 'fsck', '--strict', '--no-dangling', '--no-progress', '--connectivity-only');
  }
  const logged = await idemsIn(logIn(bare));
  expect(new Set(logged).size).toBe(logged.length);
  const kept = new Set([...logged, ...(await waitingIn(bare))]);
  expect([...safe].filter((idem) => !kept.has(idem))).toEqual([]);
}

/** An export that is there is whole: SQLite finds no fault in it. */
function expectWholeExport({ clones }: World): void {
  const file = path.join(clones[2] ?? '', '.fettle/exports/registry.sqlite');
  if (!existsSync(file)) return;
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  } finally {
    database.close();
  }
}

describe('append, offer, fold and export, killed at any moment', () => {
  it(`lose nothing that was said to be safe, over ${KILLS} kills`, { timeout: 0 }, async () => {
    const world = await newWorld(3);
    const random = randomOf(SEED);
    const tally: Tally = {
      safe: new Set(),
      next: new Map(),
      kills: new Map(),
      lives: new Map(),
      locks: 0,
      finished: 0,
    };
    tally.lives = await livesOf(world, tally);
    const killsSoFar = (): number => [...tally.kills.values()].reduce((sum, count) => sum + count, 0);
    for (let round = 0; killsSoFar() < KILLS; round++) {
      await killedTwo(world, tally, round, random);
      await expectNothingLost(world, tally);
      expectWholeExport(world);
    }
    const [, , keeper = ''] = world.clones;
    await registryIn(keeper, 'origin', 'last').fold(gitInbox({ folder: keeper, remote: 'origin' }));
    expect(await waitingIn(world.bare)).toEqual([]);
    const logged = await idemsIn(logIn(world.bare));
    expect([...tally.safe].filter((idem) => !logged.includes(idem))).toEqual([]);
    expect(await problemsIn(logIn(world.bare))).toEqual([]);
    execFileSync(process.execPath, [CLI, 'export', '--gto', '--repair'], { cwd: keeper, stdio: 'pipe' });
    for (const words of [
      ['export', '--sqlite'],
      ['export', '--gto', '--check'],
    ]) {
      execFileSync(process.execPath, [CLI, ...words], { cwd: keeper, stdio: 'pipe' });
    }
    expectWholeExport(world);
    const events = { safe: tally.safe.size, logged: logged.length };
    const told = { kills: Object.fromEntries(tally.kills), locks: tally.locks, finished: tally.finished };
    if (KILLS > 50) {
      console.info(JSON.stringify({ ...events, ...told, lives: Object.fromEntries(tally.lives) }));
    }
  });
});
