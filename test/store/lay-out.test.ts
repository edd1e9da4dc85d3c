/** Paths and texts of the registry's files, against numbers worked by hand. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { registryDamaged } from '../../registry/faults.ts';
import { IdemKey } from '../../registry/schema/event.ts';
import {
  checkpointFor,
  headText,
  idemLine,
  idemPath,
  parseHead,
  segmentPath,
  segmentPaths,
  seqIn,
} from '../../registry/store/lay-out.ts';
import { bodyOf } from '../../registry/trust/note.ts';
import { memoryLog } from '../../registry/store/memory-log.ts';
import { eventOf } from '../fixtures/events.ts';

const KEY = IdemKey.parse(`2026-11-20-${'ab12'.repeat(8)}`);

describe('segmentPath', () => {
  it('puts 64 positions into one file', () => {
    expect([0, 63, 64, 99_999].map(segmentPath)).toEqual([
      'log/000/000/000.jsonl',
      'log/000/000/000.jsonl',
      'log/000/000/001.jsonl',
      'log/000/001/562.jsonl',
    ]);
    expect(segmentPath(64 * 123_456_789)).toBe('log/123/456/789.jsonl');
  });

  it('names the files of a range without its end', () => {
    expect(segmentPaths(0, 0)).toEqual([]);
    expect(segmentPaths(63, 65)).toEqual(['log/000/000/000.jsonl', 'log/000/000/001.jsonl']);
    expect(segmentPaths(64, 128)).toEqual(['log/000/000/001.jsonl']);
  });
});

describe('idemPath', () => {
  it('goes by the day in the key and its first digit', () => {
    expect(idemPath(KEY)).toBe('idem/2026/11/20/a.txt');
  });

  it('finds the position of a key, and none of a key that is not there', () => {
    const shard = idemLine(IdemKey.parse(`2026-11-20-${'a0'.repeat(16)}`), 3) + idemLine(KEY, 17);
    expect(seqIn(shard, KEY)).toBe(17);
    expect(seqIn('', KEY)).toBeNull();
  });
});

describe('parseHead', () => {
  it('takes its own text and no other bytes of the same value', async () => {
    const head = await memoryLog().append({
      expected: null,
      events: [eventOf('registry.created')],
      view: new Map(),
      reducer: 1,
    });
    expect(parseHead(headText(head))).toEqual(head);
    expect(() => parseHead(headText(head).replace(',', ', '))).toThrowFault(registryDamaged);
    expect(() => parseHead(headText(head).trimEnd())).toThrowFault(registryDamaged);
  });
});

describe('checkpointFor', () => {
  // Oracle: the recursive definition of RFC 6962 §2.1 over the log's own lines.
  it('holds the root of the tree over all lines', async () => {
    for (const size of [1, 2, 3, 7, 8, 65]) {
      const files = new Map<string, string>();
      const events = Array.from({ length: size - 1 }, () => eventOf('run.finished'));
      const all = [eventOf('registry.created'), ...events];
      const ask = { expected: null, events: all, view: new Map(), reducer: 1 };
      const head = await memoryLog(files).append(ask);
      const lines = segmentPaths(0, size).flatMap((path) => (files.get(path) ?? '').trimEnd().split('\n'));
      const root = treeHash(lines.map((line) => Buffer.from(line))).toString('base64');
      const text = `${head.origin}\n${size}\n${root}\n`;
      expect(bodyOf(checkpointFor(head))).toBe(text);
      expect(files.get('checkpoint')).toBe(text);
    }
  });
});

function treeHash(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  const sha = (...parts: readonly Buffer[]): Buffer =>
    createHash('sha256').update(Buffer.concat(parts)).digest();
  if (only === undefined) return sha();
  if (leaves.length === 1) return sha(Buffer.of(0), only);
  const half = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return sha(Buffer.of(1), treeHash(leaves.slice(0, half)), treeHash(leaves.slice(half)));
}
