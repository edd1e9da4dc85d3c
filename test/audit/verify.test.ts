/** Verification against every change that somebody with a text editor, a stolen key or an old copy can make. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { parsePin, pinOfNothing, pinText, type Pin } from '../../registry/audit/pin.ts';
import { verifyLog, type Verified, type VerifyAsk } from '../../registry/audit/verify.ts';
import { decidePolicyChange } from '../../registry/decide/change-policy.ts';
import type { Registry } from '../../registry/decide/execute.ts';
import { pinUnreadable } from '../../registry/faults.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import { memoryLog } from '../../registry/store/memory-log.ts';
import { checkpointOf, parseNote } from '../../registry/trust/note.ts';
import { ORIGIN } from '../fixtures/events.ts';
import { candidate, register, registryOn, ticking } from '../fixtures/registry.ts';
import { idsOf, policy, SIGNERS, signedBy } from '../fixtures/trust.ts';

type Files = Map<string, string>;

/** `FETTLE_MUTATIONS=100000` for the long run. */
const MUTATIONS = Number(process.env['FETTLE_MUTATIONS'] ?? 3000);

const NOW = '2026-11-22T00:00:00.000Z';
const SIGNED = policy({
  roles: { ...policy().roles, author: { keys: idsOf('author') } },
});

interface History {
  readonly files: Files;
  readonly pin: Pin;
}

interface Telling {
  readonly word?: string;
  readonly versions?: number;
  readonly origin?: string;
  readonly signed?: boolean;
}

/** A registry of so many versions, written anew; another word makes another history of the same length. */
async function written({
  word = 'run',
  versions = 3,
  origin = ORIGIN,
  signed = true,
}: Telling): Promise<Files> {
  const files: Files = new Map();
  const registry = opened(files, origin, word);
  await register(registry, candidate(`${word} 0`, 'pass'));
  if (signed) {
    const ask = { signed: signedBy({ ...SIGNED, origin }, 'ada', 'grace'), origin, now: NOW };
    await registry.execute((state) => decidePolicyChange(state, ask));
  }
  for (let index = 1; index < versions; index++) {
    await register(registry, candidate(`${word} ${index}`, 'pass'));
  }
  return files;
}

function opened(files: Files, origin: string, visit: string): Registry {
  return registryOn(memoryLog(files), {
    origin,
    visit,
    now: ticking(),
    signers: [SIGNERS.log, SIGNERS.author],
    tell: (state, place) => new Map([['README.md', readmeOf(state, place)]]),
  });
}

async function verified(files: Files, changes: Partial<VerifyAsk> = {}): Promise<Verified> {
  const ask = { pin: null, extent: 'since-pin', witnessed: [], now: NOW, readme: readmeOf } as const;
  const found = await verifyLog({ log: memoryLog(files), ...ask, ...changes });
  if (found === null) throw new Error('nothing to verify');
  return found;
}

async function history(telling: Telling = {}): Promise<History> {
  const files = await written(telling);
  const { pin } = await verified(files);
  if (pin === null) throw new Error('a registry that was just written does not verify');
  return { files, pin };
}

async function codesOf(
  files: Files,
  pin: Pin | null,
  changes: Partial<VerifyAsk> = {},
): Promise<readonly string[]> {
  const { verdict, problems } = await verified(files, { pin, ...changes });
  return verdict === 'DAMAGED' ? [...new Set(problems.map(({ code }) => code))] : [verdict];
}

describe('a registry as it was written', () => {
  it('is UNPINNED at first sight and ok from then on, by the pin or from the start', async () => {
    const { files, pin } = await history();
    expect(await codesOf(files, null)).toEqual(['UNPINNED']);
    expect(await codesOf(files, pin)).toEqual(['ok']);
    expect(await codesOf(files, pin, { extent: 'all' })).toEqual(['ok']);
    expect(parsePin(pinText(pin), 'here')).toEqual(pin);
    expect(() => parsePin('{}', 'here')).toThrowFault(pinUnreadable);
  });

  it('is known to whoever was killed between beginning it and taking note', async () => {
    const { files, pin } = await history();
    const intended: Pin = { ...pinOfNothing({ origin: ORIGIN, at: NOW }), intended: true };
    expect(await codesOf(files, parsePin(pinText(intended), 'here'))).toEqual(['ok']);
    expect(await codesOf(files, intended, { extent: 'all' })).toEqual(['ok']);
    expect((await verified(files, { pin: intended })).pin).toEqual(pin);
    const other = await written({ origin: 'local/other' });
    expect(await codesOf(other, intended)).toEqual(['UNPINNED']);
    expect(await codesOf(other, pinOfNothing({ origin: ORIGIN, at: NOW }))).toEqual(['origin']);
  });

  it('is ok after it grew', async () => {
    const { files, pin } = await history();
    await register(opened(files, ORIGIN, 'later'), candidate('later', 'pass'));
    const found = await verified(files, { pin });
    expect(found).toMatchObject({ verdict: 'ok', signed: true });
    expect(found.pin?.size).toBe(found.size);
  });

  it('is as good as a witness’s memory of it', async () => {
    const { files } = await history();
    const witness = checkpointOf(parseNote(files.get('checkpoint') ?? '')?.body ?? '');
    if (witness === null) throw new Error('no checkpoint');
    expect(await codesOf(files, null, { witnessed: [witness] })).toEqual(['ok']);
    const other = { ...witness, root: 'ab'.repeat(32) };
    expect(await codesOf(files, null, { witnessed: [other] })).toEqual(['fork']);
    expect(await codesOf(files, null, { witnessed: [{ ...witness, size: witness.size + 1 }] })).toEqual([
      'rollback',
    ]);
  });
});

