/** Seals: made by whoever passes the mark, judged by whoever walks past, and begun at by whoever trusts a witness. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Pin } from '../../registry/audit/pin.ts';
import { verifyLog, type Verified, type VerifyAsk } from '../../registry/audit/verify.ts';
import { canonical } from '../../registry/base/json.ts';
import { decidePolicyChange } from '../../registry/decide/change-policy.ts';
import type { Registry } from '../../registry/decide/execute.ts';
import { decideRunStart } from '../../registry/decide/record-run.ts';
import type { Deed } from '../../registry/schema/event.ts';
import { ModelName } from '../../registry/schema/model.ts';
import { SEAL_EVERY } from '../../registry/schema/seal.ts';
import { foldEntries, REDUCER } from '../../registry/state/fold.ts';
import { gitLog } from '../../registry/store/git-log.ts';
import { parcelRef } from '../../registry/store/inbox.ts';
import type { EventLog } from '../../registry/store/log.ts';
import { memoryLog } from '../../registry/store/memory-log.ts';
import { eventOf, ORIGIN, startOver } from '../fixtures/events.ts';
import { registryOn, runId, ticking } from '../fixtures/registry.ts';
import { policy, SIGNERS, signedBy } from '../fixtures/trust.ts';
import { git, temporaryRepository } from '../temporary.ts';

const NOW = '2026-11-22T00:00:00.000Z';

function verified(log: EventLog, changes: Partial<VerifyAsk> = {}): Promise<Verified> {
  const ask = { pin: null, extent: 'since-pin', witnessed: [], now: NOW, readme: () => '' } as const;
  return verifyLog({ log, ...ask, ...changes }).then((found) => {
    if (found === null) throw new Error('nothing to verify');
    return found;
  });
}

function opened(log: EventLog, visit = 'keeper'): Registry {
  return registryOn(log, {
    origin: ORIGIN,
    visit,
    now: ticking(),
    signers: [SIGNERS.log, SIGNERS.author],
    tell: () => new Map([['README.md', '']]),
  });
}

function starts(count: number): readonly Deed[] {
  return Array.from({ length: count }, (_, index) =>
    decideRunStart(foldEntries([]), {
      model: ModelName.parse(`model-${index % 7}`),
      run: runId(`start ${index}`),
      recipe: 'digits',
      asked: {},
      inputs: [],
      steps: [],
    }),
  ).flat();
}

async function sizeOf(registry: Registry): Promise<number> {
  return (await registry.read())?.size ?? 0;
}

async function fillTo(registry: Registry, size: number): Promise<void> {
  // The very first append adds the event by which the registry begins.
  const now = await sizeOf(registry);
  await registry.execute(() => starts(size - now - (now === 0 ? 1 : 0)));
}

async function sealsIn(log: EventLog) {
  const entries = await log.entries(0);
  return entries.flatMap(({ seq, event }) =>
    event?.type === 'snapshot.sealed' ? [{ seq, ...event.body }] : [],
  );
}

/** By the words of the event's own description, from the files alone. */
function digestOver(files: ReadonlyMap<string, string>): string {
  const lines = [...files]
    .filter(([path]) => /^(state|index|idem)\//.test(path))
    .map(([path, text]) => `${path} ${createHash('sha256').update(text).digest('hex')}\n`);
  return `sha256:${createHash('sha256').update(lines.sort().join('')).digest('hex')}`;
}

/** The key files as they were before the last event. */
function withoutLastKey(files: ReadonlyMap<string, string>, seq: number): ReadonlyMap<string, string> {
  const cut = [...files].map(([path, text]): [string, string] => [
    path,
    path.startsWith('idem/') ? text.replace(new RegExp(`^[0-9a-f]+ ${seq}\\n`, 'm'), '') : text,
  ]);
  return new Map(cut.filter(([, text]) => text !== ''));
}

describe('a seal', () => {
  it('is added with the append that reaches the mark, over the files as they lie there then', async () => {
    const files = new Map<string, string>();
    const log = memoryLog(files);
    const registry = opened(log);
    await fillTo(registry, SEAL_EVERY - 1);
    expect(await sealsIn(log)).toEqual([]);
    const events = await registry.execute(() => starts(1));
    expect(events.map(({ type }) => type)).toEqual(['run.started']);
    const body = { size: SEAL_EVERY, reducer: REDUCER, state: digestOver(withoutLastKey(files, SEAL_EVERY)) };
    expect(await sealsIn(log)).toEqual([{ seq: SEAL_EVERY, ...body }]);
    await registry.execute(() => starts(70));
    expect(await sealsIn(log)).toHaveLength(1);
    expect(await verified(log)).toMatchObject({ problems: [], verdict: 'UNPINNED', sealed: null });
  });

  it('is added once by an append that goes far over the mark, and not by a try that was in the log already', async () => {
    const log = memoryLog();
    await fillTo(opened(log), SEAL_EVERY - 9);
    await opened(log, 'other').execute(() => starts(SEAL_EVERY + 20));
    await opened(log, 'other').execute(() => starts(SEAL_EVERY + 20));
    expect((await sealsIn(log)).map(({ seq }) => seq)).toEqual([2 * SEAL_EVERY + 11]);
    expect((await verified(log)).problems).toEqual([]);
  });

  it('is added by whoever folds the inbox over the mark, signed with the folder’s own key', async () => {
    const log = memoryLog();
    const keeper = opened(log);
    await fillTo(keeper, SEAL_EVERY - 2);
    const authors = policy({ roles: { ...policy().roles, author: { keys: [SIGNERS.author.id] } } });
    const word = signedBy(authors, 'ada', 'grace');
    await keeper.execute((state) => decidePolicyChange(state, { signed: word, origin: ORIGIN, now: NOW }));
    const parcels: string[] = [];
    const writer = registryOn(log, {
      origin: ORIGIN,
      visit: 'writer',
      signers: [SIGNERS.author],
      outbox: { eager: false, send: async (parcel) => void parcels.push(canonical(parcel)) },
    });
    await writer.execute(() => starts(1));
    expect(parcels.join()).not.toContain('snapshot.sealed');
    const inbox = {
      where: 'memory',
      offer: async () => '',
      list: async () => parcels.map((text) => ({ ref: parcelRef('2026-11-21', text), mark: '', text })),
      discard: async () => void parcels.splice(0),
    };
    expect(await keeper.fold(inbox)).toEqual({ folded: 1, refused: 0, known: 0 });
    expect((await sealsIn(log)).map(({ seq }) => seq)).toEqual([SEAL_EVERY]);
    expect(await verified(log)).toMatchObject({ problems: [], signed: true });
  });

  it('is left to the next mark by a folder that has no author key', async () => {
    const log = memoryLog();
    const keeper = opened(log);
    await fillTo(keeper, SEAL_EVERY - 2);
    const authors = policy({ roles: { ...policy().roles, author: { keys: [SIGNERS.author.id] } } });
    const word = signedBy(authors, 'ada', 'grace');
    // The policy itself needs no author; from the next event on, one is needed.
    await registryOn(log, {
      origin: ORIGIN,
      signers: [SIGNERS.log],
      tell: () => new Map([['README.md', '']]),
    }).execute((state) => [
      ...starts(1),
      ...decidePolicyChange(state, { signed: word, origin: ORIGIN, now: NOW }),
    ]);
    expect(await sealsIn(log)).toEqual([]);
    expect((await verified(log)).problems).toEqual([]);
  });

  it.each([
    ['of another state', [{ state: `sha256:${'0'.repeat(64)}` }], 1],
    ['of another place', [{ size: 1 }], 1],
    ['where none is due', [{}, { size: 3 }], 2],
    ['by another fold, which nobody here can make again', [{ reducer: REDUCER - 1 }], 0],
  ])('%s is found by whoever walks past it', async (_what, bodies, count) => {
    startOver();
    const log = memoryLog();
    const seals = bodies.map((body) =>
      eventOf('snapshot.sealed', { size: 2, reducer: REDUCER, state: `sha256:${'1'.repeat(64)}`, ...body }),
    );
    const events = [eventOf('registry.created'), eventOf('model.registered'), ...seals];
    await log.append({ expected: null, events, view: new Map(), reducer: REDUCER });
    const { problems } = await verified(log);
    expect(problems.filter(({ code }) => code === 'snapshot')).toHaveLength(count);
  });
});

describe('seals that lie far back', () => {
  it('are made anew only where every one is asked for', async () => {
    startOver();
    const log = memoryLog();
    const wrong = eventOf('snapshot.sealed', { size: 1, reducer: REDUCER });
    await log.append({
      expected: null,
      events: [eventOf('registry.created'), wrong],
      view: new Map([['README.md', '']]),
      reducer: REDUCER,
    });
    await fillTo(opened(log), SEAL_EVERY + 2);
    expect((await sealsIn(log)).map(({ seq }) => seq)).toEqual([1, SEAL_EVERY + 2]);
    expect((await verified(log)).problems).toEqual([]);
    const { problems } = await verified(log, { seals: 'every' });
    expect(problems.map(({ code, where }) => `${code} ${where}`)).toEqual(['snapshot event 1']);
  });
});

describe('a verifier that trusts somebody who saw the seal', () => {
  async function long(): Promise<{ folder: string; log: EventLog; registry: Registry }> {
    const folder = temporaryRepository();
    const log = gitLog({ folder, remote: null, author: { name: 'Ada', email: 'ada@example.com' } });
    const registry = opened(log);
    await fillTo(registry, SEAL_EVERY - 30);
    const word = signedBy(policy(), 'ada', 'grace');
    await registry.execute((state) => decidePolicyChange(state, { signed: word, origin: ORIGIN, now: NOW }));
    await registry.execute(() => starts(40));
    await registry.execute(() => starts(100));
    return { folder, log, registry };
  }
  const built = long();

  async function checkpointAt(log: EventLog): Promise<Pick<Pin, 'origin' | 'size'> & { root: string }> {
    const { size, root } = await verified(log, { extent: 'all' });
    return { origin: ORIGIN, size, root: root ?? '' };
  }

  it('reads only what came after it, and judges as one who reads everything does', async () => {
    const { folder, log, registry } = await built;
    const witnessed = [await checkpointAt(log)];
    await registry.execute(() => starts(5));
    const seal = (await sealsIn(log))[0];
    const seen: string[] = [];
    const watched: EventLog = {
      ...log,
      look: async (since) => {
        const look = await log.look(since);
        seen.push(...(look?.files.keys() ?? []));
        return look;
      },
    };
    const short = await verified(watched, { witnessed });
    const whole = await verified(log, { witnessed, extent: 'all' });
    expect(short).toMatchObject({ verdict: 'ok', problems: [], sealed: (seal?.seq ?? 0) + 1, read: 105 });
    expect(seen.filter((path) => path.startsWith('log/')).sort()[0]).toBe('log/000/000/064.jsonl');
    expect({ ...short, sealed: null, read: whole.read, state: null }).toEqual({ ...whole, state: null });
    expect(short.state?.trust).toEqual(whole.state?.trust);
    expect([...(short.state?.models ?? [])].sort()).toEqual([...(whole.state?.models ?? [])].sort());
    expect(git(folder, 'status', '--short')).toBe('');
  });

  it('begins before a seal that is the last line seen, since no line after it names it', async () => {
    const { folder, log } = await built;
    const tip = git(folder, 'rev-parse', 'fettle/registry');
    const seal = (await sealsIn(log))[0]?.seq ?? 0;
    const ending = git(folder, 'rev-list', tip).split('\n').filter(Boolean);
    const sizes = ending.map((one) =>
      Number(/"size":(\d+)/.exec(git(folder, 'show', `${one}:head.json`))?.[1]),
    );
    git(folder, 'update-ref', 'refs/heads/fettle/registry', ending[sizes.indexOf(seal + 1)] ?? '');
    const witnessed = [await checkpointAt(log)];
    expect(witnessed[0]?.size).toBe(seal + 1);
    expect(await verified(log, { witnessed })).toMatchObject({ verdict: 'ok', sealed: null, read: seal + 1 });
    git(folder, 'update-ref', 'refs/heads/fettle/registry', tip);
  });

  it('begins at event 0 where the witness saw less than the seal, or where all is asked for', async () => {
    const { log } = await built;
    const early = { origin: ORIGIN, size: 7, root: 'f'.repeat(64) };
    const found = await verified(log, { witnessed: [early] });
    expect(found.problems.map(({ code }) => code)).toEqual(['fork']);
    expect(await verified(log, { witnessed: [await checkpointAt(log)], extent: 'all' })).toMatchObject({
      sealed: null,
    });
  });

  it.each([
    ['a changed line after the seal', 'log/000/000/065.jsonl', /"steps":\[\]/, '"steps":["x"]'],
    ['a changed line before the seal', 'log/000/000/003.jsonl', /"steps":\[\]/, '"steps":["x"]'],
    ['a file of the state', 'state/registry.json', /"attempts"/, '"attempt"'],
    ['a file of keys', /^idem\/.*\/a\.txt$/, /^0?/, '0'],
  ])('finds %s', async (_what, file, found, put) => {
    const { folder, log } = await built;
    const witnessed = [await checkpointAt(log)];
    const tip = git(folder, 'rev-parse', 'fettle/registry');
    const files = git(folder, 'ls-tree', '-r', '--name-only', tip).split('\n');
    const chosen = files.find((one) => (typeof file === 'string' ? one === file : file.test(one))) ?? '';
    const text = `${git(folder, 'show', `${tip}:${chosen}`)}\n`;
    const now = (await log.look(null))?.files ?? new Map<string, string>();
    await log.restore({
      expected: tip,
      files: new Map([...now, [chosen, text.replace(found, put)]]),
      at: NOW,
    });
    const answer = await verified(log, { witnessed });
    git(folder, 'update-ref', 'refs/heads/fettle/registry', tip);
    expect(answer.verdict).toBe('DAMAGED');
    expect(answer.problems.length).toBeGreaterThan(0);
  });

  it('goes past a seal from a pin before it, and finds it good', async () => {
    const { folder, log } = await built;
    const tip = git(folder, 'rev-parse', 'fettle/registry');
    const before = git(folder, 'rev-list', '--reverse', tip).split('\n')[0] ?? '';
    git(folder, 'update-ref', 'refs/heads/fettle/registry', before);
    const { pin } = await verified(log);
    git(folder, 'update-ref', 'refs/heads/fettle/registry', tip);
    expect(pin?.size).toBe(SEAL_EVERY - 30);
    expect(await verified(log, { pin })).toMatchObject({ verdict: 'ok', problems: [], sealed: null });
  });

  it('begins at it over an epoch that began since, and at one within a later epoch', async () => {
    const { folder, log, registry } = await built;
    const tip = git(folder, 'rev-parse', 'fettle/registry');
    const witnessed = [await checkpointAt(log)];
    const [seal] = await sealsIn(log);
    const { size } = await registry.beginEpoch();
    await registry.execute(() => starts(5));
    const over = await verified(log, { witnessed });
    expect(over).toMatchObject({ verdict: 'ok', problems: [], sealed: (seal?.seq ?? 0) + 1, epoch: null });
    expect(over.read).toBe(size + 6 - (over.sealed ?? 0));
    await fillTo(registry, 2 * SEAL_EVERY + 5);
    await registry.execute(() => starts(1));
    const later = [await checkpointAt(log)];
    await registry.execute(() => starts(5));
    const within = await verified(log, { witnessed: later });
    expect(within).toMatchObject({ verdict: 'ok', problems: [], epoch: null });
    expect(within.sealed).toBeGreaterThan(2 * SEAL_EVERY);
    git(folder, 'update-ref', 'refs/heads/fettle/registry', tip);
  });
});
