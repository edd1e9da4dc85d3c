/** The inbox: what other writers leave is folded once, in order, or refused by name. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonical } from '../../registry/base/json.ts';
import type { Outbox, Registry, RegistryOptions } from '../../registry/decide/execute.ts';
import { decidePolicyChange } from '../../registry/decide/change-policy.ts';
import { decideRetirement } from '../../registry/decide/retire.ts';
import type { IdemKey } from '../../registry/schema/event.ts';
import { ModelName } from '../../registry/schema/model.ts';
import type { Parcel } from '../../registry/schema/parcel.ts';
import { parcelRef, type Inbox } from '../../registry/store/inbox.ts';
import type { EventLog } from '../../registry/store/log.ts';
import { memoryLog } from '../../registry/store/memory-log.ts';
import { problemsIn } from '../conformance/event-log.ts';
import { ORIGIN } from '../fixtures/events.ts';
import { candidate, DIGITS, register, registryOn } from '../fixtures/registry.ts';
import { policy, SIGNERS, signedBy } from '../fixtures/trust.ts';

const DAY = '2026-11-21';

interface Kept extends Inbox {
  put(text: string): void;
}

function memoryInbox(): Kept {
  const kept = new Map<string, string>();
  return {
    where: 'memory',
    put: (text) => void kept.set(parcelRef(DAY, text), text),
    async offer(day, text) {
      kept.set(parcelRef(day, text), text);
      return parcelRef(day, text);
    },
    list: async () => [...kept].map(([ref, text]) => ({ ref, mark: ref, text })),
    discard: async (offered) => offered.forEach(({ ref }) => kept.delete(ref)),
  };
}

function outboxTo(inbox: Inbox, eager = false): Outbox {
  return { eager, send: async (parcel) => void (await inbox.offer(DAY, `${canonical(parcel)}\n`)) };
}

function opened(log: EventLog, changes: Partial<RegistryOptions> = {}): Registry {
  return registryOn(log, { origin: ORIGIN, signers: [SIGNERS.log], ...changes });
}

/** A sealed registry, and a writer of it who lacks the log's key. */
async function sealed(): Promise<{ log: EventLog; keeper: Registry; writer: Registry; inbox: Kept }> {
  const [log, inbox] = [memoryLog(), memoryInbox()];
  const keeper = opened(log, { visit: 'keeper' });
  await register(keeper, candidate('first', 'pass'));
  const ask = { signed: signedBy(policy(), 'ada', 'grace'), origin: ORIGIN, now: `${DAY}T00:00:00.000Z` };
  await keeper.execute((state) => decidePolicyChange(state, ask));
  const writer = opened(log, { signers: [], outbox: outboxTo(inbox), visit: 'writer' });
  return { log, keeper, writer, inbox };
}

async function typesAfter(log: EventLog, size: number): Promise<readonly string[]> {
  return (await log.entries(size)).map(({ envelope }) => envelope.type);
}

describe('a writer without the log’s key', () => {
  it('leaves what it decided, and whoever has the key folds it', async () => {
    const { log, keeper, writer, inbox } = await sealed();
    const { size } = (await keeper.read())!;
    await register(writer, candidate('second', 'pass'));
    expect((await keeper.read())!.size).toBe(size);
    expect(await keeper.fold(inbox)).toEqual({ folded: 2, refused: 0, known: 0 });
    const { state } = (await keeper.read())!;
    expect(state.models.get(DIGITS)?.serving.production).toBe('1.1.0');
    expect(await inbox.list()).toEqual([]);
    expect(await problemsIn(log)).toEqual([]);
  });

  it('is folded once, though the fold was cut off before it tidied up', async () => {
    const { log, keeper, writer, inbox } = await sealed();
    await register(writer, candidate('second', 'pass'));
    const waiting = await inbox.list();
    await keeper.fold(inbox);
    for (const { text } of waiting) inbox.put(text ?? '');
    const { size } = (await keeper.read())!;
    expect(await keeper.fold(inbox)).toEqual({ folded: 0, refused: 0, known: 2 });
    expect((await keeper.read())!.size).toBe(size);
    expect(await problemsIn(log)).toEqual([]);
  });

  it('is refused when the log went on meanwhile, and the refusal is in the log', async () => {
    const { log, keeper, writer, inbox } = await sealed();
    await register(writer, candidate('second', 'pass'));
    await keeper.execute((state) => decideRetirement(state, { model: DIGITS, reason: 'done' }));
    const { size } = (await keeper.read())!;
    expect(await keeper.fold(inbox)).toMatchObject({ folded: 1, refused: 1 });
    expect(await typesAfter(log, size)).toEqual(['run.started', 'parcel.refused']);
    expect((await keeper.read())!.state.trust.refused[0]?.reason).toMatch(/another state of digits/);
  });
});

