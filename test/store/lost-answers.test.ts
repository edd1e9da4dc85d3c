/** Answers that are lost after the server did the work: nothing twice, nothing gone, and no word that is not so. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FettleError } from '../../registry/base/fault.ts';
import { remoteUnreachable } from '../../registry/faults.ts';
import { cuttingProxy, type CuttingProxy } from '../fixtures/cutting-proxy.ts';
import { expectSound, idemsIn, logIn, newWorld, waitingIn, type World } from '../fixtures/faulty-world.ts';
import { cloneOf, git } from '../fixtures/git.ts';
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
