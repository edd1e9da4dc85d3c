/** Epochs: lines leave the tree, nothing is lost, nothing can be slipped in, and whoever remembers more is heard. */
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pastOf, stayed } from '../../registry/audit/past.ts';
import type { Pin } from '../../registry/audit/pin.ts';
import { rebuild } from '../../registry/audit/rebuild.ts';
import { verifyLog, type Verified, type VerifyAsk } from '../../registry/audit/verify.ts';
import { decidePolicyChange } from '../../registry/decide/change-policy.ts';
import type { Registry } from '../../registry/decide/execute.ts';
import { bundleFor, keptBundle, sealerFor } from '../../registry/decide/sign.ts';
import { historyMissing, nothingToCompact, registryDamaged } from '../../registry/faults.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import type { EventOf } from '../../registry/schema/event.ts';
import { sealOfFiles } from '../../registry/schema/seal.ts';
import type { EMPTY } from '../../registry/state/fold.ts';
import { foldEntries, REDUCER } from '../../registry/state/fold.ts';
import { stateOf } from '../../registry/state/view.ts';
import type { EventLog } from '../../registry/store/log.ts';
import { memoryLog } from '../../registry/store/memory-log.ts';
import { bodyOf, type Checkpoint } from '../../registry/trust/note.ts';
import { eventOf, ORIGIN } from '../fixtures/events.ts';
import { candidate, register, registryOn, ticking } from '../fixtures/registry.ts';
import { idsOf, policy, SIGNERS, signedBy } from '../fixtures/trust.ts';

const NOW = '2026-11-22T00:00:00.000Z';
const FIRST = policy({ roles: { ...policy().roles, author: { keys: idsOf('author') } } });
const SIGNERS_HERE = [SIGNERS.log, SIGNERS.author];

type Files = Map<string, string>;

interface Kept {
  readonly files: Files;
  /** What left the tree. */
  readonly past: Files;
}

function opened({ files, past }: Kept, visit: string): Registry {
  return registryOn(memoryLog(files, past), {
    origin: ORIGIN,
    visit,
    now: ticking(),
    signers: SIGNERS_HERE,
    tell: (state, place) => new Map([['README.md', readmeOf(state, place)]]),
  });
}

/** Of a clone whose history was cut off where the newest epoch began. */
function shallow(kept: Kept): EventLog {
  const cut = async (paths: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    if (paths.length === 0) return new Map();
    throw historyMissing({ where: 'memory', what: paths[0] ?? '' });
  };
  return { ...memoryLog(kept.files), bygone: cut };
}

async function verified(log: EventLog, changes: Partial<VerifyAsk> = {}): Promise<Verified> {
  const ask = { pin: null, extent: 'since-pin', witnessed: [], now: NOW, readme: readmeOf } as const;
  const found = await verifyLog({ log, ...ask, ...changes });
  if (found === null) throw new Error('nothing to verify');
  return found;
}

async function codesOf(log: EventLog, changes: Partial<VerifyAsk> = {}): Promise<readonly string[]> {
  const { verdict, problems } = await verified(log, changes);
  return verdict === 'DAMAGED' ? [...new Set(problems.map(({ code }) => code))].sort() : [verdict];
}

async function fill(kept: Kept, versions: number, word: string): Promise<void> {
  const registry = opened(kept, word);
  for (let index = 0; index < versions; index++) {
    await register(registry, candidate(`${word} ${index}`, 'pass'));
  }
}

async function changePolicy(kept: Kept, version: number): Promise<void> {
  const signed = signedBy({ ...FIRST, version }, 'ada', 'grace');
  await opened(kept, `policy ${version}`).execute((state) =>
    decidePolicyChange(state, { signed, origin: ORIGIN, now: NOW }),
  );
}

interface History {
  readonly kept: Kept;
  /** Taken at several sizes, in every epoch. */
  readonly pins: readonly Pin[];
}

