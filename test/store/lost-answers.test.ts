/** Answers that are lost after the server did the work: nothing twice, nothing gone, and no word that is not so. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FettleError } from '../../registry/base/fault.ts';
import { remoteUnreachable } from '../../registry/faults.ts';
import { gitInbox } from '../../registry/store/git-inbox.ts';
import { cuttingProxy, type CuttingProxy } from '../fixtures/cutting-proxy.ts';
import { expectSound, idemsIn, logIn, newWorld, waitingIn, type World } from '../fixtures/faulty-world.ts';
import { cloneOf, git, newRepository } from '../fixtures/git.ts';
import { serveGit, type HttpGit } from '../fixtures/http-git.ts';
import { foldAt, record, type Desk } from '../fixtures/record-runs.ts';

interface Act {
  readonly name: string;
  /** @returns the keys that are safe now; none of a fold */
  run(desk: Desk, word: string): Promise<readonly string[]>;
  /** What is there before the act. */
  readonly prepare: (desk: Desk, word: string) => Promise<readonly string[]>;
}

const nothing = async (): Promise<readonly string[]> => [];
const ACTS: readonly Act[] = [
  { name: 'an append', run: (desk, word) => record(desk, 'append', word), prepare: nothing },
  { name: 'an offer', run: (desk, word) => record(desk, 'offer', word), prepare: nothing },
  {
    name: 'a fold',
    async run(desk, word) {
      await foldAt(desk, word);
      return [];
    },
    prepare: async (desk, word) => [
      ...(await record(desk, 'offer', `${word} one`)),
      ...(await record(desk, 'offer', `${word} two`)),
    ],
  },
];

let world: World;
let server: HttpGit;
let proxy: CuttingProxy;
let desk: Desk;

beforeAll(async () => {
  world = await newWorld(1);
  server = await serveGit(world.bare);
  proxy = await cuttingProxy(server.url);
  desk = { folder: cloneOf(world.bare), remote: 'origin' };
  git(desk.folder, 'remote', 'set-url', 'origin', proxy.url);
});
afterAll(async () => {
  await proxy.close();
  await server.close();
});

async function recorded(): Promise<readonly string[]> {
  return [...(await idemsIn(logIn(world.bare))), ...(await waitingIn(world.bare))];
}

describe.each(ACTS)('$name whose answers are lost', ({ run, prepare }) => {
  /** Which calls lose their answer, for each of the calls that the undisturbed act makes. */
  const WAYS = {
    'at one call': (lost: number) => (call: number) => call === lost,
    'from one call on': (lost: number) => (call: number) => call >= lost,
  };

  it.each(Object.entries(WAYS))(
    '%s: is told rightly, and done once when it is asked for again',
    async (way, isLost) => {
      await prepare(desk, `${way} whole`);
      proxy.cut(() => false);
      await run(desk, `${way} whole`);
      const { length } = proxy.calls();
      expect(length).toBeGreaterThanOrEqual(2);
      for (let lost = 0; lost < length; lost++) {
        const word = `${way} ${lost}`;
        const waiting = await prepare(desk, word);
        const before = new Set(await recorded());
        proxy.cut(isLost(lost));
        const ended = await run(desk, word).catch((error: unknown) => error);
        const after = (await recorded()).filter((idem) => !before.has(idem));
        const calls = proxy.calls().join('\n');
        proxy.cut(() => false);
        if (ended instanceof Error) {
          expect(ended, calls).toBeInstanceOf(FettleError);
          // Nothing was refused: whoever reads that the server cannot be reached knows that it may have been done.
          expect(ended, calls).toThrowFault(remoteUnreachable);
        } else expect(after, calls).toEqual(ended);
        const safe = [...waiting, ...(await run(desk, word))];
        await foldAt(desk, `${word} last`);
        const idems = await idemsIn(logIn(world.bare));
        expect(new Set(idems).size).toBe(idems.length);
        for (const idem of safe) expect(idems).toContain(idem);
        expect(await waitingIn(world.bare)).toEqual([]);
      }
      await expectSound(world.bare);
      await expectSound(desk.folder, desk.remote);
    },
  );
});

describe('an inbox from which another folder takes a parcel while it is fetched', () => {
  it('is read as it is then', async () => {
    const gone = await record(desk, 'offer', 'taken');
    const kept = await record(desk, 'offer', 'kept');
    const refs = git(world.bare, 'for-each-ref', '--format=%(refname)', 'refs/heads/fettle/inbox')
      .trim()
      .split('\n');
    const ref =
      refs.find((name) => git(world.bare, 'show', `${name}:parcel.json`).includes(gone[0] ?? '')) ?? '';
    proxy.cut((call) => {
      // What there is was told; the objects are asked for next.
      if (call === 1) git(world.bare, 'update-ref', '-d', ref);
      return false;
    });
    const offered = await gitInbox({ folder: cloneThrough(proxy), remote: 'origin' }).list();
    proxy.cut(() => false);
    expect(offered.map(({ text }) => text).join()).toContain(kept[0]);
    expect(offered).toHaveLength(refs.length - 1);
  });
});

/** By the older protocol, whose servers give only what a name leads to. */
function cloneThrough({ url }: CuttingProxy): string {
  const folder = newRepository();
  git(folder, 'config', 'protocol.version', '0');
  git(folder, 'remote', 'add', 'origin', url);
  return folder;
}