describe('a parcel that is none of ours', () => {
  const event = {
    v: 1,
    type: 'model.retired',
    crit: [],
    subject: 'digits',
    at: `${DAY}T00:00:00.000Z`,
    by: { kind: 'local', login: 'mallory' },
    src: { door: 'cli' },
    idem: `${DAY}-${'0'.repeat(32)}`,
    body: { reason: 'mine' },
  };
  const parcel = { v: 1, origin: ORIGIN, seen: { digits: 0 }, events: [event], bundle: null };

  it.each<[string, unknown, RegExp]>([
    ['is no JSON', 'garbage', /cannot be read/],
    ['is of another shape', canonical({ ...parcel, more: 1 }), /cannot be read/],
    [
      'holds an event that is none',
      canonical({ ...parcel, events: [{ ...event, body: {} }] }),
      /cannot be read/,
    ],
    [
      'holds too many events',
      canonical({ ...parcel, events: Array.from({ length: 501 }, () => event) }),
      /cannot be read/,
    ],
    ['is for another registry', canonical({ ...parcel, origin: 'local/other' }), /registry local\/other/],
    ['does not say what it saw', canonical({ ...parcel, seen: {} }), /what it saw of digits/],
    ['saw something else', canonical({ ...parcel, seen: { digits: 99 } }), /another state/],
  ])('is refused when it %s', async (_, text, reason) => {
    const { log, keeper, inbox } = await sealed();
    const { size } = (await keeper.read())!;
    inbox.put(String(text));
    expect(await keeper.fold(inbox)).toEqual({ folded: 0, refused: 1, known: 0 });
    expect(await typesAfter(log, size)).toEqual(['parcel.refused']);
    expect((await keeper.read())!.state.trust.refused[0]?.reason).toMatch(reason);
    expect(await inbox.list()).toEqual([]);
  });

  it('is refused once, though the fold was cut off before it tidied up and the reason is another by then', async () => {
    const { log, keeper, inbox } = await sealed();
    const seen = { digits: 99 };
    inbox.put(canonical({ ...parcel, seen }));
    inbox.put('garbage');
    const waiting = await inbox.list();
    const cut = { ...inbox, discard: () => Promise.reject(new TypeError('killed')) };
    await expect(keeper.fold(cut)).rejects.toThrow('killed');
    const { size } = (await keeper.read())!;
    expect(await inbox.list()).toEqual(waiting);
    const ask = { signed: signedBy(policy({ version: 2 }), 'ada', 'grace'), origin: ORIGIN, now: event.at };
    await keeper.execute((state) => decidePolicyChange(state, ask));
    const roles = { ...policy().roles, author: { keys: [SIGNERS.author.id] } };
    const signed = signedBy(policy({ version: 3, roles }), 'ada', 'grace');
    await keeper.execute((state) => decidePolicyChange(state, { ...ask, signed }));
    const later = opened(log, { visit: 'later' });
    expect(await later.fold(inbox)).toEqual({ folded: 0, refused: 0, known: 2 });
    expect(await typesAfter(log, size)).toEqual(['policy.changed', 'policy.changed']);
    expect(await inbox.list()).toEqual([]);
    expect(await problemsIn(log)).toEqual([]);
  });

  it('is refused once by two who fold at once', async () => {
    const { log, keeper, inbox } = await sealed();
    for (const text of ['garbage', 'rubbish']) inbox.put(text);
    const { size } = (await keeper.read())!;
    const folders = ['one', 'two'].map((visit) => opened(log, { visit }).fold(inbox));
    const refused = (await Promise.all(folders)).map((one) => one.refused);
    expect(refused[0]! + refused[1]!).toBe(2);
    expect(await typesAfter(log, size)).toEqual(['parcel.refused', 'parcel.refused']);
  });

  it.each(['before it', 'with it'])(
    'is refused though somebody took the key of its refusal %s',
    async (when) => {
      const { log, keeper, inbox } = await sealed();
      const text = canonical({ ...parcel, origin: 'local/other' });
      const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
      const named = createHash('sha256')
        .update(canonical(['parcel.refused', digest]))
        .digest('hex');
      const thief = { ...runStarted(DIGITS, 0), idem: `${DAY}-${named.slice(0, 32)}` };
      inbox.put(canonical({ ...parcel, seen: { digits: 0 }, events: [thief] }));
      if (when === 'before it') expect(await keeper.fold(inbox)).toMatchObject({ folded: 1 });
      inbox.put(text);
      expect(await keeper.fold(inbox)).toMatchObject({ refused: 1 });
      expect((await log.positions([thief.idem as IdemKey])).size).toBe(1);
      expect((await keeper.read())!.state.trust.refused[0]?.reason).toMatch(/registry local\/other/);
      expect(await inbox.list()).toEqual([]);
      expect(await problemsIn(log)).toEqual([]);
    },
  );

  it('is refused when its key stands for another deed, in the log or in a parcel before it', async () => {
    const { log, keeper, inbox } = await sealed();
    const seen = { digits: (await keeper.read())!.state.models.get(DIGITS)!.settledSeq };
    const held = { ...event, type: 'hold.placed' };
    const other = { ...held, at: `${DAY}T00:00:01.000Z`, body: { reason: 'another' } };
    for (const one of [held, other]) inbox.put(canonical({ ...parcel, seen, events: [one] }));
    expect(await keeper.fold(inbox)).toEqual({ folded: 1, refused: 1, known: 0 });
    inbox.put(canonical({ ...parcel, seen, events: [{ ...other, at: `${DAY}T00:00:02.000Z` }] }));
    expect(await keeper.fold(inbox)).toEqual({ folded: 0, refused: 1, known: 0 });
    const { refused } = (await keeper.read())!.state.trust;
    for (const { reason } of refused) {
      expect(reason).toMatch(/another (deed under a key|event)|another event/);
    }
    expect(await inbox.list()).toEqual([]);
    expect(await problemsIn(log)).toEqual([]);
  });

  it('is refused where authors must sign and none did', async () => {
    const { log, keeper, inbox } = await sealed();
    const roles = { ...policy().roles, author: { keys: [SIGNERS.author.id] } };
    const signed = signedBy(policy({ version: 2, roles }), 'ada', 'grace');
    await keeper.execute((state) => decidePolicyChange(state, { signed, origin: ORIGIN, now: event.at }));
    const author = opened(log, { signers: [SIGNERS.log, SIGNERS.author], visit: 'author' });
    const seen = { digits: (await author.read())!.state.models.get(DIGITS)!.settledSeq };
    inbox.put(canonical({ ...parcel, seen }));
    expect(await author.fold(inbox)).toMatchObject({ refused: 1 });
    expect((await author.read())!.state.trust.refused[0]?.reason).toMatch(/no author signed/);
  });
});

