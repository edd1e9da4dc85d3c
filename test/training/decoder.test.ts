import { describe, expect, it } from 'vitest';
import { decoder, DecoderShape } from '../../pipelines/training/decoder.ts';
import { forwardOf } from '../../pipelines/training/forward.ts';
import { drawnWeights } from './drawn.ts';

const SHAPE = { layers: 2, width: 16, heads: 2, context: 6, vocabulary: 11, batch: 2 };

describe('a decoder', () => {
  it('sees nothing of the tokens that come later', async () => {
    const net = decoder(SHAPE);
    const forward = await forwardOf({ outputs: { logits: net.logits }, weights: drawnWeights(net.shapes) });
    const ask = async (tokens: readonly number[]) => [...(await forward.run({ tokens }))['logits']!];
    const text = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 1];
    const whole = await ask(text);
    for (let place = 0; place < SHAPE.context; place++) {
      const changed = await ask(text.with(place, (text[place]! + 1) % SHAPE.vocabulary));
      const rows = Array.from({ length: 2 * SHAPE.context }, (_, row) => {
        const [from, to] = [row * SHAPE.vocabulary, (row + 1) * SHAPE.vocabulary];
        return whole.slice(from, to).some((each, at) => each !== changed[from + at]);
      });
      const wanted = rows.map((_, row) => row < SHAPE.context && row >= place);
      expect(rows, `token ${place}`).toEqual(wanted);
    }
    await forward.close();
  });

  it('begins with weights that have the shapes it says, the same for the same seed', () => {
    const net = decoder(SHAPE);
    const weights = net.initial(7);
    const sizes = Object.entries(net.shapes).map(([name, shape]) => [name, shape.reduce((a, b) => a * b, 1)]);
    expect(Object.entries(weights).map(([name, { length }]) => [name, length])).toEqual(sizes);
    expect(decoder(SHAPE).initial(7)).toEqual(weights);
    expect(decoder(SHAPE).initial(8)).not.toEqual(weights);
    expect([...net.graph.inputs.keys()]).toEqual(['tokens', ...Object.keys(net.shapes)]);
  });

  it('is refused where heads do not divide the width', () => {
    const { batch: _, ...shape } = SHAPE;
    expect(DecoderShape.safeParse(shape).success).toBe(true);
    expect(DecoderShape.safeParse({ ...shape, heads: 3 }).success).toBe(false);
  });
});
