/** What every event log promises, whatever it is kept in. */
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { canonical } from '../../registry/base/json.ts';
import {
  idempotencyConflict,
  logMoved,
  registryDamaged,
  registryForeign,
  registryFromFuture,
} from '../../registry/faults.ts';
import type { RegistryEvent } from '../../registry/schema/event.ts';
import { FROM_START, inspectLog } from '../../registry/store/check-log.ts';
import type { EventLog, Head, Problem } from '../../registry/store/log.ts';
import { memoryLog } from '../../registry/store/memory-log.ts';
import { eventOf, idemFor, ORIGIN, startOver } from '../fixtures/events.ts';
import { describeEpochs } from './event-log-epochs.ts';

export interface OpenedLog {
  readonly log: EventLog;
  /** Another writer of the same registry. */
  again(): Promise<EventLog>;
  files(): Promise<Map<string, string>>;
  /** Puts exactly these files there behind the log's back. */
  tamper(files: ReadonlyMap<string, string>): Promise<void>;
}

const NONE: ReadonlyMap<string, string> = new Map();
const SEGMENT = 'log/000/000/000.jsonl';

export function describeEventLog(name: string, open: () => Promise<OpenedLog>): void {
  describe(`${name}, as any event log`, () => {
    beforeEach(startOver);
    describe('append', () => describeAppend(open));
    describe('read', () => describeRead(open));
    describe('look', () => describeCheck(open));
    describe('epochs', () => describeEpochs(open));
  });
}

/** Begins a registry when nothing is expected. */
async function put(log: EventLog, expected: Head | null, events: readonly RegistryEvent[]): Promise<Head> {
  return log.append({ expected, events, view: NONE, reducer: 1 });
}

/** A registry of this many events. */
async function filled(log: EventLog, size: number): Promise<Head> {
  const events = Array.from({ length: size - 1 }, () => eventOf('run.finished'));
  return put(log, null, [eventOf('registry.created'), ...events]);
}

/** Every way in which the files are not what the log says; the view is left to whoever can derive it. */
export async function problemsIn(log: EventLog): Promise<readonly Problem[]> {
  const look = await log.look(null);
  if (look === null) return [];
  const asked = { where: log.where, from: FROM_START, sizes: [], begun: null };
  return [...look.problems, ...inspectLog(look.files, asked).problems];
}

