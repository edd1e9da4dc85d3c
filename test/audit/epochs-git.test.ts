/** Epochs on a branch of git: history keeps what left the tree, a clone without it says so, and nothing is done twice. */
import { cpSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pastOf, stayed } from '../../registry/audit/past.ts';
import type { Pin } from '../../registry/audit/pin.ts';
import { rebuild } from '../../registry/audit/rebuild.ts';
import { verifyLog, type Verified } from '../../registry/audit/verify.ts';
import { leafHash } from '../../registry/base/merkle.ts';
import { historyMissing, logMoved } from '../../registry/faults.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import { foldEntries } from '../../registry/state/fold.ts';
import { stateOf } from '../../registry/state/view.ts';
import { githubLog } from '../../registry/store/github-log.ts';
import { BRANCH } from '../../registry/store/git-tip.ts';
import type { EventLog } from '../../registry/store/log.ts';
import { bodyOf } from '../../registry/trust/note.ts';
import type { Fault } from '../fakes/github/answers.ts';
import { eventOf } from '../fixtures/events.ts';
import { expectSound, killGroup, logIn, removeLocks, start } from '../fixtures/faulty-world.ts';
import { cloneOf, git, newFolder, newRepository, readBranch, writeBranch } from '../fixtures/git.ts';
import { openGitHub } from '../fixtures/github.ts';
import { candidate, register, registryOn } from '../fixtures/registry.ts';

const NOW = '2026-11-22T00:00:00.000Z';
const tell: Parameters<typeof rebuild>[0]['tell'] = (state, place) =>
  new Map([['README.md', readmeOf(state, place)]]);

async function fill(log: EventLog, versions: number, word: string): Promise<void> {
  const registry = registryOn(log, { visit: word, tell });
  for (let index = 0; index < versions; index++) {
    await register(registry, candidate(`${word} ${index}`, 'pass'));
  }
}

async function beginEpoch(log: EventLog, visit: string): Promise<void> {
  await registryOn(log, { visit, tell }).beginEpoch();
}

async function verified(
  log: EventLog,
  pin: Pin | null,
  extent: 'since-pin' | 'all' = 'since-pin',
): Promise<Verified> {
  const found = await verifyLog({ log, pin, extent, witnessed: [], now: NOW, readme: readmeOf });
  if (found === null) throw new Error('nothing to verify');
  return found;
}

let folder = '';
let log: EventLog;
let full = '';
let pins: readonly Pin[] = [];

/** Sizes: 73, 74 with the first epoch begun, 146, 147 with the second, 153; in `full` enough for another. */
beforeAll(async () => {
  const made = newRepository();
  const there = logIn(made);
  const first = (await verifiedAfter(there, null, () => fill(there, 12, 'one'))).pin;
  const second = (await verifiedAfter(there, first, () => beginEpoch(there, 'first'))).pin;
  const third = (await verifiedAfter(there, second, () => fill(there, 12, 'two'))).pin;
  const fourth = (await verifiedAfter(there, third, () => beginEpoch(there, 'second'))).pin;
  pins = [first, second, third, fourth].filter((pin) => pin !== null);
  await fill(there, 1, 'three');
  folder = copyOf(made);
  await fill(there, 11, 'four');
  full = made;
}, 60_000);

async function verifiedAfter(one: EventLog, pin: Pin | null, act: () => Promise<void>): Promise<Verified> {
  await act();
  return verified(one, pin);
}

/** A repository with another's objects and branches. */
function copyOf(made: string): string {
  const copy = newFolder();
  cpSync(made, copy, { recursive: true });
  return copy;
}

let template = '';
beforeEach(() => {
  template = template === '' ? folder : template;
  folder = copyOf(template);
  log = logIn(folder);
});

