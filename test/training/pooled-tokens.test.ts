import { describe, expect, it } from 'vitest';
import { randomOf, shuffle, type Random } from '../../pipelines/maths/random.ts';
import { forwardOf } from '../../pipelines/training/forward.ts';
import { OptimizerSettings } from '../../pipelines/training/optimizer.ts';
import { pooledTokens, textsOf } from '../../pipelines/training/pooled-tokens.ts';
import { trainerOf } from '../../pipelines/training/trainer.ts';

const SHAPE = { vocabulary: 40, width: 8, context: 20, classes: 3, batch: 32 };

/** Five to twenty tokens, of which one below 3, wherever it stands, is the label: all others are noise. */
function drawn(random: Random): { readonly text: Int32Array; readonly label: number } {
  const text = Int32Array.from({ length: 5 + random.nextBelow(16) }, () => 3 + random.nextBelow(37));
  const label = random.nextBelow(3);
  text[random.nextBelow(text.length)] = label;
  return { text, label };
}

function batchOf(random: Random) {
  const items = Array.from({ length: SHAPE.batch }, () => drawn(random));
  const labels = items.map(({ label }) => label);
  return {
    ...textsOf(
      items.map(({ text }) => text),
      SHAPE.context,
    ),
    labels,
  };
}

describe('tokens pooled by attention', () => {
  it('learn which tokens matter among many that do not', async () => {
    const net = pooledTokens(SHAPE);
    const optimizer = OptimizerSettings.parse({ kind: 'adamw', rate: 0.03 });
    const trainer = await trainerOf({ loss: net.loss, weights: net.initial(1), optimizer, seed: 2 });
    for (let step = 0; step < 200; step++) await trainer.step(batchOf(trainer.random));
    const forward = await forwardOf({ outputs: { logits: net.logits }, weights: trainer.weights });
    const random = randomOf(99);
    let right = 0;
    for (let time = 0; time < 10; time++) {
      const { labels, ...batch } = batchOf(random);
      const { logits } = await forward.run(batch);
      labels.forEach((label, row) => {
        const scores = [...logits!.subarray(3 * row, 3 * row + 3)];
        right += Number(scores.indexOf(Math.max(...scores)) === label);
      });
    }
    expect(right).toBeGreaterThan(300);
    await forward.close();
    await trainer.close();
  });

  it('are the same in whatever order, and whatever stands where there is no token', async () => {
    const shape = { ...SHAPE, batch: 1 };
    const net = pooledTokens(shape);
    const forward = await forwardOf({ outputs: { embedding: net.embedding }, weights: net.initial(3) });
    const text = Int32Array.of(4, 9, 1, 30, 2, 2);
    const ask = async (batch: ReturnType<typeof textsOf>) => [...(await forward.run(batch))['embedding']!];
    const whole = await ask(textsOf([text], shape.context));
    const mixed = text.slice();
    shuffle(mixed, randomOf(5));
    const given = textsOf([mixed], shape.context);
    const other = Int32Array.from(given['tokens']!);
    other.fill(17, text.length);
    const found = await ask({ ...given, tokens: other });
    found.forEach((number, at) => expect(number).toBeCloseTo(whole[at]!, 6));
    await forward.close();
  });
});
