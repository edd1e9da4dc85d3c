/** What every event log promises of epochs: lines leave the tree, and none is lost. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { digestOf, hexOf } from '../../registry/base/digest.ts';
import { idempotencyConflict, logMoved } from '../../registry/faults.ts';
import type { RegistryEvent } from '../../registry/schema/event.ts';
import type { AppendAsk, EventLog, Head } from '../../registry/store/log.ts';
import { eventOf, idemFor } from '../fixtures/events.ts';
import type { OpenedLog } from './event-log.ts';

const SEALED = /^(state|index|idem)\//;

/** Written out here, as RFC 8785 would not change these lines: the digest of `sha256sum` over the sorted files. */
function sealOf(files: ReadonlyMap<string, string>): string {
  const lines = [...files]
    .filter(([path]) => SEALED.test(path))
    .map(([path, text]) => `${path} ${hexOf(digestOf(text))}\n`);
  return digestOf(lines.sort().join(''));
}

/** What a registry asks of its log to begin an epoch on what lies there. */
function asked(head: Head, files: ReadonlyMap<string, string>, policy = 0): AppendAsk {
  const { epoch, size, frontier } = head;
  const body = { epoch: epoch + 1, size, reducer: 1, state: sealOf(files), frontier: [...frontier] };
  const sealed = new Map([...files].filter(([path]) => SEALED.test(path)));
  return {
    expected: head,
    events: [eventOf('epoch.begun', body)],
    view: new Map(),
    reducer: 1,
    epoch: { files: sealed, policy },
  };
}

async function put(log: EventLog, expected: Head | null, events: readonly RegistryEvent[]): Promise<Head> {
  return log.append({ expected, events, view: new Map(), reducer: 1 });
}

function finished(count: number): readonly RegistryEvent[] {
  return Array.from({ length: count }, () => eventOf('run.finished'));
}

/** A registry of this many events with a view, one bundle and two policies. */
async function filled(log: EventLog, size: number): Promise<Head> {
  const events = [eventOf('registry.created'), ...finished(size - 1)];
  const text = '{"signed":true}\n';
  const idems = new Set(events.slice(0, 3).map(({ idem }) => idem));
  return log.append({
    expected: null,
    events,
    view: new Map([
      ['README.md', '# Models\n'],
      ['state/aa/one.json', '{"n":1}\n'],
      ['index/aa.json', '{}\n'],
      ['policy/1.json', '{}\n'],
      ['policy/2.json', '{}\n'],
    ]),
    reducer: 1,
    bundles: [{ digest: digestOf(text), text, idems }],
  });
}

async function idemsOf(log: EventLog, from: number, until?: number): Promise<readonly string[]> {
  return (await log.entries(from, until)).map(({ envelope }) => envelope.idem);
}

