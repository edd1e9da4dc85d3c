/** The log edited line by line by whoever can rewrite the branch: each way has its code, with a pin and without. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Pin } from '../../registry/audit/pin.ts';
import { verifyLog } from '../../registry/audit/verify.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import { parseLine } from '../../registry/schema/entry.ts';
import { registryDamaged, registryFromFuture } from '../../registry/faults.ts';
import { memoryLog } from '../../registry/store/memory-log.ts';
import { eventOf } from '../fixtures/events.ts';
import { candidate, register, registryOn } from '../fixtures/registry.ts';

const NOW = '2026-11-22T00:00:00.000Z';
const SEGMENT = 'log/000/000/000.jsonl';

type Lines = readonly string[];

let files: ReadonlyMap<string, string> = new Map();
let pin: Pin | null = null;

async function codesOf(edited: ReadonlyMap<string, string>, known: Pin | null): Promise<readonly string[]> {
  const ask = { pin: known, extent: 'all', witnessed: [], now: NOW, readme: readmeOf } as const;
  const found = await verifyLog({ log: memoryLog(new Map(edited)), ...ask });
  return found?.verdict === 'DAMAGED' ? found.problems.map(({ code }) => code) : [found?.verdict ?? ''];
}

function edited(change: (lines: Lines) => Lines): ReadonlyMap<string, string> {
  const lines = (files.get(SEGMENT) ?? '').trimEnd().split('\n');
  return new Map([
    ...files,
    [
      SEGMENT,
      change(lines)
        .map((line) => `${line}\n`)
        .join(''),
    ],
  ]);
}

/** The sixth line, in the middle. */
const AT = 5;
const at = (change: (line: string) => string) => (lines: Lines) =>
  lines.map((line, index) => (index === AT ? change(line) : line));

describe('a log of which nothing else was made to fit', () => {
  beforeAll(async () => {
    const made = new Map<string, string>();
    const tell: Parameters<typeof registryOn>[1] = {
      tell: (state, place) => new Map([['README.md', readmeOf(state, place)]]),
    };
    for (const word of ['one', 'two', 'three']) {
      await register(registryOn(memoryLog(made), { ...tell, visit: word }), candidate(word, 'pass'));
    }
    files = made;
    const ask = { pin: null, extent: 'all', witnessed: [], now: NOW, readme: readmeOf } as const;
    pin = (await verifyLog({ log: memoryLog(new Map(files)), ...ask }))?.pin ?? null;
    expect(await codesOf(files, pin)).toEqual(['ok']);
    expect(await codesOf(files, null)).toEqual(['UNPINNED']);
  });

  it.each<[string, string, (lines: Lines) => Lines]>([
    ['a flipped byte', 'chain', at((line) => line.replace('"at":"2026', '"at":"2025'))],
    ['an edited metric', 'chain', (lines) => lines.map((line) => line.replace('0.900000', '0.990000'))],
    ['a dropped line', 'seq', (lines) => lines.filter((_, index) => index !== AT)],
    ['a line put in', 'seq', (lines) => [...lines.slice(0, AT), lines[1] ?? '', ...lines.slice(AT)]],
    ['two lines in another order', 'seq', (lines) => lines.map((line, index) => lines[index ^ 1] ?? line)],
    ['a key twice', 'canonical', at((line) => line.replace('{"b":null', '{"b":null,"b":null'))],
    ['a space', 'canonical', at((line) => line.replace('{"b":null,', '{"b":null, '))],
    ['a carriage return', 'canonical', at((line) => `${line}\r`)],
    [
      'keys in another order',
      'canonical',
      at((line) => line.replace(/^\{"b":null,(.*)\}$/, '{$1,"b":null}')),
    ],
    ['an escaped letter', 'canonical', at((line) => line.replace('digits', String.raw`\u0064igits`))],
    ['a byte order mark', 'line', at((line) => `\ufeff${line}`)],
    ['half a line', 'line', at((line) => line.slice(0, 100))],
    ['an empty line', 'line', at(() => '')],
    ['a dropped end', 'rollback', (lines) => lines.slice(0, -1)],
  ])('shows %s as %s', async (_, code, change) => {
    const touched = edited(change);
    expect(touched.get(SEGMENT)).not.toBe(files.get(SEGMENT));
    expect(await codesOf(touched, pin)).toContain(code);
    // Without a pin a log that ends too early is one that its own head knows better.
    expect(await codesOf(touched, null)).toContain(code === 'rollback' ? 'head' : code);
  });
});

describe('a line with a number or a text that readers disagree about', () => {
  const line = (body: string): string => {
    const event = JSON.stringify({ ...eventOf('run.started'), type: 'later.type', body: 'BODY' });
    return `{"b":null,"event":${event.replace('"BODY"', body)},"prev":"${'0'.repeat(64)}","seq":0}`;
  };
  /** The line where the log expects one, as the verifier tells of it. */
  const codes = async (text: string): Promise<readonly string[]> =>
    codesOf(
      edited((lines) => [...lines, text]),
      pin,
    );

  it.each(['NaN', 'Infinity', '-Infinity', '01', '.5', '0x10', "'a'", '"\u0001"'])(
    'is no JSON, and so no line: %s',
    (number) => {
      expect(() => parseLine(line(`{"a":${number}}`), 'here')).toThrowFault(registryDamaged);
    },
  );

  it.each(['-0', '1e400', '-1e400', '9007199254740993', '0.1', '1.0', '1e2', String.raw`"\ud800"`])(
    'has no one way to be written: %s',
    async (number) => {
      const found = await codes(line(`{"a":${number}}`));
      expect(found.some((code) => code === 'canonical' || code === 'line')).toBe(true);
    },
  );

  it.each(['1e400', '9007199254740993', '0.5', '-1', '"0"'])('is at no position: %s', (seq) => {
    const text = line('{}').replace('"seq":0', `"seq":${seq}`);
    expect(() => parseLine(text, 'here')).toThrowFault(registryDamaged);
  });

  it('is damage at ten thousand levels, and is read with a megabyte of text', () => {
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
    expect(() => parseLine(line(`{"a":${deep}}`), 'here')).toThrowFault(registryDamaged);
    expect(parseLine(line(`{"a":"${'x'.repeat(1 << 20)}"}`), 'here').event).toBeNull();
  });

  it('says to update where it is of a later version, or needs what this reader does not know', () => {
    expect(() => parseLine(line('{}').replace('"v":1', '"v":2'), 'here')).toThrowFault(registryFromFuture);
    const critical = line('{}').replace('"crit":[]', '"crit":["quorum"]');
    expect(() => parseLine(critical, 'here')).toThrowFault(registryFromFuture);
  });
});
