/** Registries of every format ever released are read, verified and gone on with by the present code. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { pastOf, stayed } from '../../registry/audit/past.ts';
import { pinOf } from '../../registry/audit/pin.ts';
import { rebuild } from '../../registry/audit/rebuild.ts';
import { verifyLog } from '../../registry/audit/verify.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import { EVENT_TYPES } from '../../registry/schema/event.ts';
import { foldEntries, REDUCER } from '../../registry/state/fold.ts';
import { gitLog } from '../../registry/store/git-log.ts';
import { git, newRepository } from '../fixtures/git.ts';

const Told = z.object({
  size: z.number(),
  checkpoint: z.string(),
  types: z.array(z.string()),
  models: z.record(
    z.string(),
    z.object({ versionCount: z.number(), serving: z.record(z.string(), z.string()), retired: z.boolean() }),
  ),
});

const BUNDLES = globSync(path.join(import.meta.dirname, '*.bundle')).sort();
/** Kinds of events that a golden registry holds already; a new kind gets one of the next format, or is listed here. */
const NOT_YET: readonly string[] = [
  'artifact.forgotten',
  'channel.frozen',
  'channel.thawed',
  'hold.lifted',
  'hold.placed',
  'lease.ended',
  'lease.taken',
  'model.imported',
  'optimisation.recorded',
  'promotion.asked',
  'promotion.refused',
  'snapshot.sealed',
];

describe.each(BUNDLES.map((file) => [path.basename(file, '.bundle'), file] as const))(
  'the golden registry %s',
  (_, file) => {
    const told = Told.parse(JSON.parse(readFileSync(file.replace('.bundle', '.json'), 'utf8')));
    const folder = newRepository();
    git(folder, 'fetch', '--quiet', file, 'fettle/registry:fettle/registry');
    const log = gitLog({ folder, remote: null, author: { name: 'Ada', email: 'ada@example.org' } });

    it('is read as it was written', async () => {
      const snapshot = await log.read();
      expect(snapshot?.head.size).toBe(told.size);
      expect(snapshot?.checkpoint).toBe(told.checkpoint);
      const { models } = foldEntries(await log.entries(0));
      const found = [...models.values()].map(({ model, versionCount, serving, retired }) => [
        model,
        { versionCount, serving, retired: retired !== null },
      ]);
      expect(Object.fromEntries(found)).toEqual(told.models);
    });

    it('verifies: chain, signatures and policy, whatever the fold of its time', async () => {
      const now = '2026-11-22T00:00:00.000Z';
      const found = await verifyLog({ log, pin: null, extent: 'all', witnessed: [], now, readme: readmeOf });
      const sound = found?.problems.filter(({ code }) => code !== 'reducer' && code !== 'readme-differs');
      expect(sound).toEqual([]);
      if ((await log.read([]))?.head.reducer === REDUCER) expect(found?.verdict).toBe('UNPINNED');
    });

    it('is verified from where an older Fettle pinned it, with nothing new since', async () => {
      const look = await log.look(null);
      const head = (await log.read([]))?.head;
      if (look === null || head === undefined) throw new Error('the bundle holds no registry');
      const now = '2026-11-22T00:00:00.000Z';
      const { policy } = foldEntries(await log.entries(0)).trust;
      const pin = pinOf(head, { mark: look.mark, policy, at: now });
      const found = await verifyLog({ log, pin, extent: 'since-pin', witnessed: [], now, readme: readmeOf });
      const sound = found?.problems.filter(({ code }) => code !== 'reducer' && code !== 'readme-differs');
      expect(sound).toEqual([]);
    });

    it('can be rebuilt from its log alone', async () => {
      const look = await log.look(null);
      if (look === null) throw new Error('the bundle holds no registry');
      const { mended } = rebuild({
        past: await pastOf(log, stayed(look.files), 0),
        look,
        pin: null,
        seal: () => told.checkpoint,
        tell: (state, place) => new Map([['README.md', readmeOf(state, place)]]),
      });
      if ((await log.read([]))?.head.reducer === REDUCER) {
        expect(mended.filter((path_) => path_ !== 'README.md')).toEqual([]);
      }
    });
  },
);

it('holds every kind of event that there is', () => {
  const all = BUNDLES.flatMap(
    (file) => Told.parse(JSON.parse(readFileSync(file.replace('.bundle', '.json'), 'utf8'))).types,
  );
  expect([...new Set([...all, ...NOT_YET])].sort()).toEqual([...EVENT_TYPES].sort());
});
