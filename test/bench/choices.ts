/** Measures the hard choices that Fettle makes: contradictions found and settled. */
import { examined } from '../../pipelines/contradictions/examine.ts';
import { corpusOf, isPart, isPlanted } from '../contradictions/corpus.ts';
import { atLeast, atMost, type Figure } from './figure.ts';

const CORPORA = 500;

export function measureChoices(): readonly Figure[] {
  return contradictionFigures();
}

/** Planted in registries that other code makes; each is known with the way it must end. */
function contradictionFigures(): readonly Figure[] {
  let [planted, found, false_, total, resolvable, right, open, leftOpen] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let seed = 1; seed <= CORPORA; seed++) {
    const corpus = corpusOf(1000 + seed, { plants: 4, size: 2 });
    const { resolutions } = examined(corpus);
    planted += corpus.plants.length;
    total += resolutions.length;
    const ends = resolutions.map((one) => ({
      ...one,
      plant: corpus.plants.find(({ parts }) => isPlanted(one.contradiction.facts, parts)),
    }));
    false_ += ends.filter(({ plant }) => plant === undefined).length;
    found += new Set(ends.flatMap(({ plant }) => plant ?? [])).size;
    for (const plant of corpus.plants) {
      const end = ends.find((one) => one.plant === plant);
      const loser = plant.loser;
      const [given] = end?.givenUp ?? [];
      const isRight =
        end?.strategy === plant.strategy &&
        (loser === null
          ? given === undefined
          : end.givenUp.length === 1 && given !== undefined && isPart(given, loser));
      if (plant.strategy === 'escalation') [open, leftOpen] = [open + 1, leftOpen + Number(isRight)];
      else [resolvable, right] = [resolvable + 1, right + Number(isRight)];
    }
  }
  const percent = (some: number, all: number) => (100 * some) / all;
  return [
    atLeast(
      `contradictions planted in ${CORPORA} registries: found`,
      { value: percent(found, planted), target: 99, unit: '%' },
      `${found} of ${planted}`,
    ),
    atMost(
      'contradictions told that nobody planted',
      { value: percent(false_, total), target: 2, unit: '%' },
      `${false_} of ${total}`,
    ),
    atLeast(
      'contradictions that can be settled: settled as planted',
      { value: percent(right, resolvable), target: 99.9, unit: '%' },
      `${right} of ${resolvable}; left to people ${leftOpen} of ${open} that must be`,
    ),
    timeFigure(),
  ];
}

/** Of registries with at least 50 facts, the slowest; each the least of three. */
function timeFigure(): Figure {
  const times = Array.from({ length: 40 }, (_, seed) => {
    const corpus = corpusOf(5000 + seed, { plants: 2, size: 1 });
    const { facts } = examined(corpus);
    const runs = [1, 2, 3].map(() => {
      const before = process.cpuUsage();
      examined(corpus);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    });
    return { facts: facts.length, ms: Math.min(...runs) };
  }).filter(({ facts }) => facts >= 50);
  const slowest = times.reduce((worst, one) => (one.ms > worst.ms ? one : worst));
  const middle = times.map(({ ms }) => ms).sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
  return atMost(
    'contradictions among 50 facts or more, slowest of 40 registries (CPU)',
    { value: slowest.ms, target: 100, unit: 'ms' },
    `${slowest.facts} facts; median ${middle.toFixed(2)} ms`,
  );
}
