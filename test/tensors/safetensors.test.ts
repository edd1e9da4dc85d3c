import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FettleError } from '../../registry/base/fault.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import { ELEMENT_BYTES, numbersOf, type ElementName } from '../../pipelines/tensors/element.ts';
import { pickleRefused, tensorsMalformed, tensorsUnreadable } from '../../pipelines/tensors/faults.ts';
import { countOf, type TensorShape } from '../../pipelines/tensors/header.ts';
import { createTensors, openTensors } from '../../pipelines/tensors/safetensors.ts';
import { peer, peerMissing } from '../peers/peer.ts';
import { temporaryFolder } from '../temporary.ts';

const MISSING = peerMissing('safetensors', 'torch');

/** A file by hand, as the format's page has it: eight bytes of length, JSON, data. */
function fileWith(header: string | Uint8Array, dataBytes: number): string {
  const file = path.join(temporaryFolder(), 'model.safetensors');
  const json = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(file, Buffer.concat([length, json, Buffer.alloc(dataBytes, 7)]));
  return file;
}

function headerOf(entries: Readonly<Record<string, readonly [string, readonly number[], number, number]>>) {
  const told = Object.entries(entries).map(([name, [dtype, shape, begin, end]]) => {
    return [name, { dtype, shape, data_offsets: [begin, end] }];
  });
  return JSON.stringify(Object.fromEntries(told));
}

function bytesIn(file: string, name: string): Uint8Array {
  const opened = openTensors(file);
  const tensor = opened.tensors.get(name)!;
  const bytes = new Uint8Array(tensor.end - tensor.begin);
  tensor.read(bytes);
  opened.close();
  return bytes;
}

describe('a file of tensors', () => {
  it('gives back what was written, in any types, shapes and names, by any ranges', () => {
    const types = fc.constantFrom(...(Object.keys(ELEMENT_BYTES) as ElementName[]));
    const shape = fc.array(fc.nat(4), { maxLength: 3 });
    const tensors = fc.uniqueArray(fc.record({ name: fc.string({ unit: 'grapheme' }), type: types, shape }), {
      selector: ({ name }) => name,
      maxLength: 6,
    });
    const folder = temporaryFolder();
    let round = 0;
    fc.assert(
      fc.property(tensors, fc.nat(1000), (drawn, seed) => {
        const wanted = drawn.filter(({ name }) => name !== '__metadata__' && name !== '__proto__');
        const file = path.join(folder, `${(round += 1)}.safetensors`);
        const random = randomOf(seed);
        const data = wanted.map(({ type, shape: sides }) =>
          Uint8Array.from({ length: countOf(sides) * ELEMENT_BYTES[type] }, () => random.nextBelow(256)),
        );
        const writer = createTensors(file, wanted, { said: 'ⅷ "' });
        data.forEach((bytes) => writer.write(bytes));
        writer.close();
        const opened = openTensors(file);
        expect(opened.metadata).toEqual({ said: 'ⅷ "' });
        expect([...opened.tensors.keys()]).toHaveLength(wanted.length);
        wanted.forEach(({ name, type, shape: sides }, index) => {
          const tensor = opened.tensors.get(name)!;
          expect(tensor).toMatchObject({ type, shape: sides });
          const from = random.nextBelow(data[index]!.length + 1);
          const part = new Uint8Array(data[index]!.length - from);
          tensor.read(part, from);
          expect(part).toEqual(data[index]!.subarray(from));
        });
        opened.close();
      }),
      { seed: 7, numRuns: 100 },
    );
  });

  it('lays the data at a multiple of eight bytes', () => {
    const file = path.join(temporaryFolder(), 'a.safetensors');
    const writer = createTensors(file, [{ name: 'a', type: 'U8', shape: [3] }]);
    writer.write(Uint8Array.of(1, 2, 3));
    writer.close();
    const bytes = readFileSync(file);
    expect(Number(bytes.readBigUInt64LE()) % 8).toBe(0);
    expect([...bytes.subarray(-3)]).toEqual([1, 2, 3]);
  });

  it('reads brain floats as the upper half of floats, and halves as IEEE has them', () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, index) => index);
    const brains = numbersOf('BF16', new Uint8Array(bits.buffer));
    const upper = new Uint32Array(65536).map((_, index) => index << 16);
    expect(brains).toEqual(Float64Array.from(new Float32Array(upper.buffer)));
    expect([...numbersOf('F16', Uint8Array.of(0x00, 0x3c, 0x01, 0x00, 0x00, 0xfc))]).toEqual([
      1,
      2 ** -24,
      -Infinity,
    ]);
  });
});