describe('many parcels', () => {
  it('are folded in several commits when they are more than one may hold, and tidied up once', async () => {
    const { log, inbox } = await sealed();
    const calls: string[] = [];
    const keeper = opened(told(log, calls), { visit: 'folder' });
    const models = Array.from({ length: 6 }, (_, index) => ModelName.parse(`model-${index}`));
    for (const model of models) {
      const events = Array.from({ length: 120 }, (_, index) => runStarted(model, index));
      inbox.put(canonical({ v: 1, origin: ORIGIN, seen: { [model]: -1 }, events, bundle: null } as Parcel));
    }
    const { size } = (await keeper.read())!;
    expect(await keeper.fold(toldInbox(inbox, calls))).toEqual({ folded: 6, refused: 0, known: 0 });
    // 500 events are four parcels of 120; the last look finds nothing.
    expect(calls).toEqual(['list', 'append 480', 'append 240', 'discard 6', 'list']);
    expect((await keeper.read())!.size).toBe(size + 720);
    expect(await problemsIn(log)).toEqual([]);
  });

  it('are as many in one commit as the log says that it takes', async () => {
    const { log, inbox } = await sealed();
    const calls: string[] = [];
    const keeper = opened(told({ ...log, batchMax: 5 }, calls), { visit: 'folder' });
    for (let index = 0; index < 4; index++) {
      const model = ModelName.parse(`model-${index}`);
      const events = [0, 1].map((run) => runStarted(model, run));
      inbox.put(canonical({ v: 1, origin: ORIGIN, seen: { [model]: -1 }, events, bundle: null } as Parcel));
    }
    expect(await keeper.fold(inbox)).toEqual({ folded: 4, refused: 0, known: 0 });
    expect(calls).toEqual(['append 4', 'append 4']);
  });

  it('that were recorded by somebody else between two commits are known, and leave the inbox', async () => {
    const { log, keeper, inbox } = await sealed();
    for (let index = 0; index < 2; index++) {
      const model = ModelName.parse(`model-${index}`);
      const events = [runStarted(model, 0)];
      inbox.put(canonical({ v: 1, origin: ORIGIN, seen: { [model]: -1 }, events, bundle: null } as Parcel));
    }
    const other = opened(log, { visit: 'other' });
    let appends = 0;
    const slow: EventLog = {
      ...log,
      batchMax: 1,
      async append(ask) {
        const head = await log.append(ask);
        if (++appends === 1) await other.fold(inbox);
        return head;
      },
    };
    expect(await opened(slow, { visit: 'slow' }).fold(inbox)).toEqual({ folded: 1, refused: 0, known: 1 });
    expect(await inbox.list()).toEqual([]);
    expect((await keeper.read())!.state.models.size).toBe(3);
    expect(await problemsIn(log)).toEqual([]);
  });
});

