/** Many writers and several folders at once: everybody comes to his turn, and every parcel is folded once. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { gitInbox } from '../../registry/store/git-inbox.ts';
import { inTurn } from '../../registry/store/turn.ts';
import { expectSound, idemsIn, logIn, newWorld, waitingIn } from '../fixtures/faulty-world.ts';
import { cloneOf, git, newFolder, newRepository } from '../fixtures/git.ts';
import { serveGit } from '../fixtures/http-git.ts';
import { foldAt, record, type Desk } from '../fixtures/record-runs.ts';

/** On one repository; as many clones of one remote take five times as long, so there are fewer. */
const WRITERS = Number(process.env['FETTLE_WRITERS'] ?? 64);
const CLONES = Math.ceil(WRITERS / 8);
const PARCELS = 24;

/** @returns milliseconds until each writer's run was recorded, sorted */
async function writeAll(desks: readonly Desk[]): Promise<readonly number[]> {
  const times = desks.map(async (desk, index) => {
    const begin = performance.now();
    // Once, as a command does: whoever would have to be told to run it again has starved.
    await record(desk, 'append', `run ${index}`);
    return performance.now() - begin;
  });
  const sorted = (await Promise.all(times)).toSorted((a, b) => a - b);
  const ms = (value: number | undefined): number => Math.round(value ?? 0);
  if (WRITERS > 64) {
    console.info(
      `${desks.length} writers: median ${ms(sorted[desks.length >> 1])} ms, worst ${ms(sorted.at(-1))} ms`,
    );
  }
  return sorted;
}

async function expectAll(bare: string, count: number): Promise<void> {
  const idems = await idemsIn(logIn(bare));
  expect(new Set(idems).size).toBe(idems.length);
  expect(idems).toHaveLength(count);
  await expectSound(bare);
}

describe('many writers of one registry', () => {
  it(`all come to their turn, ${WRITERS} in one repository`, { timeout: 0 }, async () => {
    const folder = newRepository('--bare');
    await record({ folder, remote: null }, 'append', 'begin');
    await writeAll(Array.from({ length: WRITERS }, () => ({ folder, remote: null })));
    await expectAll(folder, WRITERS + 2);
  });

  it(`all come to their turn, ${CLONES} in clones of a remote that is a folder`, { timeout: 0 }, async () => {
    const bare = newRepository('--bare');
    await record({ folder: bare, remote: null }, 'append', 'begin');
    await writeAll(Array.from({ length: CLONES }, () => ({ folder: cloneOf(bare), remote: 'origin' })));
    await expectAll(bare, CLONES + 2);
  });

  it(`all get through, ${CLONES} in clones of a remote behind a server`, { timeout: 0 }, async () => {
    const bare = newRepository('--bare');
    git(bare, 'config', 'http.receivepack', 'true');
    await record({ folder: bare, remote: null }, 'append', 'begin');
    const server = await serveGit(bare);
    try {
      const clones = Array.from({ length: CLONES }, () => cloneOf(bare));
      for (const clone of clones) git(clone, 'remote', 'set-url', 'origin', server.url);
      await writeAll(clones.map((folder) => ({ folder, remote: 'origin' })));
    } finally {
      await server.close();
    }
    await expectAll(bare, CLONES + 2);
  });
});

describe('two folders at once', () => {
  it.each([
    [
      'of one repository',
      (bare: string): readonly Desk[] => [bare, bare].map((folder) => ({ folder, remote: null })),
    ],
    [
      'in two clones',
      (bare: string): readonly Desk[] =>
        [cloneOf(bare), cloneOf(bare)].map((folder) => ({ folder, remote: 'origin' })),
    ],
    [
      'in one clone',
      (bare: string): readonly Desk[] => {
        const folder = cloneOf(bare);
        return [folder, folder].map((one) => ({ folder: one, remote: 'origin' }));
      },
    ],
  ])('%s fold every parcel once, while others come in', async (_, desksOf) => {
    const { bare } = await newWorld(1);
    const here = { folder: bare, remote: null };
    const { length } = await idemsIn(logIn(bare));
    const safe: string[] = [];
    const offerSome = async (from: number): Promise<void> => {
      for (let index = from; index < from + PARCELS / 2; index++) {
        safe.push(...(await record(here, 'offer', `run ${index}`)));
      }
    };
    await offerSome(0);
    let isOffering = true;
    const offering = offerSome(PARCELS / 2).finally(() => (isOffering = false));
    const folded = await Promise.all(
      desksOf(bare).map(async (desk, index) => {
        let sum = 0;
        for (let round = 0; isOffering || round < 2; round++) {
          sum += (await foldAt(desk, `${index} ${round}`)).folded;
        }
        return sum;
      }),
    );
    await offering;
    const last = await foldAt(here, 'last');
    expect(folded.reduce((sum, count) => sum + count, last.folded)).toBe(PARCELS);
    const idems = await idemsIn(logIn(bare));
    expect(idems.slice(length).toSorted()).toEqual(safe.toSorted());
    expect(await waitingIn(bare)).toEqual([]);
    await expectSound(bare);
  });
});

describe('parcels that are taken away', () => {
  it('are all gone, though another folder took one of them before', async () => {
    const { bare } = await newWorld(1);
    const clone = { folder: cloneOf(bare), remote: 'origin' };
    for (const word of ['one', 'two', 'three']) await record({ folder: bare, remote: null }, 'offer', word);
    const inbox = gitInbox(clone);
    const offered = await inbox.list();
    expect(offered).toHaveLength(3);
    await gitInbox({ folder: bare, remote: null }).discard(offered.slice(0, 1));
    await inbox.discard(offered);
    expect(await waitingIn(bare)).toEqual([]);
  });
});

describe('the row in which writers wait', () => {
  it('goes first come, first served', async () => {
    const folder = path.join(newFolder(), 'row');
    const order: number[] = [];
    const all = [];
    for (let index = 0; index < 5; index++) {
      all.push(inTurn(folder, async () => void order.push(index)));
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    await Promise.all(all);
    expect(order).toEqual([0, 1, 2, 3, 4]);
  });

  it('throws away the ticket of a process that is gone', async () => {
    const folder = newFolder();
    // No process has a number as high as this.
    const left = path.join(folder, `${'1'.padStart(12, '0')}-4194305-00000000`);
    writeFileSync(left, '');
    expect(await inTurn(folder, async () => 'done')).toBe('done');
    expect(existsSync(left)).toBe(false);
  });

  // A process that lives but does not move: the others go around it, and it may still do its work afterwards.
  it('goes on past one who stays first for too long', async () => {
    const folder = newFolder();
    const slow = path.join(folder, `${'1'.padStart(12, '0')}-${process.pid}-00000000`);
    writeFileSync(slow, '');
    const all = Array.from({ length: 8 }, async (_, index) => inTurn(folder, async () => index));
    expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(existsSync(slow)).toBe(false);
  }, 0);

  it('is left out where it cannot be kept, and lets the act’s own failure through', async () => {
    const file = path.join(newFolder(), 'file');
    writeFileSync(file, '');
    expect(await inTurn(path.join(file, 'row'), async () => 'done')).toBe('done');
    const folder = path.join(newFolder(), 'row');
    mkdirSync(folder);
    await expect(inTurn(folder, () => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
    expect(await inTurn(folder, async () => 'done')).toBe('done');
  });
});
