/** Lines and notes made to break the verifier: each is told of as damage, and none ends the walk. */
import { describe, expect, it } from 'vitest';
import { verifyLog } from '../../registry/audit/verify.ts';
import { decidePolicyChange } from '../../registry/decide/change-policy.ts';
import type { RegistryOptions } from '../../registry/decide/execute.ts';
import { registryDamaged } from '../../registry/faults.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import { GENESIS, lineOf, parseLine } from '../../registry/schema/entry.ts';
import { RegistryEvent } from '../../registry/schema/event.ts';
import type { Policy } from '../../registry/schema/policy.ts';
import { memoryLog } from '../../registry/store/memory-log.ts';
import { eventOf, ORIGIN } from '../fixtures/events.ts';
import { candidate, register, registryOn } from '../fixtures/registry.ts';
import { idsOf, policy, SIGNERS, signedBy } from '../fixtures/trust.ts';

const NOW = '2026-11-22T00:00:00.000Z';

async function codesOf(files: Map<string, string>): Promise<readonly string[]> {
  const ask = { pin: null, extent: 'all', witnessed: [], now: NOW, readme: readmeOf } as const;
  const found = await verifyLog({ log: memoryLog(files), ...ask });
  return found?.problems.map(({ code }) => code) ?? [];
}

const BOTH = { ...policy().roles, log: { keys: idsOf('log', 'logSafe'), threshold: 1 } };

/** A log sealed with both algorithms. */
async function sealed(
  word: Policy = policy({ roles: BOTH }),
  ...by: readonly ('ada' | 'adaSafe' | 'grace')[]
): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const tell: Pick<RegistryOptions, 'tell'> = {
    tell: (state, place) => new Map([['README.md', readmeOf(state, place)]]),
  };
  const signers = [SIGNERS.log, SIGNERS.logSafe];
  const registry = registryOn(memoryLog(files), { origin: ORIGIN, signers, ...tell });
  await register(registry, candidate('first', 'pass'));
  const signed = signedBy(word, ...(by.length === 0 ? (['ada', 'grace'] as const) : by));
  await registry.execute((state) => decidePolicyChange(state, { signed, origin: ORIGIN, now: NOW }));
  return files;
}

function lineWith(type: string, body: string): string {
  const event = JSON.stringify({ ...eventOf('run.started'), type, body: 'BODY' }).replace('"BODY"', body);
  return `{"b":null,"event":${event},"prev":"${GENESIS}","seq":0}`;
}

describe('a line', () => {
  // Whoever has read many lines judges the next by a compiled schema, which must judge no other way.
  it('is read as its schema reads it, and refused as before, after hundreds of others', () => {
    const event = RegistryEvent.parse(eventOf('run.started'));
    const { line } = lineOf({ seq: 0, prev: GENESIS, event, bundle: null });
    for (let read = 0; read < 1000; read++) expect(parseLine(line, 'here').event).toEqual(event);
    const hostile = [
      line.replace('"crit":[]', '"crit":["x"]'),
      line.replace('"v":1', '"v":2'),
      line.replace('"seq":0', '"seq":-1'),
      line.replace('"seq":0', '"seq":0,"more":0'),
      line.replace('"body":{', '"body":{"more":0,'),
      line.replace('"body":{', '"body":{"__proto__":0,'),
      line.replace('"body":{', String.raw`"body":{"\u005f_proto__":0,`),
    ];
    for (const one of hostile) {
      expect(one).not.toBe(line);
      expect(() => parseLine(one, 'here')).toThrow(/here/);
    }
  });

  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;

  it('of endless depth is damage, and the walk goes on', async () => {
    const files = await sealed();
    const segment = 'log/000/000/000.jsonl';
    files.set(segment, `${files.get(segment)}${lineWith('later.type', `{"a":${deep}}`)}\n`);
    expect(await codesOf(files)).toContain('line');
  });

  // Schemas drop this member, so the event that was signed would not be the event that stands there.
  it.each([
    [
      'run.started',
      '{"asked":{"__proto__":"x"},"inputs":[],"recipe":"r","run":"run-00112233445566aa","steps":[]}',
    ],
    ['later.type', '{"__proto__":{"a":1}}'],
  ])('of type %s with a member that schemas leave out is damage', (type, body) => {
    expect(() => parseLine(lineWith(type, body), 'here')).toThrowFault(registryDamaged);
  });
});

describe('a seal where the policy asks for both algorithms', () => {
  it.each([
    ['Ed25519', 100],
    ['ML-DSA', 200],
  ])('is none without %s', async (_, length) => {
    const root = { keys: idsOf('ada', 'adaSafe', 'grace'), threshold: 1 };
    const word = policy({ pq: 'required', roles: { ...BOTH, root } });
    const files = await sealed(word, 'ada', 'adaSafe');
    expect(await codesOf(files)).toEqual([]);
    const kept = (line: string): boolean =>
      !line.startsWith('\u2014') || (length === 100 ? line.length > 1000 : line.length < 1000);
    const text = (files.get('checkpoint') ?? '').split('\n').filter(kept).join('\n');
    expect(text).not.toBe(files.get('checkpoint'));
    expect(await codesOf(new Map([...files, ['checkpoint', text]]))).toEqual(['seal']);
  });
});

describe('a seal', () => {
  it('with a time that no clock shows is a wrong one', async () => {
    const files = await sealed();
    const text = (files.get('checkpoint') ?? '').replaceAll(/(?<=^\u2014 \S+ )(\S{200,})$/gm, (signature) => {
      const bytes = Buffer.from(signature, 'base64');
      bytes.fill(0xff, 4, 12);
      return bytes.toString('base64');
    });
    expect(text).not.toBe(files.get('checkpoint'));
    expect(await codesOf(new Map([...files, ['checkpoint', text]]))).toEqual(['seal']);
  });
});