describe('a branch of three epochs', () => {
  it('is verified on from any earlier commit, reading no more than what came since', async () => {
    expect(pins.map(({ size }) => size)).toEqual([73, 74, 146, 147]);
    for (const pin of pins) {
      expect(await verified(log, pin)).toMatchObject({ verdict: 'ok', read: 153 - pin.size, epoch: null });
      expect(await verified(log, { ...pin, mark: null })).toMatchObject({ verdict: 'ok' });
    }
    expect(await verified(log, null, 'all')).toMatchObject({ verdict: 'UNPINNED', read: 153 });
    expect(await verified(log, null)).toMatchObject({ verdict: 'UNPINNED', read: 7, epoch: 146 });
    await expectSound(folder);
  });

  it('keeps every line in its history, and costs git nothing for what the epoch begins on', async () => {
    const tree = git(folder, 'ls-tree', '-r', BRANCH).split('\n').filter(Boolean);
    const [epoch, rest] = [
      tree.filter((one) => one.includes('\tepoch/')),
      tree.filter((one) => !one.includes('\tepoch/')),
    ];
    expect(epoch.length).toBeGreaterThan(3);
    const end = git(folder, 'log', '--format=%P', '-1', BRANCH, '--', 'epoch/head.json').trim();
    const before = git(folder, 'ls-tree', '-r', end);
    for (const one of epoch) expect(before).toContain(one.replace('\tepoch/', '\t'));
    expect(rest.filter((one) => one.includes('\tlog/'))).toHaveLength(1);
    expect(foldEntries(await log.entries(0))).toEqual(stateOf((await log.read())?.view ?? new Map()));
  });

  it.each<[string, (files: Map<string, string>) => void]>([
    ['an edited file of the epoch', (files) => files.set('epoch/index/cc.json', '{}\n')],
    ['a lost file of the epoch', (files) => files.delete('epoch/head.json')],
    ['one more', (files) => files.set('epoch/mine', '')],
  ])('shows %s to who verified it before', async (_, damage) => {
    const pin = (await verified(log, pins[3] ?? null)).pin;
    const files = readBranch(folder, BRANCH);
    damage(files);
    writeBranch(folder, BRANCH, files);
    for (const one of [pin, ...pins.slice(0, 3)]) {
      const { verdict, problems } = await verified(log, one);
      expect(verdict).toBe('DAMAGED');
      expect(problems.some(({ code, where }) => code === 'epoch' || where === 'epoch/mine')).toBe(true);
    }
  });

  it.each<[string, Map<string, string>]>([
    ['a spoilt head of its epoch', new Map([['epoch/head.json', '{}\n']])],
    ['a segment that is back', new Map([['log/000/000/000.jsonl', 'no\n']])],
  ])('is repaired of %s by a commit on top that keeps its shape', async (_, damage) => {
    const good = readBranch(folder, BRANCH);
    writeBranch(folder, BRANCH, new Map([...good, ...damage]));
    const look = await log.look(null);
    if (look === null) throw new Error('nothing there');
    const past = await pastOf(log, stayed(look.files), 0);
    const { files, mended } = rebuild({ look, past, pin: pins[0] ?? null, seal: bodyOf, tell });
    expect(mended).toEqual([...damage.keys()]);
    await log.restore({ expected: look.mark, files, at: NOW });
    expect(readBranch(folder, BRANCH)).toEqual(good);
    expect(await verified(log, pins[0] ?? null)).toMatchObject({ verdict: 'ok' });
    // The commit that mended the folder began no epoch, and what is before it is not the end of one.
    expect(await log.entries(0)).toHaveLength(153);
  });
});

describe('a history that somebody added to, who has no key', () => {
  const FIRST = 'log/000/000/000.jsonl';

  function genuine(): readonly string[] {
    const ends = git(folder, 'log', '--format=%P', BRANCH, '--', 'epoch/head.json').trim().split('\n');
    return git(folder, 'show', `${ends.at(-1) ?? ''}:${FIRST}`)
      .split('\n')
      .filter(Boolean);
  }

  /** What looks like the last commit of an epoch, newer than all, and the tree as it was on top of it. */
  function addEnd(lines: readonly string[]): void {
    const good = readBranch(folder, BRANCH);
    const end = new Map([...good, ['head.json', '{}\n'], [FIRST, lines.map((line) => `${line}\n`).join('')]]);
    end.delete('epoch/head.json');
    writeBranch(folder, BRANCH, end);
    writeBranch(folder, BRANCH, good);
  }

  const told = (line: string): string => line.replace(/"login":"[^"]*"/, '"login":"mallory"');
  const edited = (lines: readonly string[]): readonly string[] => [
    lines[0] ?? '',
    told(lines[1] ?? ''),
    ...lines.slice(2),
  ];

  it.each<[string, (lines: readonly string[]) => readonly string[]]>([
    ['a line of it was edited', edited],
    ['a line was edited and the chain made anew', (lines) => chained(edited(lines))],
    ['it is cut short', (lines) => lines.slice(0, 9)],
    ['it has a line more', (lines) => [...lines, lines[63] ?? '']],
  ])('is read as it was, though %s', async (_, forged) => {
    const before = await log.entries(0, 64);
    const { pin } = await verified(log, pins[3] ?? null);
    const lines = genuine();
    expect(forged(lines)).not.toEqual(lines);
    addEnd(forged(lines));
    expect(await log.entries(0, 64)).toEqual(before);
    expect(await log.entries(0)).toHaveLength(153);
    for (const one of [pin, ...pins]) expect(await verified(log, one)).toMatchObject({ verdict: 'ok' });
    expect(await verified(log, null, 'all')).toMatchObject({ verdict: 'UNPINNED', read: 153 });
  });
});

/** Each line names the one before it, as they are now. */
function chained(lines: readonly string[]): readonly string[] {
  const made: string[] = [];
  for (const line of lines) {
    const before = made.at(-1);
    made.push(
      before === undefined ? line : line.replace(/"prev":"[0-9a-f]{64}"/, `"prev":"${leafHash(before)}"`),
    );
  }
  return made;
}