/** Three epochs under two policies, every event signed. */
async function written(): Promise<History> {
  const kept: Kept = { files: new Map(), past: new Map() };
  const pins: Pin[] = [];
  const remember = async (): Promise<void> => {
    const { pin, problems } = await verified(memoryLog(kept.files, kept.past));
    expect(problems).toEqual([]);
    if (pin !== null) pins.push(pin);
  };
  await fill(kept, 1, 'one');
  await changePolicy(kept, 1);
  await fill(kept, 12, 'two');
  await remember();
  await changePolicy(kept, 2);
  await opened(kept, 'first').beginEpoch();
  await remember();
  await fill(kept, 12, 'three');
  await remember();
  await opened(kept, 'second').beginEpoch();
  await remember();
  await fill(kept, 2, 'four');
  await remember();
  return { kept, pins };
}

let whole: History;
beforeAll(async () => {
  whole = await written();
});

let kept: Kept;
let log: EventLog;
beforeEach(() => {
  kept = { files: new Map(whole.kept.files), past: new Map(whole.kept.past) };
  log = memoryLog(kept.files, kept.past);
});

describe('a registry of three epochs', () => {
  it('is verified by its tree alone, or from its first event where history is', async () => {
    const { size } = (await log.read([]))?.head ?? { size: 0 };
    const [, , , , last] = whole.pins;
    const begun = whole.pins[2]?.size ?? 0;
    expect(await verified(log)).toMatchObject({
      verdict: 'UNPINNED',
      epoch: begun,
      read: size - begun,
      size,
    });
    expect(await verified(log, { extent: 'all' })).toMatchObject({
      verdict: 'UNPINNED',
      epoch: null,
      read: size,
    });
    expect(await verified(shallow(kept), { extent: 'all' })).toMatchObject({
      verdict: 'UNPINNED',
      epoch: begun,
    });
    expect((await verified(log)).root).toBe((await verified(log, { extent: 'all' })).root);
    expect((await verified(log)).pin).toEqual(last);
  });

  it('agrees with what was remembered in any of them, and reads history for the older ones', async () => {
    for (const [index, pin] of whole.pins.entries()) {
      const found = await verified(log, { pin });
      expect(found).toMatchObject({ verdict: 'ok', epoch: index < 3 ? null : whole.pins[2]?.size });
      expect(await codesOf(log, { pin, extent: 'all' })).toEqual(['ok']);
    }
  });

  it('is not ok to who remembers an earlier epoch where history was cut away', async () => {
    const codes = await Promise.all(whole.pins.map((pin) => codesOf(shallow(kept), { pin })));
    expect(codes).toEqual([['unreached'], ['unreached'], ['unreached'], ['ok'], ['ok']]);
    const witnessed = whole.pins.map(({ origin, size }) => ({ origin, size, root: '0'.repeat(64) }));
    expect(await codesOf(shallow(kept), { witnessed: witnessed.slice(0, 1) })).toEqual(['unreached']);
    expect(await codesOf(log, { witnessed: witnessed.slice(0, 1) })).toEqual(['fork']);
    await expect(shallow(kept).entries(0)).rejects.toThrowFault(registryDamaged);
  });

  it('keeps no more in its tree than the newest epoch needs', async () => {
    const names = [...kept.files.keys()];
    const first = Math.floor((whole.pins[2]?.size ?? 0) / 64);
    expect(names.filter((path) => path.startsWith('log/')).sort()[0]).toBe(`log/000/000/00${first}.jsonl`);
    expect(names.filter((path) => path.startsWith('policy/'))).toEqual(['policy/2.json']);
    const entries = await log.entries(whole.pins[2]?.size ?? 0);
    const bundles = new Set(entries.map(({ bundle }) => bundle));
    expect(names.filter((path) => path.startsWith('att/'))).toHaveLength(bundles.size);
  });

  it('refuses an epoch of fewer lines than a file holds, and one over a view of another fold', async () => {
    await expect(opened(kept, 'third').beginEpoch()).rejects.toThrowFault(nothingToCompact);
    await fill(kept, 11, 'five');
    edit(kept.files, 'head.json', `"reducer":${REDUCER}`, `"reducer":${REDUCER + 1}`);
    await expect(opened(kept, 'third').beginEpoch()).rejects.toThrowFault(registryDamaged);
  });
});

