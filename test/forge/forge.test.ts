import { describe, expect, it } from 'vitest';
import { ternary } from '../../pipelines/codecs/grouped.ts';
import { diversityOf } from '../../pipelines/forge/combine.ts';
import { specialisationOf } from '../../pipelines/forge/create.ts';
import { dream } from '../../pipelines/forge/dreams.ts';
import { learn, netOf, openScorer, rightOf, shareOf } from '../../pipelines/forge/net.ts';
import { curve } from '../../pipelines/forge/picture.ts';
import {
  ADDITION,
  ANSWER_FROM,
  CONTEXT,
  DIGITS,
  DOMAINS,
  drawn,
  itemsOf,
  numbersOf,
  rowsOf,
  TOKENS,
} from '../../pipelines/forge/tasks.ts';
import { effectiveOf, isTernary, throughTernary } from '../../pipelines/forge/ternary.ts';
import { bytesOfWeights, weightsOf } from '../../pipelines/forge/weights-file.ts';
import { randomOf } from '../../pipelines/maths/random.ts';

const TINY = { layers: 1, width: 16, heads: 2 };
const numbers = numbersOf(3);

describe('the tasks', () => {
  it('have rules that were worked by hand', () => {
    const answers = [...DOMAINS, ADDITION].map(({ answer }) => answer([3, 9, 0, 5], 4).join(''));
    expect(answers).toEqual(['5093', '9053', '4016', '7349']);
  });

  it('parts all numbers of four digits without a common one', () => {
    const parts = [numbers.training, numbers.validation, numbers.test];
    expect(parts.map(({ length }) => length)).toEqual([6000, 2000, 2000]);
    expect(new Set(parts.flat().map((digits) => digits.join(''))).size).toBe(10_000);
  });

  it('lays a row out so that the first digit of an answer follows the sign of equality', () => {
    const { tokens, answers } = rowsOf([{ task: ADDITION, digits: [1, 2, 3, 4], operand: 8 }]);
    expect([...tokens]).toEqual([TOKENS.plain, TOKENS.add, 8, 1, 2, 3, 4, TOKENS.equals, 9, 0, 1]);
    expect([...answers]).toEqual([9, 0, 1, 2]);
    expect(tokens).toHaveLength(CONTEXT);
    expect(tokens[ANSWER_FROM]).toBe(TOKENS.equals);
  });

  it('draws tasks as often as their shares say', () => {
    const mixture = [
      { task: DOMAINS[0]!, share: 3 },
      { task: ADDITION, share: 1 },
    ];
    const items = drawn(mixture, numbers.training, { random: randomOf(1), count: 4000 });
    const added = items.filter(({ task }) => task === ADDITION);
    expect(Math.abs(added.length - 1000)).toBeLessThan(120);
    expect(new Set(added.map(({ operand }) => operand)).size).toBe(9);
  });
});

describe('specialisationOf', () => {
  it('is 1 for those that can nothing else, 0 for those that can all, and what a hand finds between', () => {
    expect(
      specialisationOf([
        [1, 0],
        [0, 0.5],
      ]),
    ).toBe(1);
    expect(
      specialisationOf([
        [0.7, 0.7],
        [0.7, 0.7],
      ]),
    ).toBe(0);
    expect(
      specialisationOf([
        [1, 0.2],
        [0.4, 0.8],
      ]),
    ).toBeCloseTo((0.9 - 0.3) / 0.9, 12);
    expect(
      specialisationOf([
        [0, 1],
        [1, 0],
      ]),
    ).toBe(0);
  });
});

describe('diversityOf', () => {
  it('is the mean share of places in which two differ', () => {
    expect(diversityOf([Uint8Array.of(1, 2), Uint8Array.of(1, 2)])).toBe(0);
    expect(diversityOf([Uint8Array.of(1, 2), Uint8Array.of(1, 3), Uint8Array.of(0, 0)])).toBeCloseTo(
      2.5 / 3,
      12,
    );
  });
});

describe('curve', () => {
  it('keeps the mean of what it leaves out', () => {
    const { points } = curve(
      'x',
      Float32Array.from({ length: 120 }, (_, at) => at),
    );
    expect(points).toHaveLength(60);
    expect(points[0]).toEqual([2, 0.5]);
    expect(points.at(-1)).toEqual([120, 118.5]);
  });
});