describe('a model in several files', () => {
  it('is read through its index, wherever its tensors lie', () => {
    const folder = temporaryFolder();
    for (const name of ['a', 'b']) {
      const writer = createTensors(path.join(folder, `${name}.safetensors`), [
        { name, type: 'U8', shape: [1] },
      ]);
      writer.write(Buffer.from(name));
      writer.close();
    }
    const index = { metadata: { total_size: 2 }, weight_map: { a: 'a.safetensors', b: 'b.safetensors' } };
    writeFileSync(path.join(folder, 'model.safetensors.index.json'), JSON.stringify(index));
    expect(Buffer.from(bytesIn(folder, 'b')).toString()).toBe('b');
  });

  it('is not followed out of its folder', () => {
    const folder = temporaryFolder();
    const index = { weight_map: { a: '../../etc/a.safetensors' } };
    writeFileSync(path.join(folder, 'model.safetensors.index.json'), JSON.stringify(index));
    expect(() => openTensors(folder)).toThrowFault(tensorsMalformed);
  });
});

describe('a file that is no file of tensors', () => {
  it('is refused by its name alone when it is a pickle, without a look into it', () => {
    for (const name of ['pytorch_model.bin', 'a.pt', 'A.PTH', 'x.ckpt', 'x.pkl']) {
      expect(() => openTensors(name)).toThrowFault(pickleRefused);
    }
  });

  it('is told when it is not there, or its folder has no model', () => {
    expect(() => openTensors('/nowhere/model.safetensors')).toThrowFault(tensorsUnreadable);
    expect(() => openTensors(temporaryFolder())).toThrowFault(tensorsUnreadable);
  });

  it.each([
    ['a hole', headerOf({ a: ['U8', [2], 0, 2], b: ['U8', [2], 4, 6] }), 6],
    ['an overlap', headerOf({ a: ['U8', [2], 0, 2], b: ['U8', [2], 1, 3] }), 3],
    ['bytes left over', headerOf({ a: ['U8', [2], 0, 2] }), 3],
    ['bytes missing', headerOf({ a: ['U8', [2], 0, 2] }), 1],
    ['a size its shape denies', headerOf({ a: ['F32', [2], 0, 4] }), 4],
    ['a shape whose product is no number', headerOf({ a: ['U8', [2 ** 40, 2 ** 40], 0, 2] }), 2],
    ['a negative side', headerOf({ a: ['U8', [-2, -1], 0, 2] }), 2],
    ['a type that safetensors lacks', headerOf({ a: ['F12', [2], 0, 2] }), 2],
    [
      'a name twice',
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\\u0061":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
      1,
    ],
    [
      'a name twice, far before its colon',
      `{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a"${' '.repeat(99)}:{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`,
      1,
    ],
    ['metadata that is no text', '{"__metadata__":{"a":1}}', 0],
    ['a list', '[]', 0],
    ['a header that is not JSON', '{"a":', 0],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 0],
  ])('is malformed with %s', (_, header, dataBytes) => {
    expect(() => openTensors(fileWith(header, dataBytes))).toThrowFault(tensorsMalformed);
  });

  it('is read whatever is written in a name: ten million escapes, quotes, brackets and commas', () => {
    const entry = ['U8', [1], 0, 1] as const;
    for (const name of ['\n'.repeat(10_000_000), '"},{"', '\\', '\\"', ',"a":[']) {
      const opened = openTensors(fileWith(headerOf({ [name]: entry }), 1));
      expect([...opened.tensors.keys()]).toEqual([name]);
      opened.close();
    }
  });

  it('is refused before it is parsed when its header is longer than 25 million bytes', () => {
    const entry = headerOf({ a: ['U8', [1], 0, 1] });
    expect(openTensors(fileWith(entry.padEnd(25_000_000), 1)).tensors.size).toBe(1);
    const long = (): unknown => openTensors(fileWith(entry.padEnd(25_000_001), 1));
    expect(long).toThrowFault(tensorsMalformed);
    expect(long).toThrow(/wanted a header of at most 25000000 bytes, found 25000001/);
  });

  it('is not believed when it announces a header of 2⁶³ bytes', () => {
    const file = path.join(temporaryFolder(), 'a.safetensors');
    const bytes = Buffer.alloc(64, '{');
    bytes.writeBigUInt64LE(2n ** 63n);
    writeFileSync(file, bytes);
    expect(() => openTensors(file)).toThrowFault(tensorsMalformed);
  });

  it('is told when it becomes shorter while it is read', () => {
    const file = fileWith(headerOf({ a: ['U8', [64], 0, 64] }), 64);
    const opened = openTensors(file);
    truncateSync(file, 70);
    expect(() => opened.tensors.get('a')!.read(new Uint8Array(64))).toThrowFault(tensorsUnreadable);
    opened.close();
  });
});

/** One to four changes of bytes, mostly in the header: flips, digits, cuts and doublings. */
function mutated(bytes: Buffer, seed: number): Buffer {
  const random = randomOf(seed);
  let found = Buffer.from(bytes);
  for (let change = 0; change <= random.nextBelow(4); change++) {
    const at = random.nextBelow(random.nextBelow(4) === 0 ? found.length : Math.min(found.length, 400));
    const kind = random.nextBelow(5);
    if (kind === 0) found[at]! ^= 1 << random.nextBelow(8);
    if (kind === 1) found[at] = 48 + random.nextBelow(10);
    if (kind === 2) found = found.subarray(0, at + 1);
    if (kind === 3) found = Buffer.concat([found.subarray(0, at), found.subarray(random.nextBelow(at + 1))]);
    if (kind === 4) found[at] = '{}[]",:\\ '.charCodeAt(random.nextBelow(9));
  }
  return found;
}

