/** Holds the detector and the strategies against registries whose contradictions are known beforehand. */
import { describe, expect, it } from 'vitest';
import { examined } from '../../pipelines/contradictions/examine.ts';
import { corpusOf, isPart, isPlanted } from './corpus.ts';

const SEEDS = Array.from({ length: 60 }, (_, seed) => seed + 1);

describe('contradictions planted in a registry and its settings', () => {
  it.each(SEEDS)('are found, and nothing else is, with the way they end: corpus %i', (seed) => {
    const corpus = corpusOf(seed, { plants: 4, size: 2 });
    const { resolutions } = examined(corpus);
    const names = resolutions.map(({ contradiction: { facts }, strategy, givenUp }) => {
      const plant = corpus.plants.find(({ parts }) => isPlanted(facts, parts));
      const loser = plant?.loser ?? null;
      const right =
        loser === null ? givenUp.length === 0 : givenUp.length === 1 && isPart(givenUp[0]!, loser);
      return `${plant?.name ?? facts.map(({ says }) => says).join(' | ')}, ${strategy}, ${right ? 'right' : 'wrong'}`;
    });
    const wanted = corpus.plants.map(({ name, strategy }) => `${name}, ${strategy}, right`);
    expect(names.sort()).toEqual(wanted.sort());
  });

  it('are none where none was planted', () => {
    for (const seed of SEEDS) {
      const { resolutions } = examined(corpusOf(seed, { plants: 0, size: 5 }));
      expect(resolutions.map(({ contradiction }) => contradiction.facts.map(({ says }) => says))).toEqual([]);
    }
  });
});
