/** Measures what is selected: columns that shorten a description, and models that are good and not alike. */
import { keptColumns, type Levelled } from '../../pipelines/choices/columns.ts';
import { chosenParents, worthOfParents } from '../../pipelines/choices/parents.ts';
import { randomOf, type Random } from '../../pipelines/maths/random.ts';
import { atLeast, type Figure } from './figure.ts';

const ASK = { seed: 1, flips: 1_000_000 };

export function measureSelections(): readonly Figure[] {
  return [columnsFigure(), parentsFigure()];
}

/** Ten columns of 500 rows: three that each know the label in part, copies of two of them, and noise. */
function tableIn(random: Random): Levelled {
  const labels = Array.from({ length: 500 }, () => random.nextBelow(2));
  const noise = () => labels.map(() => random.nextBelow(3));
  const knowing = () => labels.map((label) => (random.nextFloat() < 0.45 ? 2 * label : random.nextBelow(3)));
  const [a, b, c] = [knowing(), knowing(), knowing()];
  const columns = [a, b, c, a, b, noise(), noise(), noise(), noise(), noise()];
  return { columns, levels: columns.map(() => 3), labels, labelCount: 2 };
}

function columnsFigure(): Figure {
  const random = randomOf(31);
  let right = 0;
  for (let round = 0; round < 100; round++) {
    const { kept } = keptColumns(tableIn(random), ASK);
    const told = kept.map((i) => (i >= 5 ? 'noise' : 'abcab'[i]));
    if ([...told].sort().join('') === 'abc') right++;
  }
  return atLeast(
    'columns kept by description length, 100 tables of ten: those that were planted, and no copy of them',
    { value: right, target: 90, unit: '%' },
  );
}

/** Three of twelve: families of four that learned nearly the same, of which one is a little better than the others. */
function parentsFigure(): Figure {
  const random = randomOf(32);
  let [ours, best, byScore] = [0, 0, 0];
  for (let round = 0; round < 50; round++) {
    const scores = Array.from({ length: 12 }, (_, i) => (i % 3 === 0 ? 0.1 : 0) + random.nextFloat());
    const noise = Array.from({ length: 144 }, () => 0.2 * random.nextFloat());
    const likeness = scores.map((_, i) =>
      scores.map((_each, j) =>
        i === j ? 1 : (i % 3 === j % 3 ? 0.8 : 0) + noise[12 * Math.min(i, j) + Math.max(i, j)]!,
      ),
    );
    const parents = { scores, likeness, count: 3, diversity: 0.5 };
    const sets = scores.flatMap((_, i) =>
      scores.flatMap((_each, j) => scores.flatMap((_one, k) => (i < j && j < k ? [[i, j, k]] : []))),
    );
    const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!);
    ours += chosenParents(parents, ASK).worth;
    best += Math.max(...sets.map((set) => worthOfParents(parents, set)));
    byScore += worthOfParents(parents, order.slice(0, 3));
  }
  return atLeast(
    'models to merge, 3 of 12, 50 families: worth of the best of all sets',
    { value: (100 * ours) / best, target: 99, unit: '%' },
    `the best by their scores alone: ${((100 * byScore) / best).toFixed(1)} %`,
  );
}