describe('10,000 damaged files', () => {
  const shapes: readonly TensorShape[] = [
    { name: 'layers.0.weight', type: 'F32', shape: [4, 3] },
    { name: 'layers.0.bias', type: 'BF16', shape: [4] },
    { name: 'ids', type: 'I64', shape: [2, 2] },
    { name: 'mask', type: 'BOOL', shape: [7] },
  ];
  const folder = temporaryFolder();
  const whole = path.join(folder, 'whole.safetensors');
  const writer = createTensors(whole, shapes, { format: 'pt' });
  for (const { type, shape } of shapes) {
    writer.write(new Uint8Array(countOf(shape) * ELEMENT_BYTES[type]).fill(1));
  }
  writer.close();
  const bytes = readFileSync(whole);
  const accepted: number[] = [];

  it('are each read whole or refused with a fault, in bounded memory', () => {
    const before = process.memoryUsage().rss;
    const file = path.join(folder, 'damaged.safetensors');
    let refused = 0;
    for (let seed = 0; seed < 10_000; seed++) {
      writeFileSync(file, mutated(bytes, seed));
      try {
        const opened = openTensors(file);
        for (const tensor of opened.tensors.values()) tensor.read(new Uint8Array(tensor.end - tensor.begin));
        opened.close();
        accepted.push(seed);
      } catch (error) {
        if (!(error instanceof FettleError)) throw error;
        expect(error).toThrowFault(tensorsMalformed);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(5000);
    expect(accepted.length).toBeGreaterThan(100);
    expect(process.memoryUsage().rss - before).toBeLessThan(150e6);
  });

  it.skipIf(MISSING !== null)(`are all accepted by the format's own reader where we accept them`, () => {
    const files = path.join(folder, 'accepted');
    mkdirSync(files);
    for (const seed of accepted) writeFileSync(path.join(files, `${seed}`), mutated(bytes, seed));
    const script = `
import os, sys, safetensors
bad = []
for name in os.listdir(sys.argv[1]):
    try: safetensors.deserialize(open(os.path.join(sys.argv[1], name), 'rb').read())
    except Exception as error: bad.append((name, str(error)))
print(bad)`;
    expect(peer(['-c', script, files]).trim()).toBe('[]');
  });
});

describe.skipIf(MISSING !== null)(
  `the format's own library${MISSING === null ? '' : ` (${MISSING})`}`,
  () => {
    it('reads what we write, in every type', () => {
      const file = path.join(temporaryFolder(), 'ours.safetensors');
      const types = (Object.keys(ELEMENT_BYTES) as ElementName[]).filter((type) => type !== 'U64');
      const shapes = types.map((type) => ({ name: type, type, shape: [2, 3] }));
      const writer = createTensors(file, shapes, { format: 'pt' });
      const data = shapes.map(({ type }) =>
        Uint8Array.from({ length: 6 * ELEMENT_BYTES[type] }, (_, at) =>
          type === 'BOOL' ? at % 2 : (at * 37) % 60,
        ),
      );
      data.forEach((part) => writer.write(part));
      writer.close();
      const script = `
import sys, json
from safetensors.torch import load_file
print(json.dumps({k: v.double().flatten().tolist() for k, v in load_file(sys.argv[1]).items()}))`;
      const theirs = JSON.parse(peer(['-c', script, file])) as Record<string, number[]>;
      types.forEach((type, index) => expect(theirs[type]).toEqual([...numbersOf(type, data[index]!)]));
    });

    it('writes what we read, in every type, with its numbers', () => {
      const file = path.join(temporaryFolder(), 'theirs.safetensors');
      const script = `
import sys, json, torch
from safetensors.torch import save_file
torch.manual_seed(3)
names = dict(F64=torch.float64, F32=torch.float32, F16=torch.float16, BF16=torch.bfloat16, I64=torch.int64,
             I32=torch.int32, I16=torch.int16, I8=torch.int8, U8=torch.uint8, BOOL=torch.bool)
tensors = {k: (torch.randn(5, 3) * 9).abs().to(d) for k, d in names.items()}
save_file(tensors, sys.argv[1], metadata={'format': 'pt'})
print(json.dumps({k: [list(v.shape), v.double().flatten().tolist()] for k, v in tensors.items()}))`;
      const theirs = JSON.parse(peer(['-c', script, file])) as Record<string, [number[], number[]]>;
      const opened = openTensors(file);
      expect(opened.metadata).toEqual({ format: 'pt' });
      expect([...opened.tensors.keys()].sort()).toEqual(Object.keys(theirs).sort());
      for (const [name, tensor] of opened.tensors) {
        const bytes = new Uint8Array(tensor.end - tensor.begin);
        tensor.read(bytes);
        expect([tensor.type, tensor.shape]).toEqual([name, theirs[name]![0]]);
        expect([...numbersOf(tensor.type, bytes)]).toEqual(theirs[name]![1]);
      }
      opened.close();
    });
  },
);