describe('a clone whose history was cut off', () => {
  let cut = '';
  beforeEach(() => {
    cut = newFolder();
    git(cut, 'clone', '--quiet', '--depth=1', '--branch', BRANCH, `file://${folder}`, '.');
  });

  it('verifies its tree alone, writes on, and says what it cannot read', async () => {
    const here = logIn(cut, 'origin');
    expect(await verified(here, null, 'all')).toMatchObject({ verdict: 'UNPINNED', epoch: 146, read: 7 });
    expect((await here.entries(130)).map(({ seq }) => seq)[0]).toBe(130);
    await expect(here.entries(127)).rejects.toThrowFault(historyMissing);
    await fill(here, 1, 'cut');
    expect(await verified(here, null)).toMatchObject({ verdict: 'UNPINNED', problems: [] });
    const [event] = (await log.entries(2)).map((one) => one.event);
    const head = (await here.read([]))?.head ?? null;
    if (event === undefined || event === null) throw new Error('no event');
    await expect(
      here.append({ expected: head, events: [event], view: new Map(), reducer: 5 }),
    ).rejects.toThrowFault(historyMissing);
  });

  it('is not ok to who remembers an earlier epoch, until the history is fetched', async () => {
    const here = logIn(cut, 'origin');
    for (const pin of pins.slice(0, 3)) {
      const { verdict, problems } = await verified(here, pin);
      expect([verdict, problems.map(({ code }) => code)]).toEqual(['DAMAGED', ['unreached']]);
      expect(problems[0]?.found).toContain('git fetch --unshallow');
    }
    expect(await verified(here, pins[3] ?? null)).toMatchObject({ verdict: 'ok', epoch: 146 });
    git(cut, 'fetch', '--quiet', '--unshallow', 'origin', BRANCH);
    for (const pin of pins) expect(await verified(here, pin)).toMatchObject({ verdict: 'ok' });
    await expect(here.entries(0)).resolves.toHaveLength(153);
  });
});

describe('an epoch that is begun', () => {
  let bare = '';
  beforeEach(() => {
    bare = newRepository('--bare');
    git(full, 'push', '--quiet', bare, BRANCH);
  });

  it('is seen whole by whoever fetches, and refused to whoever decided before', async () => {
    const [one, other] = [logIn(cloneOf(bare), 'origin'), logIn(cloneOf(bare), 'origin')];
    const head = (await other.read([]))?.head ?? null;
    await beginEpoch(one, 'third');
    const late = { expected: head, events: [eventOf('run.started')], view: new Map(), reducer: 5 };
    await expect(other.append(late)).rejects.toThrowFault(logMoved);
    expect(await verified(other, pins[0] ?? null)).toMatchObject({ verdict: 'ok' });
    await fill(other, 1, 'six');
    expect((await other.read([]))?.head.epoch).toBe(4);
    await expectSound(bare);
  });

  it('through the API writes the same tree as through git, and reads the same lines', async () => {
    const { place } = await openGitHub({ folder: bare });
    const copy = copyOf(full);
    const [there, here] = [githubLog(place()), logIn(copy)];
    for (const one of [there, here]) await beginEpoch(one, 'third');
    expect(await there.entries(0)).toEqual(await here.entries(0));
    expect(readBranch(bare, BRANCH)).toEqual(readBranch(copy, BRANCH));
    for (const pin of pins) expect(await verified(there, pin)).toMatchObject({ verdict: 'ok' });
    expect(await verified(there, null, 'all')).toMatchObject({ problems: [] });
    await expectSound(bare);
  });

  const unsure: readonly Fault[] = [{ kind: 'drop' }, { kind: 'lose' }, { kind: 'mask', status: 502 }];

  it.each(unsure)('is begun once where the call that begins it ends so: $kind', async (fault) => {
    const { github, place } = await openGitHub({ folder: bare });
    const there = githubLog(place());
    let left = 1;
    github.fail(({ what }) => (what === 'FettleAppend' && left-- > 0 ? fault : null));
    await beginEpoch(there, 'third');
    expect(left).toBeLessThan(1);
    const entries = await there.entries(0);
    expect(entries.filter(({ event }) => event?.type === 'epoch.begun')).toHaveLength(3);
    expect(await verified(there, pins[0] ?? null)).toMatchObject({ verdict: 'ok' });
  });

  // Killed wherever it is in its gits: the branch has the epoch whole or not at all, and the next try goes through.
  it('is whole or not there when its writer is killed', async () => {
    const writer = path.join(import.meta.dirname, '../fixtures/write-epoch.ts');
    let begun = 0;
    for (const ms of [300, 600, 750, 900, 1100, 1400]) {
      const copy = copyOf(full);
      const started = start([writer, copy]);
      await new Promise((resolve) => setTimeout(resolve, ms));
      killGroup(started);
      await started.ended;
      removeLocks(copy);
      const one = logIn(copy);
      const { epoch, size } = (await one.read([]))?.head ?? { epoch: 0, size: 0 };
      expect([3, 4]).toContain(epoch);
      expect(await one.entries(0)).toHaveLength(size);
      expect(await verified(one, pins[3] ?? null)).toMatchObject({ verdict: 'ok', problems: [] });
      if (epoch === 4) begun++;
      else await beginEpoch(one, 'again');
      await expectSound(copy);
    }
    expect(begun).toBeLessThan(6);
  }, 60_000);
});
