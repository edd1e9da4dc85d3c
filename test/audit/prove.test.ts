/** Proofs as `test/interop/verify.py` reads them, which shares no code with us; and every proof that it must refuse. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { proofOf, type Proof } from '../../registry/audit/prove.ts';
import { positionBeyondEnd } from '../../registry/faults.ts';
import type { Entry } from '../../registry/schema/entry.ts';
import { memoryLog } from '../../registry/store/memory-log.ts';
import type { Snapshot } from '../../registry/store/log.ts';
import { candidate, register, registryOn } from '../fixtures/registry.ts';

const SCRIPT = path.resolve(import.meta.dirname, '../interop/verify.py');
const missing = spawnSync('python3', ['--version']).status === 0 ? null : 'python3 is not there';
const folder = mkdtempSync(path.join(tmpdir(), 'fettle-prove-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Asked {
  readonly checkpoint?: string;
  readonly earlier?: string;
  readonly python?: readonly string[];
}

interface Answer {
  readonly code: number | null;
  readonly said: string;
}

function checked(proof: unknown, { checkpoint, earlier, python = [] }: Asked = {}): Answer {
  const texts = [JSON.stringify(proof), checkpoint, earlier];
  const files = texts.flatMap((text, index) => {
    if (text === undefined) return [];
    const file = path.join(folder, `${index}`);
    writeFileSync(file, text);
    return [file];
  });
  const { status, stdout, stderr } = spawnSync('python3', [...python, SCRIPT, ...files], {
    encoding: 'utf8',
  });
  return { code: status, said: stdout + stderr };
}

let snapshot: Snapshot;
let entries: readonly Entry[];
let earlier: Snapshot;

beforeAll(async () => {
  const log = memoryLog();
  const registry = registryOn(log);
  await register(registry, candidate('zero “quoted” 🐎 \u2028 \u007f', 'pass'));
  earlier = (await log.read())!;
  await register(registry, candidate('one', 'fail'));
  snapshot = (await log.read())!;
  entries = await log.entries(0);
});

function proof(seq: number, since: number | null = earlier.head.size): Proof {
  return proofOf({ snapshot, entries, seq, since });
}

describe('a proof', () => {
  beforeEach((context) => {
    if (missing !== null) context.skip(missing);
  });

  it('of any event since any earlier size is good to a reader of its own', () => {
    const { size } = snapshot.head;
    for (let at = 0; at < size; at++) {
      const found = checked(proof(at, size - at), { checkpoint: snapshot.checkpoint });
      expect(found).toEqual({ code: 0, said: expect.stringMatching(`^ok: event ${at} `) });
      expect(found.said).toContain(`which grew from ${size - at}`);
    }
    expect(checked(proof(0, null)).said).toContain('nobody but the proof says so');
  });

  it('is compared with the checkpoints that its reader trusts', () => {
    const { checkpoint } = snapshot;
    expect(checked(proof(1), { checkpoint, earlier: earlier.checkpoint }).code).toBe(0);
    const other = earlier.checkpoint.replace(/[A-Za-z0-9+/]{43}=/, `${'A'.repeat(43)}=`);
    expect(checked(proof(1), { checkpoint, earlier: other }).said).toMatch(/was another one/);
    expect(checked(proof(1, null), { checkpoint, earlier: earlier.checkpoint }).code).toBe(1);
    expect(checked(proof(1), { checkpoint: earlier.checkpoint }).said).toMatch(/another checkpoint/);
  });

  const zero = '0'.repeat(64);
  type Change = (proof: Proof) => unknown;
  it.each<[string, Change]>([
    [
      'another line',
      (p) => ({ ...p, inclusion: { ...p.inclusion, line: p.inclusion.line.replace('ada', 'eve') } }),
    ],
    [
      'other white space',
      (p) => ({ ...p, inclusion: { ...p.inclusion, line: p.inclusion.line.replace(':', ': ') } }),
    ],
    ['another position', (p) => ({ ...p, inclusion: { ...p.inclusion, seq: p.inclusion.seq + 1 } })],
    ['a position that is true', (p) => ({ ...p, inclusion: { ...p.inclusion, seq: true } })],
    ['a position behind the end', (p) => ({ ...p, inclusion: { ...p.inclusion, seq: p.size } })],
    ['a step less', (p) => ({ ...p, inclusion: { ...p.inclusion, path: p.inclusion.path.slice(1) } })],
    ['a step more', (p) => ({ ...p, inclusion: { ...p.inclusion, path: [...p.inclusion.path, zero] } })],
    ['a step of another length', (p) => ({ ...p, inclusion: { ...p.inclusion, path: [`${zero}00`] } })],
    ['another size', (p) => ({ ...p, size: p.size + 1 })],
    ['another root', (p) => ({ ...p, root: zero })],
    ['another origin', (p) => ({ ...p, origin: 'local/other' })],
    ['another checkpoint', (p) => ({ ...p, checkpoint: earlier.checkpoint })],
    ['a checkpoint that is none', (p) => ({ ...p, checkpoint: p.checkpoint.replace('\n', '\n+') })],
    ['an earlier root of its own', (p) => ({ ...p, consistency: { ...p.consistency, root: zero } })],
    ['no earlier size', (p) => ({ ...p, consistency: { ...p.consistency, size: 0 } })],
    ['an earlier size that is later', (p) => ({ ...p, consistency: { ...p.consistency, size: p.size + 1 } })],
    ['no growth', (p) => ({ ...p, consistency: { ...p.consistency, path: [] } })],
    ['nothing in it', () => ({})],
  ])('with %s is refused, with and without the optimizer', (_, change) => {
    const changed = change(proof(1));
    for (const python of [[], ['-O']]) {
      expect(checked(changed, { python })).toEqual({
        code: 1,
        said: expect.stringMatching(/^not proved: .*\n$/),
      });
    }
  });
});

describe('what is not there', () => {
  it('is not proved', () => {
    expect(() => proof(snapshot.head.size)).toThrowFault(positionBeyondEnd);
    expect(() => proof(0, 0)).toThrowFault(positionBeyondEnd);
    expect(() => proof(0, snapshot.head.size + 1)).toThrowFault(positionBeyondEnd);
  });
});
