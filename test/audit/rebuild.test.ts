/** A repair puts right what is derived, and makes up nothing: not the log, nor that there was less of it. */
import { beforeEach, describe, expect, it } from 'vitest';
import { rebuild, type Rebuilt } from '../../registry/audit/rebuild.ts';
import { registryDamaged } from '../../registry/faults.ts';
import { memoryLog } from '../../registry/store/memory-log.ts';
import { bodyOf } from '../../registry/trust/note.ts';
import { problemsIn } from '../conformance/event-log.ts';
import { candidate, register, registryOn } from '../fixtures/registry.ts';

let files: Map<string, string>;

beforeEach(async () => {
  files = new Map();
  const registry = registryOn(memoryLog(files));
  for (let index = 0; index < 25; index++) await register(registry, candidate(`run ${index}`, 'pass'));
});

async function rebuilt(): Promise<Rebuilt> {
  const look = (await memoryLog(files).look(null))!;
  return rebuild({ look, past: new Map(), pin: null, seal: bodyOf, tell: () => new Map() });
}

describe('a registry without a policy', () => {
  it.each(['state/', 'index/', 'idem/', 'head.json', 'checkpoint'])(
    'gets %s back from its log',
    async (what) => {
      const before = new Map(files);
      for (const path of before.keys()) if (path.startsWith(what)) files.delete(path);
      expect(new Map([...(await rebuilt()).files].sort())).toEqual(new Map([...before].sort()));
      files = new Map((await rebuilt()).files);
      expect(await problemsIn(memoryLog(files))).toEqual([]);
    },
  );

  it.each(['log/000/000/001.jsonl', 'log/000/000/002.jsonl'])(
    'is not cut short where %s is lost',
    async (path) => {
      expect(files.delete(path)).toBe(true);
      await expect(rebuilt()).rejects.toThrowFault(registryDamaged);
      files.delete('head.json');
      await expect(rebuilt()).rejects.toThrowFault(registryDamaged);
    },
  );
});