function told(log: EventLog, calls: string[]): EventLog {
  return {
    ...log,
    append: (ask) => {
      calls.push(`append ${ask.events.length}`);
      return log.append(ask);
    },
  };
}

function toldInbox(inbox: Inbox, calls: string[]): Inbox {
  return {
    ...inbox,
    list: () => {
      calls.push('list');
      return inbox.list();
    },
    discard: (offered) => {
      calls.push(`discard ${offered.length}`);
      return inbox.discard(offered);
    },
  };
}

function runStarted(model: ModelName, index: number): Readonly<Record<string, unknown>> {
  const hex = index.toString(16).padStart(16, '0');
  const key = Buffer.from(`${model} ${index}`).toString('hex').padStart(32, '0').slice(-32);
  return {
    v: 1,
    type: 'run.started',
    crit: [],
    subject: model,
    at: `${DAY}T00:00:00.000Z`,
    by: { kind: 'local', login: 'ada' },
    src: { door: 'cli' },
    idem: `${DAY}-${key}`,
    body: { run: `run-${hex}`, recipe: 'digits', asked: {}, inputs: [], steps: [] },
  };
}

describe('a lost race', () => {
  it('is left to the folder where there is one, and tried again where there is none', async () => {
    const [log, inbox] = [memoryLog(), memoryInbox()];
    await register(opened(log, { visit: 'begin' }), candidate('first', 'pass'));
    const late = (outbox: Outbox | null): Registry =>
      opened(losing(log), { outbox, visit: `late ${outbox?.eager}` });
    await late(null).execute((state) => decideRetirement(state, { model: DIGITS, reason: 'done' }));
    expect(await inbox.list()).toHaveLength(0);
    await register(late(outboxTo(inbox, true)), candidate('second', 'pass'));
    expect((await inbox.list()).length).toBeGreaterThan(0);
  });
});

/** Loses its first race: somebody else appends between its read and its append. */
function losing(log: EventLog): EventLog {
  let lost = false;
  return {
    ...log,
    async append(ask) {
      if (!lost) {
        lost = true;
        const other = opened(log, { visit: `other ${ask.expected?.size}`, signers: [] });
        await register(
          other,
          candidate(`other ${ask.expected?.size}`, 'pass', { model: ModelName.parse('other') }),
        );
      }
      return log.append(ask);
    },
  };
}
