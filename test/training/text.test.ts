import { describe, expect, it } from 'vitest';
import { randomOf } from '../../pipelines/maths/random.ts';
import { decoder } from '../../pipelines/training/decoder.ts';
import { OptimizerSettings } from '../../pipelines/training/optimizer.ts';
import { bitsPerToken, continued, learnTokens } from '../../pipelines/training/text.ts';
import { byteTokenizer } from '../../pipelines/training/tokenizer.ts';

const SHAPE = { layers: 1, width: 32, heads: 2, context: 16, vocabulary: 8 };

/** Of two tokens that may follow each, the nearer one follows three times of four: 0.811 bits a token, by hand. */
function chain(seed: number, length: number): Int32Array {
  const random = randomOf(seed);
  const tokens = new Int32Array(length);
  for (let at = 1; at < length; at++) {
    tokens[at] = (3 * tokens[at - 1]! + (random.nextBelow(4) === 0 ? 1 : 2)) % SHAPE.vocabulary;
  }
  return tokens;
}
const ENTROPY = -(0.75 * Math.log2(0.75) + 0.25 * Math.log2(0.25));

const lesson = {
  shape: SHAPE,
  batch: 16,
  steps: 150,
  warmup: 10,
  optimizer: OptimizerSettings.parse({ kind: 'adamw', rate: 0.01, clipNorm: 1 }),
  seed: 1,
};

describe('a decoder', () => {
  it('learns a chain of tokens down to what nobody can foretell', async () => {
    const told: number[] = [];
    const { weights } = await learnTokens({
      ...lesson,
      tokens: chain(1, 5000),
      tell: ({ step }) => told.push(step),
    });
    const unseen = chain(2, 4000);
    const bits = await bitsPerToken({ shape: SHAPE, weights }, unseen);
    expect(told).toHaveLength(lesson.steps);
    expect(bits).toBeLessThan(ENTROPY + 0.1);
    // Nobody foretells better than chance allows, but for the luck of 4000 draws.
    expect(bits).toBeGreaterThan(ENTROPY - 0.04);

    const text = { tokens: Int32Array.of(5), count: 40, random: randomOf(1) };
    const likeliest = await continued({ shape: SHAPE, weights }, { ...text, temperature: 0 });
    expect([...likeliest.subarray(0, 3)]).toEqual([1, 5, 1]);
    const drawn = await continued({ shape: SHAPE, weights }, { ...text, temperature: 1 });
    const allowed = [...drawn].filter((token, at) => {
      const before = at === 0 ? 5 : drawn[at - 1]!;
      return [1, 2].includes((token - 3 * before + 24) % SHAPE.vocabulary);
    });
    expect(allowed.length).toBeGreaterThan(36);
  });

  it('foretells every byte with 8 bits before it has learned, whatever is left of the last window', async () => {
    const shape = { ...SHAPE, vocabulary: 256 };
    const net = decoder({ ...shape, batch: 1 });
    const tokens = byteTokenizer.encode(
      'Nothing of this was ever seen before, so each byte is as likely as any.',
    );
    for (const length of [17, 50, tokens.length]) {
      const bits = await bitsPerToken({ shape, weights: net.initial(1) }, tokens.subarray(0, length));
      expect(Math.abs(bits - 8)).toBeLessThan(0.1);
    }
    expect(() => learnTokens({ ...lesson, tokens: tokens.subarray(0, 16) })).toThrow(RangeError);
    await expect(bitsPerToken({ shape, weights: net.initial(1) }, tokens.subarray(0, 16))).rejects.toThrow(
      RangeError,
    );
  });
});