export function describeEpochs(open: () => Promise<OpenedLog>): void {
  it('takes full files of lines, bundles and old policies out of the tree, and keeps what the epoch begins on', async () => {
    const { log, files } = await open();
    const head = await filled(log, 130);
    const before = await files();
    const ask = asked(head, before, 2);
    const after = await log.append(ask);
    expect(after).toMatchObject({ epoch: 2, size: 131, origin: head.origin });
    const now = await files();
    const kept = [...before].filter(([path]) => SEALED.test(path));
    const folder = new Map(kept.map(([path, text]) => [`epoch/${path}`, text]));
    expect(new Map([...now].filter(([path]) => path.startsWith('epoch/')))).toEqual(
      new Map([...folder, ['epoch/head.json', before.get('head.json')]]),
    );
    // 130 events: two files of 64 are full, the third goes on.
    expect([...before.keys()].filter((path) => !now.has(path)).sort()).toEqual([
      expect.stringMatching(/^att\//),
      'log/000/000/000.jsonl',
      'log/000/000/001.jsonl',
      'policy/1.json',
    ]);
    expect(now.get('log/000/000/002.jsonl')).toMatch(before.get('log/000/000/002.jsonl') ?? '\0');
    expect(await log.epoch(null)).toEqual(new Map([...kept, ['head.json', before.get('head.json')]]));
  });

  // Oracle: the keys of the events as they were handed over, in that order.
  it('gives back every line of every epoch, from any position up to any other', async () => {
    const { log, again, files } = await open();
    const told: string[] = [];
    let head: Head | null = null;
    for (const count of [70, 64, 100, 3]) {
      const events = [...(head === null ? [eventOf('registry.created')] : []), ...finished(count)];
      head = await put(log, head, events);
      told.push(...events.map(({ idem }) => idem));
      const ask = asked(head, await files());
      if (count !== 3) head = await log.append(ask);
      if (count !== 3) told.push(...ask.events.map(({ idem }) => idem));
    }
    expect(head?.epoch).toBe(4);
    const other = await again();
    expect(await idemsOf(other, 0)).toEqual(told);
    const place = fc.integer({ min: 0, max: told.length + 1 });
    const property = fc.asyncProperty(place, place, async (from, until) => {
      expect(await idemsOf(other, from, until)).toEqual(told.slice(from, until));
    });
    await fc.assert(property, {
      numRuns: 6,
      examples: [
        [0, 1],
        [63, 65],
        [70, 71],
        [134, 240],
      ],
    });
    const paths = ['log/000/000/000.jsonl', 'log/000/000/001.jsonl', 'log/000/009/000.jsonl'];
    expect([...(await other.bygone(paths)).keys()].sort()).toEqual(paths.slice(0, 2));
  });

  it('drops what is asked again, and refuses another deed under its key, though the line left the tree', async () => {
    const { log, files } = await open();
    const stamp = { idem: idemFor('once') };
    const event = eventOf('model.promoted', {}, stamp);
    const first = await put(log, null, [eventOf('registry.created'), event, ...finished(70)]);
    const begun = await log.append(asked(first, await files()));
    expect(await put(log, begun, [event])).toEqual(begun);
    await expect(put(log, begun, [eventOf('model.retired', {}, stamp)])).rejects.toThrowFault(
      idempotencyConflict,
    );
    const next = await put(log, begun, [event, eventOf('model.retired')]);
    expect(next.size).toBe(begun.size + 1);
    expect(await log.positions([event.idem])).toEqual(new Map([[event.idem, 1]]));
  });

  it('lets one of two win who append and begin an epoch on the same head', async () => {
    const { log, again, files } = await open();
    const head = await filled(log, 70);
    const ask = asked(head, await files());
    const late = [eventOf('model.retired')];
    const begun = await log.append(ask);
    await expect(put(await again(), head, late)).rejects.toThrowFault(logMoved);
    const next = await put(await again(), begun, late);
    const old = asked(begun, await files());
    await expect(log.append(old)).rejects.toThrowFault(logMoved);
    expect((await log.read([]))?.head).toEqual(next);
  });

  it('begins the same epoch once, however often it is asked for', async () => {
    const { log, files } = await open();
    const ask = asked(await filled(log, 70), await files());
    const begun = await log.append(ask);
    const there = await files();
    expect(await log.append({ ...ask, expected: begun })).toEqual(begun);
    expect(await files()).toEqual(there);
  });

  it('takes the beginning of an epoch only as the first of its events, with what it begins on', async () => {
    const { log, files } = await open();
    const ask = asked(await filled(log, 70), await files());
    const { epoch: _, ...without } = ask;
    await expect(log.append(without)).rejects.toThrow(TypeError);
    await expect(log.append({ ...ask, events: [...finished(1), ...ask.events] })).rejects.toThrow(TypeError);
    await expect(log.append({ ...ask, events: finished(1) })).rejects.toThrow(TypeError);
  });

  it('shows whoever looked before what went and what came', async () => {
    const { log, files } = await open();
    const head = await filled(log, 70);
    const mark = (await log.look(null))?.mark ?? null;
    await log.append(asked(head, await files()));
    if (mark === null) return;
    const look = await log.look({ mark, size: 70 });
    expect(look?.gone.toSorted()).toEqual([expect.stringMatching(/^att\//), 'log/000/000/000.jsonl']);
    expect([...(look?.files.keys() ?? [])]).toContain('epoch/head.json');
    expect(await log.epoch(mark)).toEqual(new Map());
  });
}
