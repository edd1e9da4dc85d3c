/** Clocks that jump, keys that come back and many who say the same: order is the log's, and each key is there once. */
import { describe, expect, it } from 'vitest';
import { verifyLog } from '../../registry/audit/verify.ts';
import { idempotencyConflict } from '../../registry/faults.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import type { EventLog } from '../../registry/store/log.ts';
import { memoryLog } from '../../registry/store/memory-log.ts';
import { idemsIn, logIn } from '../fixtures/faulty-world.ts';
import { newRepository } from '../fixtures/git.ts';
import { candidate, register, registryOn, serving, stateOfDigits } from '../fixtures/registry.ts';
import { deedNamed } from '../fixtures/runs.ts';

const tell: Parameters<typeof registryOn>[1] = {
  tell: (state, place) => new Map([['README.md', readmeOf(state, place)]]),
};

function writer(log: EventLog, visit: string, now = '2026-11-21T08:00:00.000Z') {
  return registryOn(log, { ...tell, visit, now: () => now });
}

async function verdictOf(log: EventLog): Promise<unknown> {
  const ask = { pin: null, extent: 'all', witnessed: [], readme: readmeOf } as const;
  const found = await verifyLog({ log, now: '2026-11-22T00:00:00.000Z', ...ask });
  return [found?.verdict, found?.problems];
}

describe('a writer whose clock', () => {
  it.each([
    ['went back an hour', '2026-11-21T07:00:00.000Z'],
    ['went forward ten years', '2036-11-21T08:00:00.000Z'],
    ['shows the last day of its time', '9999-12-31T23:59:59.999Z'],
    ['begins its time', '1970-01-01T00:00:00.000Z'],
  ])('%s writes after what was there, and the next one after it', async (_, odd) => {
    const log = memoryLog();
    await register(writer(log, 'one'), candidate('one', 'pass'));
    const { size } = (await log.read([]))!.head;
    await register(writer(log, 'two', odd), candidate('two', 'pass'));
    expect((await log.entries(size)).every(({ envelope }) => envelope.at === odd)).toBe(true);
    expect(serving(await stateOfDigits(writer(log, 'look')))).toBe('1.1.0');
    await register(writer(log, 'three'), candidate('three', 'pass'));
    expect(serving(await stateOfDigits(writer(log, 'look')))).toBe('1.2.0');
    expect((await log.entries(0)).map(({ seq }) => seq)).toEqual(
      Array.from({ length: (await log.read([]))!.head.size }, (__, seq) => seq),
    );
    const keys = await idemsIn(log);
    expect(new Set(keys).size).toBe(keys.length);
    expect(await verdictOf(log)).toEqual(['UNPINNED', []]);
  });

  it.each(['2016-12-31T23:59:60Z', '2026-10-25T02:30:00+02:00', '2026-02-30T00:00:00Z', 'yesterday'])(
    'shows no time of UTC writes nothing: %s',
    async (now) => {
      const log = memoryLog();
      await expect(writer(log, 'odd', now).execute(() => [deedNamed('odd')])).rejects.toThrow();
      expect(await log.read([])).toBeNull();
    },
  );
});

describe('a key', () => {
  it('that a hundred say at once is in the log once', async () => {
    const log = logIn(newRepository('--bare'));
    await writer(log, 'begin').execute(() => [deedNamed('begin')]);
    const { size } = (await log.read([]))!.head;
    const all = Array.from({ length: 100 }, () => writer(log, 'same').execute(() => [deedNamed('same')]));
    const told = await Promise.all(all);
    expect(new Set(told.flat().map(({ idem }) => idem)).size).toBe(1);
    expect(await log.entries(size)).toHaveLength(1);
    expect(await verdictOf(log)).toEqual(['UNPINNED', []]);
  });

  it('that comes back after 29 days and 200 events is found by its day', async () => {
    const log = memoryLog();
    const then = '2026-10-23T08:00:00.000Z';
    const [event] = await writer(log, 'workflow', then).execute((state) =>
      state.models.size > 9 ? [] : [deedNamed('begin')],
    );
    expect(event?.idem).toMatch(/^2026-10-23-/);
    for (let index = 0; index < 200; index++) {
      await writer(log, `later ${index}`).execute(() => [deedNamed(`later ${index}`)]);
    }
    const { head } = (await log.read([]))!;
    const [again] = (await log.entries(1, 2)).flatMap(({ event: one }) => (one === null ? [] : [one]));
    await log.append({ expected: head, events: [again!], view: new Map(), reducer: head.reducer });
    expect((await log.read([]))!.head.size).toBe(head.size);
  });

  it('that says another deed is refused, and the log stays as it was', async () => {
    const log = memoryLog();
    await writer(log, 'same').execute(() => [deedNamed('begin')]);
    await writer(log, 'twice').execute(() => [deedNamed('one say')]);
    const { head } = (await log.read([]))!;
    await expect(writer(log, 'twice').execute(() => [deedNamed('another say')])).rejects.toThrowFault(
      idempotencyConflict,
    );
    expect((await log.read([]))!.head).toEqual(head);
  });
});