describe('a tree of a later epoch', () => {
  const damages: readonly (readonly [string, readonly string[], (files: Files) => void])[] = [
    ['an edited state of the epoch', ['epoch'], (files) => edit(files, /^epoch\/state\/cc/, '"1.0', '"9.0')],
    ['an edited key of the epoch', ['epoch'], (files) => edit(files, /^epoch\/idem\//, ' 1', ' 2')],
    ['a lost file of the epoch', ['epoch'], (files) => files.delete(nameOf(files, /^epoch\/index\//))],
    [
      'an edited head of the epoch',
      ['epoch'],
      (files) => edit(files, 'epoch/head.json', 'epoch":2', 'epoch":1'),
    ],
    ['one file more', ['unexpected-file'], (files) => files.set('epoch/notes.txt', 'mine\n')],
    ['a lost bundle', ['bundle'], (files) => files.delete(nameOf(files, /^att\//))],
    [
      'a removed segment that is back',
      ['unexpected-file'],
      (files) => files.set('log/000/000/000.jsonl', '{}\n'),
    ],
    [
      'an old policy that is back',
      ['derived-unexpected', 'unexpected-file'],
      (files) => files.set('policy/1.json', '{}'),
    ],
    ['an edited old line of the first segment', ['chain', 'fork'], editOldLine],
  ];

  it.each(damages)('shows %s, with history and without', async (_, codes, damage) => {
    damage(kept.files);
    for (const ask of [{}, { pin: whole.pins[3] ?? null }]) {
      for (const one of [log, shallow(kept)]) {
        const found = await codesOf(one, ask);
        expect(codes.some((code) => found.includes(code))).toBe(true);
      }
    }
    expect(await codesOf(log, { extent: 'all' })).not.toEqual(['UNPINNED']);
  });

  // Every file of the folder, any byte: whatever is changed there, nobody begins on it.
  it('is never taken with a changed byte in its epoch', async () => {
    const names = [...whole.kept.files.keys()].filter((path) => path.startsWith('epoch/'));
    const place = fc.tuple(fc.constantFrom(...names), fc.nat(), fc.constantFrom('x', '0', '\n', ''));
    const property = fc.asyncProperty(place, async ([name, at, char]) => {
      const text = whole.kept.files.get(name) ?? '';
      const index = at % text.length;
      fc.pre(text[index] !== char);
      const files = new Map([
        ...whole.kept.files,
        [name, text.slice(0, index) + char + text.slice(index + 1)],
      ]);
      const found = await verified(memoryLog(files, whole.kept.past), {
        extent: at % 2 === 0 ? 'all' : 'since-pin',
      });
      expect(found.problems.map(({ code }) => code)).toContain('epoch');
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it('is shown to have lost its folder, though all lines were put back', async () => {
    for (const path of kept.files.keys()) if (path.startsWith('epoch/')) kept.files.delete(path);
    for (const [path, text] of kept.past) if (!path.startsWith('epoch/')) kept.files.set(path, text);
    expect(await codesOf(log)).toContain('epoch');
  });
});

describe('whoever has every key', () => {
  interface Forged {
    readonly body?: Partial<EventOf<'epoch.begun'>['body']>;
    readonly edit?: (files: Files) => void;
  }

  /** Begins an epoch that says something else of what was before, with signatures that are good. */
  async function forge({ body = {}, edit: change = () => undefined }: Forged): Promise<void> {
    const snapshot = await log.read();
    if (snapshot === null) throw new Error('no registry');
    const { head, view } = snapshot;
    const sealed = new Map(
      [...view, ...(await log.shards(null))].filter(([path]) => /^(state|index|idem)\//.test(path)),
    );
    change(sealed);
    const { epoch, size, frontier, reducer } = head;
    const event = eventOf('epoch.begun', {
      epoch: epoch + 1,
      size,
      reducer,
      frontier: [...frontier],
      state: sealOfFiles(sealed),
      ...body,
    });
    const state = stateOf(view);
    const inForce = state.trust.policy?.policy ?? null;
    const bundle = bundleFor(SIGNERS_HERE, { policy: inForce, origin: ORIGIN, events: [event] });
    const seal = sealerFor(SIGNERS_HERE, { policy: inForce, time: event.at });
    await log.append({
      expected: head,
      events: [event],
      view: new Map([['README.md', readmeOf(state, { origin: ORIGIN, size: size + 1 })]]),
      reducer,
      bundles: bundle === null ? [] : [keptBundle(bundle, [event])],
      seal: seal ?? bodyOf,
      epoch: { files: sealed, policy: 2 },
    });
  }

  beforeEach(async () => fill(kept, 11, 'five'));

  it('can write a true one this way', async () => {
    await forge({});
    expect(await codesOf(log, { extent: 'all' })).toEqual(['UNPINNED']);
    expect(await codesOf(log, { pin: whole.pins[4] ?? null })).toEqual(['ok']);
  });

  it('leaves to history what another fold made, and is told of where there is none', async () => {
    edit(kept.files, 'head.json', `"reducer":${REDUCER}`, `"reducer":${REDUCER - 1}`);
    await forge({});
    expect((await log.read([]))?.head.reducer).toBe(REDUCER - 1);
    await fill(kept, 1, 'newer');
    expect(await codesOf(log)).toEqual(['UNPINNED']);
    expect(await codesOf(log, { pin: whole.pins[1] ?? null })).toEqual(['ok']);
    expect(await codesOf(shallow(kept))).toEqual(['reducer']);
  });

  it.each<[string, Forged]>([
    ['another state', { edit: (files) => edit(files, /^state\/cc/, '"1.0', '"9.0') }],
    ['a missing key', { edit: (files) => void files.delete(nameOf(files, /^idem\//)) }],
    ['another size', { body: { size: 7 } }],
    ['another number', { body: { epoch: 9 } }],
    ['another frontier', { body: { frontier: ['0'.repeat(64)] } }],
    ['a fold that is not there yet', { body: { reducer: REDUCER + 1 } }],
  ])('is found to have claimed %s, by who remembers less and by who reads all', async (_, forged) => {
    await forge(forged);
    for (const pin of whole.pins) expect(await codesOf(log, { pin })).toContain('epoch');
    expect(await codesOf(log, { extent: 'all' })).toContain('epoch');
    for (const pin of whole.pins) expect(await codesOf(shallow(kept), { pin })).toContain('unreached');
  });

  it('cannot hide events behind an epoch from who remembers them', async () => {
    const other: Kept = { files: new Map(), past: new Map() };
    await fill(other, 1, 'one');
    await changePolicy(other, 1);
    await changePolicy(other, 2);
    await fill(other, 40, 'other');
    await opened(other, 'hiding').beginEpoch();
    await fill(other, 2, 'after');
    expect(await codesOf(memoryLog(other.files, other.past))).toEqual(['UNPINNED']);
    const [early] = whole.pins;
    expect(await codesOf(memoryLog(other.files, other.past), { pin: early ?? null })).toEqual(['fork']);
    expect(await codesOf(shallow(other), { pin: early ?? null })).toEqual(['unreached']);
  });
});

describe('what an epoch begins on', () => {
  // Oracle: every event ever appended, folded from the first.
  it('folds with what follows to what all events fold to, however epochs and decisions are mixed', async () => {
    const step = fc.oneof(
      { weight: 1, arbitrary: fc.constant(0) },
      { weight: 2, arbitrary: fc.integer({ min: 1, max: 13 }) },
    );
    const property = fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 5 }), async (steps) => {
      const one: Kept = { files: new Map(), past: new Map() };
      let epochs = 1;
      for (const [index, count] of [12, ...steps].entries()) {
        if (count > 0) await fill(one, count, `step ${index}`);
        else epochs += await begunBy(opened(one, `epoch ${index}`));
      }
      const all = memoryLog(one.files, one.past);
      const entries = await all.entries(0);
      expect(entries.filter(({ event }) => event?.type === 'epoch.begun')).toHaveLength(epochs - 1);
      expect((await all.read([]))?.head.epoch).toBe(epochs);
      expect(stateOf((await all.read())?.view ?? new Map())).toEqual(foldEntries(entries));
      expect((await verified(shallow(one))).state).toEqual(foldEntries(entries));
      expect(await codesOf(all, { extent: 'all' })).toEqual(['UNPINNED']);
    });
    await fc.assert(property, { numRuns: 12, examples: [[[0, 11, 0, 3]]] });
  });

  /** How many epochs: one, or none where there was too little to begin one. */
  async function begunBy(registry: Registry): Promise<number> {
    try {
      await registry.beginEpoch();
      return 1;
    } catch (error) {
      expect(error).toThrowFault(nothingToCompact);
      return 0;
    }
  }
});

describe('a repair', () => {
  async function mended(from: EventLog, past = true): Promise<readonly string[]> {
    const look = await from.look(null);
    if (look === null) throw new Error('nothing there');
    const good = memoryLog(whole.kept.files, whole.kept.past);
    const { policy: known } = foldEntries(await good.entries(0)).trust;
    const seal = (checkpoint: Checkpoint, _: typeof EMPTY, time: string): string =>
      sealerFor(SIGNERS_HERE, { policy: known?.policy ?? null, time })?.(checkpoint) ?? '';
    const found = rebuild({
      look,
      past: past ? await pastOf(log, stayed(look.files), 0) : null,
      pin: whole.pins[4] ?? null,
      seal,
      tell: (state, place) => new Map([['README.md', readmeOf(state, place)]]),
    });
    await from.restore({ expected: look.mark, files: found.files, at: NOW });
    return found.mended;
  }

  it('has nothing to do where nothing is wrong, with history and without', async () => {
    expect(await mended(log)).toEqual([]);
    expect(await mended(log, false)).toEqual([]);
    expect(kept.files).toEqual(whole.kept.files);
  });

  it.each<[string, (files: Files) => void]>([
    ['an edited state', (files) => edit(files, /^state\/cc/, '"1.0', '"9.0')],
    ['a lost key', (files) => void files.delete(nameOf(files, /^idem\//))],
    ['a lost policy', (files) => void files.delete('policy/2.json')],
    ['a segment that is back', (files) => void files.set('log/000/000/000.jsonl', '{}\n')],
    ['an edited head', (files) => edit(files, 'head.json', '"epoch":3', '"epoch":2')],
  ])('puts %s right, with history and without', async (_, damage) => {
    for (const past of [true, false]) {
      damage(kept.files);
      expect(await mended(log, past)).toHaveLength(1);
      expect(kept.files).toEqual(whole.kept.files);
    }
  });

  it.each<[string, (files: Files) => void]>([
    ['an edited state of the epoch', (files) => edit(files, /^epoch\/state\/cc/, '"1.0', '"9.0')],
    ['a lost head of the epoch', (files) => void files.delete('epoch/head.json')],
    [
      'a lost epoch',
      (files) =>
        [...files.keys()].filter((path) => path.startsWith('epoch/')).forEach((path) => files.delete(path)),
    ],
  ])('makes %s anew from history, and says that it cannot where there is none', async (_, damage) => {
    damage(kept.files);
    await expect(mended(log, false)).rejects.toThrowFault(registryDamaged);
    await mended(log);
    expect(kept.files).toEqual(whole.kept.files);
  });

  it('makes up nothing where a pin lies before all that can be read', async () => {
    const look = await log.look(null);
    const ask = { past: null, pin: whole.pins[0] ?? null, seal: bodyOf, tell: () => new Map() };
    expect(() => look !== null && rebuild({ look, ...ask })).toThrowFault(historyMissing);
  });
});

function nameOf(files: ReadonlyMap<string, string>, name: string | RegExp): string {
  const found = [...files.keys()].filter((path) =>
    typeof name === 'string' ? path === name : name.test(path),
  );
  return found.sort()[0] ?? '';
}

function edit(files: Files, name: string | RegExp, from: string, to: string): void {
  const path = nameOf(files, name);
  const text = files.get(path) ?? '';
  expect(text).toContain(from);
  files.set(path, text.replace(from, to));
}

/** The first segment begins before the epoch; its old lines are bound by the hash that the epoch's first line names. */
function editOldLine(files: Files): void {
  edit(files, nameOf(files, /^log\//), '"login":"ada"', '"login":"eve"');
}