describe('throughTernary', () => {
  const weights = netOf(TINY, 1).decoder.initial(5);

  it('computes with three values a group, whose scale is the mean size', async () => {
    const { shapes } = netOf(TINY, 1).decoder;
    const found = await effectiveOf(TINY, weights, throughTernary);
    const changed = Object.keys(shapes).filter((name) => isTernary(shapes[name]!));
    expect(changed.length).toBeGreaterThan(1);
    for (const [name, own] of Object.entries(weights)) {
      if (!changed.includes(name)) expect(found[name]).toEqual(own);
      else {
        own.forEach((_, at) => {
          const group = own.subarray(at - (at % 128), at - (at % 128) + 128);
          const scale = group.reduce((sum, value) => sum + Math.abs(value), 0) / 128;
          const wanted = Math.abs(own[at]!) > scale / 2 ? Math.sign(own[at]!) * scale : 0;
          if (Math.abs(Math.abs(own[at]!) - scale / 2) > 1e-6) {
            expect(found[name]![at]).toBeCloseTo(wanted, 5);
          }
        });
      }
    }
  });

  it('gives weights that the codec of 1.6 bits keeps but for the half of the scale', async () => {
    const [name, own] = Object.entries(await effectiveOf(TINY, weights, throughTernary)).find(([each]) =>
      each.endsWith('up_proj.weight'),
    )!;
    const parts = Object.fromEntries(ternary.encode(own).map((part) => [part.name, part.bytes]));
    const decoded = ternary.decode(parts, own.length);
    own.forEach((value, at) =>
      expect(Math.abs(decoded[at]! - value), name).toBeLessThanOrEqual(Math.abs(value) / 1024),
    );
  });

  it('lets the floats behind the rounding learn', async () => {
    const mixture = [{ task: DOMAINS[2]!, share: 1 }];
    const lesson = {
      shape: TINY,
      weights,
      steps: 25,
      rate: 1e-2,
      seed: 1,
      through: throughTernary,
      rowsAt: (random: ReturnType<typeof randomOf>) =>
        rowsOf(drawn(mixture, numbers.training, { random, count: 64 })),
    };
    const { weights: after, losses } = await learn(lesson);
    expect(losses.at(-1)).toBeLessThan(0.85 * losses[0]!);
    const moved = after['model.layers.0.mlp.up_proj.weight']!;
    expect(moved.some((value, at) => value !== weights['model.layers.0.mlp.up_proj.weight']![at])).toBe(true);
    expect((await learn(lesson)).weights).toEqual(after);
  });
});

describe('dream', () => {
  it('keeps what a rule finds right, and says how much that was', async () => {
    const scorer = {
      weights: {},
      close: async () => undefined,
      // Right for the first task, for the others always 0000.
      answers: async (items: Parameters<typeof rightOf>[0]) =>
        Uint8Array.from(
          items.flatMap(({ task, digits }) => (task === DOMAINS[0] ? task.answer(digits, 0) : [0, 0, 0, 0])),
        ),
    };
    const { items, accepted, distinct } = await dream(scorer, DOMAINS, {
      random: randomOf(2),
      numbers: numbers.training,
    });
    expect(items.length).toBeGreaterThan(50);
    expect(
      items.filter(
        ({ task, digits }) => task !== DOMAINS[0] && task.answer(digits, 0).some((digit) => digit !== 0),
      ),
    ).toEqual([]);
    expect(accepted).toBe(items.length / 256);
    expect(distinct).toBeGreaterThan(0.9);
  });
});

describe('a scorer', () => {
  it('says the same of an item alone and among others, and what a file holds is what was written', async () => {
    const { decoder } = netOf(TINY, 1);
    const weights = await weightsOf(await bytesOfWeights(decoder.initial(4), decoder.shapes));
    expect(weights).toEqual(decoder.initial(4));
    const items = itemsOf(ADDITION, numbers.test, 150);
    const [many, single] = [await openScorer(TINY, weights), await openScorer(TINY, weights, 1)];
    const said = await many.answers(items);
    expect(said).toHaveLength(150 * DIGITS);
    expect([...(await single.answers(items.slice(149)))]).toEqual([...said.subarray(149 * DIGITS)]);
    expect(shareOf(rightOf(items, said))).toBeLessThan(0.2);
    const right = Uint8Array.from(items.flatMap(({ digits, operand }) => ADDITION.answer(digits, operand)));
    expect(shareOf(rightOf(items, right))).toBe(1);
    await Promise.all([many.close(), single.close()]);
  });
});