function describeAppend(open: () => Promise<OpenedLog>): void {
  it('begins a registry with the origin and epoch of its first event', async () => {
    const { log, again } = await open();
    expect(await log.read()).toBeNull();
    expect(await log.entries(0)).toEqual([]);
    expect(await problemsIn(log)).toEqual([]);
    const head = await put(log, null, [eventOf('registry.created')]);
    expect(head).toMatchObject({ origin: ORIGIN, epoch: 1, size: 1, reducer: 1 });
    expect((await (await again()).read())?.head).toEqual(head);
  });

  it('gives back what was appended, in order and from any position', async () => {
    const { log, again } = await open();
    const events = [eventOf('registry.created'), eventOf('run.started'), eventOf('model.registered')];
    const head = await put(log, null, events.slice(0, 1));
    await put(log, head, events.slice(1));
    const other = await again();
    expect((await other.entries(0)).map(({ event }) => event)).toEqual(events);
    expect((await other.entries(2)).map(({ seq, event }) => ({ seq, event }))).toEqual([
      { seq: 2, event: events[2] },
    ]);
    expect(await other.entries(3)).toEqual([]);
    expect((await other.entries(1, 2)).map(({ seq }) => seq)).toEqual([1]);
    expect(await other.entries(2, 2)).toEqual([]);
  });

  it('refuses who decided on an older head, and loses nothing', async () => {
    const { log, again } = await open();
    const first = await filled(log, 1);
    const second = await put(await again(), first, [eventOf('model.promoted')]);
    const late = [eventOf('model.retired')];
    await expect(put(log, first, late)).rejects.toThrowFault(logMoved);
    await expect(put(log, null, [eventOf('registry.created')])).rejects.toThrowFault(logMoved);
    expect((await log.read())?.head).toEqual(second);
    expect((await put(log, second, late)).size).toBe(3);
    expect(await problemsIn(log)).toEqual([]);
  });

  it('lets one of two win who append at the same moment', async () => {
    const { log, again } = await open();
    const first = await filled(log, 1);
    const other = await again();
    const ends = await Promise.allSettled([
      put(log, first, [eventOf('model.promoted')]),
      put(other, first, [eventOf('model.retired')]),
    ]);
    const lost = ends.filter((end) => end.status === 'rejected');
    expect(lost).toHaveLength(1);
    expect(lost[0]?.reason).toThrowFault(logMoved);
    expect((await log.read())?.head.size).toBe(2);
    expect(await problemsIn(log)).toEqual([]);
  });

  // 64 lines a segment: 64 begins the second, 128 the third, which ends after two lines.
  it('gives back what lies before a position, across segments and past the end', async () => {
    const { log } = await open();
    await filled(log, 130);
    const seqs = async (from: number, until: number) =>
      (await log.entries(from, until)).map(({ seq }) => seq);
    expect(await seqs(63, 65)).toEqual([63, 64]);
    expect(await seqs(64, 128)).toEqual(Array.from({ length: 64 }, (_, index) => 64 + index));
    expect(await seqs(127, 129)).toEqual([127, 128]);
    expect(await seqs(128, 999)).toEqual([128, 129]);
    expect(await seqs(0, 1)).toEqual([0]);
    expect(await seqs(3, 2)).toEqual([]);
  });

  it('drops an event that is there already, though it was asked for at another time', async () => {
    const { log } = await open();
    const first = await filled(log, 1);
    const event = eventOf('model.promoted');
    const second = await put(log, first, [event]);
    const before = [...(await log.entries(0))];
    expect(await put(log, second, [{ ...event, at: '2027-01-01T00:00:00.000Z' }])).toEqual(second);
    expect(await log.entries(0)).toEqual(before);
    const third = await put(log, second, [event, eventOf('model.retired'), event]);
    expect(third.size).toBe(3);
    expect(await problemsIn(log)).toEqual([]);
  });

  it('refuses another deed under a key that was used, in the log or in the same batch', async () => {
    const { log } = await open();
    const head = await filled(log, 2);
    const stamp = { idem: idemFor('twice') };
    const [one, two] = [eventOf('model.promoted', {}, stamp), eventOf('model.retired', {}, stamp)];
    await expect(put(log, head, [one, two])).rejects.toThrowFault(idempotencyConflict);
    const next = await put(log, head, [one]);
    await expect(put(log, next, [two])).rejects.toThrowFault(idempotencyConflict);
    expect((await log.read())?.head).toEqual(next);
  });

  it('takes only registry.created as the first event, and takes it only once', async () => {
    const { log } = await open();
    await expect(put(log, null, [eventOf('model.promoted')])).rejects.toThrow(TypeError);
    const head = await filled(log, 1);
    await expect(put(log, head, [eventOf('registry.created')])).rejects.toThrow(TypeError);
  });

  it('keeps text in every alphabet as it was', async () => {
    const { log } = await open();
    const reason = 'zurückgezogen – 退役 – 🧪\u2028"\\\n';
    const event = eventOf('model.retired', { reason });
    await put(log, null, [eventOf('registry.created'), event]);
    expect((await log.entries(1))[0]?.event).toEqual(event);
    expect(await problemsIn(log)).toEqual([]);
  });

  // Oracle: the whole log in one append; however the batches are cut, the bytes must be the same.
  it('gives the same head and the same bytes however the events are cut into batches', async () => {
    startOver();
    const events = [
      eventOf('registry.created'),
      ...Array.from({ length: 199 }, () => eventOf('run.finished')),
    ];
    const whole = new Map<string, string>();
    const head = await put(memoryLog(whole), null, events);
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 199 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const { log, files } = await open();
        const ends = [...places.toSorted((a, b) => a - b), 200];
        let reached: Head | null = null;
        for (const [index, end] of ends.entries()) {
          reached = await put(log, reached, events.slice(index === 0 ? 0 : ends[index - 1], end));
        }
        expect(reached).toEqual(head);
        expect(await files()).toEqual(whole);
        expect([...whole.keys()].filter((path) => path.startsWith('log/'))).toHaveLength(4);
        expect((await log.entries(130)).map(({ seq }) => seq)).toEqual(
          Array.from({ length: 70 }, (_, i) => 130 + i),
        );
        expect(await problemsIn(log)).toEqual([]);
      }),
      { numRuns: 5, examples: [[[]], [[64, 128, 192]], [[1, 63, 65, 127, 129]]] },
    );
  });
}