describe('whoever has every key and rewrites all of it', () => {
  let whole: History;
  beforeAll(async () => {
    whole = await history();
  });

  it('is found by a pin, and by nothing else', async () => {
    const forged = await written({ word: 'forged' });
    expect(await codesOf(forged, whole.pin)).toEqual(['fork']);
    expect(await codesOf(forged, null)).toEqual(['UNPINNED']);
  });

  it('is found when the forgery is longer, too', async () => {
    expect(await codesOf(await written({ word: 'forged', versions: 5 }), whole.pin)).toEqual(['fork']);
  });

  // No theft is needed for this one: an old copy was once genuine, checkpoint and all.
  it('is found when an older copy is put back', async () => {
    const older = await written({ versions: 2 });
    expect(await codesOf(older, whole.pin)).toContain('rollback');
    expect(await codesOf(older, null)).toEqual(['UNPINNED']);
  });

  it('is found when another registry is put there', async () => {
    expect(await codesOf(await written({ origin: 'local/other' }), whole.pin)).toContain('origin');
  });

  it('is found when nothing is put there for too long', async () => {
    expect(await codesOf(whole.files, whole.pin, { now: '2027-12-01T00:00:00.000Z' })).toEqual(['freeze']);
  });
});

describe('whoever lacks the keys and writes on', () => {
  it('is found by the seal, and by the author’s signature that is missing', async () => {
    const { files, pin } = await history();
    const bare = await written({ signed: false });
    const mallory = registryOn(memoryLog(bare), { origin: ORIGIN, visit: 'mallory' });
    await register(mallory, candidate('mallory', 'pass'));
    // The last lines of a log that asks for no signatures, chained onto one that does.
    const grafted = new Map(files);
    for (const path of ['checkpoint']) grafted.set(path, bare.get(path) ?? '');
    expect(await codesOf(grafted, pin)).toEqual(['checkpoint']);
    const body = parseNote(files.get('checkpoint') ?? '')?.body ?? '';
    expect(await codesOf(new Map([...files, ['checkpoint', body]]), pin)).toEqual(['seal']);
    const attachment = [...files.keys()].find((path) => path.startsWith('att/')) ?? '';
    const without = new Map(files);
    without.delete(attachment);
    expect(await codesOf(without, pin)).toEqual(['bundle']);
  });

  it('is found when the policy is one that its predecessor did not allow', async () => {
    const files = await written({ signed: false });
    const registry = opened(files, ORIGIN, 'mallory');
    const body = signedBy(policy({ roles: { ...policy().roles, author: { keys: [] } } }), 'stranger');
    await registry.execute(() => [{ type: 'policy.changed', subject: 'registry', body }]);
    expect(await codesOf(files, null)).toEqual(['policy']);
  });
});

describe('one file that was touched', () => {
  const touch = (files: Files, prefix: string, change: (text: string) => string): Files => {
    const path = [...files.keys()].find((name) => name.startsWith(prefix)) ?? '';
    return new Map([...files, [path, change(files.get(path) ?? '')]]);
  };

  it.each<[string, string, (files: Files) => Files]>([
    [
      'an edited state',
      'derived-differs',
      (files) => touch(files, 'state/', (text) => text.replace('digits', 'digitz')),
    ],
    [
      'an edited index',
      'derived-differs',
      (files) => touch(files, 'index/', (text) => text.replace(/\d/, '9')),
    ],
    [
      'an edited policy copy',
      'derived-differs',
      (files) => touch(files, 'policy/', (text) => text.replace('"off"', '"required"')),
    ],
    ['an edited page', 'readme-differs', (files) => touch(files, 'README', (text) => `${text}\nmore`)],
    ['a file of nobody', 'unexpected-file', (files) => new Map([...files, ['log/000/000/009.jsonl', '']])],
    ['a state of nobody', 'derived-unexpected', (files) => new Map([...files, ['state/aa/x.json', '{}\n']])],
    [
      'a lost state',
      'derived-missing',
      (files) => new Map([...files].filter(([path]) => !/^state\/..\//.test(path))),
    ],
  ])('%s is found as %s', async (_, code, change) => {
    const { files, pin } = await history();
    expect(await codesOf(change(files), pin)).toEqual([code]);
    expect(await codesOf(change(files), null)).toEqual([code]);
  });

  // Every byte of every file, and with each run another value in its place.
  it('is found whichever byte it was', async () => {
    const { files, pin } = await history({ versions: 2 });
    const paths = [...files.keys()];
    const places = fc.record({
      path: fc.nat(paths.length - 1),
      at: fc.nat(),
      by: fc.integer({ min: 1, max: 94 }),
    });
    await fc.assert(
      fc.asyncProperty(places, async ({ path, at, by }) => {
        const name = paths[path] ?? '';
        const text = files.get(name) ?? '';
        const index = at % text.length;
        const code = text.charCodeAt(index);
        const other = String.fromCharCode(code < 32 || code > 126 ? 32 + by : 32 + ((code - 32 + by) % 95));
        const mutated = new Map([...files, [name, text.slice(0, index) + other + text.slice(index + 1)]]);
        expect((await verified(mutated, { pin })).verdict).toBe('DAMAGED');
        expect((await verified(mutated)).verdict).toBe('DAMAGED');
      }),
      { numRuns: MUTATIONS },
    );
  }, 0);
});