function describeRead(open: () => Promise<OpenedLog>): void {
  it('gives every file of keys, of now and of an earlier look', async () => {
    const { log, files } = await open();
    expect(await log.shards(null)).toEqual(new Map());
    const head = await filled(log, 20);
    const keys = async (): Promise<ReadonlyMap<string, string>> =>
      new Map([...(await files())].filter(([path]) => path.startsWith('idem/')));
    const [before, mark] = [await keys(), (await log.look(null))?.mark ?? null];
    await put(log, head, [eventOf('run.started')]);
    expect(await log.shards(null)).toEqual(await keys());
    expect(before).not.toEqual(await keys());
    if (mark !== null) expect(await log.shards(mark)).toEqual(before);
  });

  it('gives the view of the same moment as the head, with new files in place of old ones', async () => {
    const { log, again } = await open();
    const view = new Map([
      ['README.md', '# Models\n'],
      ['state/aa/one.json', '{"n":1}\n'],
    ]);
    const created = [eventOf('registry.created')];
    const head = await log.append({ expected: null, events: created, view, reducer: 1 });
    expect(await log.read()).toMatchObject({ head, view });
    const changed = new Map([
      ['state/aa/one.json', '{"n":2,"ä":"é"}\n'],
      ['index/aa.json', '{}\n'],
    ] as const);
    await log.append({ expected: head, events: [eventOf('model.retired')], view: changed, reducer: 2 });
    const now = await (await again()).read();
    expect(now?.view).toEqual(new Map([...view, ...changed]));
    expect(now?.head.reducer).toBe(2);
    expect(await problemsIn(log)).toEqual([]);
  });

  it('keeps an event of a type that it does not know, and skips its meaning', async () => {
    const { log } = await open();
    const head = await filled(log, 1);
    const newer = JSON.parse(
      canonical({ ...eventOf('model.retired'), type: 'model.blessed', body: { by: 'x' } }),
    );
    await put(log, head, [newer]);
    const [, entry] = await log.entries(0);
    expect(entry).toMatchObject({
      seq: 1,
      event: null,
      envelope: { type: 'model.blessed', body: { by: 'x' } },
    });
    expect(await problemsIn(log)).toEqual([]);
  });

  it('refuses events, heads and formats of a newer version rather than misread them', async () => {
    const { log, files, tamper } = await open();
    const head = await filled(log, 1);
    const whole = await files();
    await put(log, head, [JSON.parse(canonical({ ...eventOf('model.retired'), v: 2 }))]);
    await expect(log.entries(0)).rejects.toThrowFault(registryFromFuture);
    await tamper(new Map([...whole, ['FORMAT', 'fettle-registry/2\n']]));
    await expect(log.read()).rejects.toThrowFault(registryFromFuture);
    await tamper(new Map([...whole, ['head.json', '{"v":2}\n']]));
    await expect(log.read()).rejects.toThrowFault(registryFromFuture);
  });

  it('refuses files that are no registry of ours', async () => {
    const { log, files, tamper } = await open();
    const head = await filled(log, 1);
    const whole = await files();
    for (const odd of [new Map([['notes.txt', 'mine\n']]), new Map([['FORMAT', 'gto\n']])]) {
      await tamper(new Map([...whole, ...odd]));
      await expect(log.read()).rejects.toThrowFault(registryForeign);
    }
    await tamper(new Map([...whole, ['head.json', '{}\n']]));
    await expect(log.read()).rejects.toThrowFault(registryDamaged);
    await expect(put(log, head, [eventOf('model.retired')])).rejects.toThrowFault(registryDamaged);
  });
}

function describeCheck(open: () => Promise<OpenedLog>): void {
  // Each of these was done to real logs by hand, by merges or by failing disks; every one has to be seen.
  const damages: readonly (readonly [string, string, (files: Map<string, string>) => void])[] = [
    [
      'a flipped character',
      'chain',
      (files) => edit(files, SEGMENT, (text) => text.replace('octocat', 'octocau')),
    ],
    ['a dropped line', 'seq', (files) => editLines(files, (lines) => lines.toSpliced(3, 1))],
    [
      'two swapped lines',
      'chain',
      (files) => editLines(files, ([a = '', b = '', c = '', ...rest]) => [a, c, b, ...rest]),
    ],
    [
      'a line with spaces',
      'canonical',
      (files) => edit(files, SEGMENT, (text) => text.replace('{"b":null', '{"b": null')),
    ],
    [
      'a cut last line',
      'segment',
      (files) => edit(files, 'log/000/000/001.jsonl', (text) => text.slice(0, -1)),
    ],
    ['a lost last segment', 'head', (files) => files.delete('log/000/000/001.jsonl')],
    [
      'an edited head',
      'head',
      (files) => edit(files, 'head.json', (text) => text.replace('"size":70', '"size":69')),
    ],
    ['a lost head', 'head', (files) => files.delete('head.json')],
    [
      'an edited checkpoint',
      'checkpoint',
      (files) => edit(files, 'checkpoint', (text) => text.replace('\n70\n', '\n71\n')),
    ],
    ['a lost key', 'idem', (files) => edit(files, firstShard(files), (text) => text.replace(/^.*\n/, ''))],
    ['an extra file', 'unexpected-file', (files) => files.set('notes.txt', 'mine\n')],
    ['an extra segment', 'unexpected-file', (files) => files.set('log/000/000/007.jsonl', '{}\n')],
    ['another format', 'format', (files) => files.set('FORMAT', 'fettle-registry/2\n')],
  ];

  it.each(damages)('finds %s', async (_, code, damage) => {
    const { log, files, tamper } = await open();
    await filled(log, 70);
    expect(await problemsIn(log)).toEqual([]);
    const changed = await files();
    damage(changed);
    expect(changed).not.toEqual(await files());
    await tamper(changed);
    expect((await problemsIn(log)).map((problem) => problem.code)).toContain(code);
  });
}

function edit(files: Map<string, string>, path: string, change: (text: string) => string): void {
  files.set(path, change(files.get(path) ?? ''));
}

function editLines(
  files: Map<string, string>,
  change: (lines: readonly string[]) => readonly string[],
): void {
  edit(files, SEGMENT, (text) => `${change(text.trimEnd().split('\n')).join('\n')}\n`);
}

function firstShard(files: ReadonlyMap<string, string>): string {
  return [...files.keys()].find((path) => path.startsWith('idem/')) ?? '';
}
