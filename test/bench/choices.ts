/** Measures the hard choices that Fettle makes: contradictions found and settled. */
import { examined } from '../../pipelines/contradictions/examine.ts';
import { chosenChecks, type Check, type Checklist } from '../../pipelines/choices/checks.ts';
import { firstServed, scheduled, tableOf } from '../../pipelines/choices/schedule.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import { bestSchedule, casesOf, durationIn, KINDS } from '../choices/schedules.ts';
import { corpusOf, isPart, isPlanted } from '../contradictions/corpus.ts';
import { atLeast, atMost, type Figure } from './figure.ts';

const CORPORA = 500;

export function measureChoices(): readonly Figure[] {
  return [...contradictionFigures(), ...checkFigures(), ...scheduleFigures()];
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

/** Ten checks of six tasks, in milliseconds, and time for about half of them. */
function checkFigures(): readonly Figure[] {
  const random = randomOf(7);
  let [ours, best, greedy] = [0, 0, 0];
  for (let round = 0; round < 200; round++) {
    const tasks = Array.from(
      { length: 6 },
      (_, i) => [`task ${i}`, 1000 + random.nextBelow(600_000)] as const,
    );
    const checks = Array.from({ length: 10 }, (_, i) => ({
      name: `check ${i}`,
      value: 1 + random.nextBelow(500),
      needs: [0, 1].map(() => `task ${random.nextBelow(6)}`),
      required: i === 0,
    }));
    const all = tasks.reduce((sum, [, cost]) => sum + cost, 0);
    const list = { checks, costs: new Map(tasks), budget: Math.round(all / 2) };
    const worth = (some: readonly Check[]) => some.reduce((sum, { value }) => sum + value, 0);
    const { chosen } = chosenChecks(list, { seed: 1, flips: 1e6 });
    const ways = Array.from({ length: 2 ** 10 }, (_, code) =>
      checks.filter((_check, i) => (code >> i) & 1),
    ).filter((some) => some.includes(checks[0]!) && costOf(list, some) <= list.budget);
    if (ways.length === 0) continue;
    ours += worth(checks.filter(({ name }) => chosen.includes(name)));
    best += Math.max(...ways.map(worth));
    greedy += worth(byRatio(list));
  }
  return [
    atLeast(
      'checks under a budget, 200 lists of 10: worth of the best of all choices',
      { value: (100 * ours) / best, target: 99, unit: '%' },
      `the dearest for its minutes first: ${((100 * greedy) / best).toFixed(2)} %`,
    ),
  ];
}

function costOf({ costs }: Checklist, some: readonly Check[]): number {
  return [...new Set(some.flatMap(({ needs }) => needs))].reduce(
    (sum, task) => sum + (costs.get(task) ?? 0),
    0,
  );
}

/** What anybody would do by hand. */
function byRatio(list: Checklist): readonly Check[] {
  const [first, ...others] = list.checks;
  let kept = first === undefined ? [] : [first];
  const ratio = (check: Check) => check.value / costOf(list, [check]);
  for (const check of others.sort((a, b) => ratio(b) - ratio(a))) {
    if (costOf(list, [...kept, check]) <= list.budget) kept = [...kept, check];
  }
  return kept;
}

const ASK = { seed: 1, flips: 400_000 };

/** Twelve jobs against all their places; and a trace of plans against first come, first served. */
function scheduleFigures(): readonly Figure[] {
  const gaps = casesOf({ seed: 21, count: 40, jobs: 12 }).map((scheduling) => {
    const table = tableOf(scheduling);
    const [found, best] = [scheduled(table, ASK), bestSchedule(table)];
    if (best.lateMs > 0) return found.makespanMs / best.makespanMs - 1;
    return found.lateMs > 0 ? Number.POSITIVE_INFINITY : found.dollars / best.dollars - 1;
  });
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const random = randomOf(11);
  const sums = { dollars: 0, naiveDollars: 0, makespanMs: 0, naiveMs: 0 };
  for (let plan = 0; plan < 60; plan++) {
    const count = 4 + random.nextBelow(21);
    const jobs = Array.from({ length: count }, (_, i) => ({
      name: `${i}`,
      ms: durationIn(random),
      labels: null,
    }));
    const naive = firstServed(tableOf({ jobs, runners: KINDS, deadlineMs: null }));
    const cheap = scheduled(tableOf({ jobs, runners: KINDS, deadlineMs: naive.makespanMs }), ASK);
    if (cheap.lateMs > 0) throw new Error('later than first come, first served');
    const free = KINDS.map((kind) => ({ ...kind, price: 0 }));
    sums.dollars += cheap.dollars;
    sums.naiveDollars += naive.dollars;
    sums.makespanMs += scheduled(tableOf({ jobs, runners: free, deadlineMs: null }), ASK).makespanMs;
    sums.naiveMs += naive.makespanMs;
  }
  const less = (ours: number, theirs: number) => 100 * (1 - ours / theirs);
  return [
    atMost(
      'schedules of 12 jobs on 4 machines: above the best of all, worst of 40',
      { value: 100 * Math.max(...gaps), target: 5, unit: '%' },
      `mean ${(100 * mean).toFixed(2)} %`,
    ),
    atLeast(
      'a trace of 60 plans, done as soon as first come, first served: money saved',
      { value: less(sums.dollars, sums.naiveDollars), target: 10, unit: '%' },
      `$${sums.dollars.toFixed(2)} against $${sums.naiveDollars.toFixed(2)}`,
    ),
    atLeast(
      'the same trace where all machines are free: time saved',
      { value: less(sums.makespanMs, sums.naiveMs), target: 10, unit: '%' },
      `${(sums.makespanMs / 3.6e6).toFixed(1)} against ${(sums.naiveMs / 3.6e6).toFixed(1)} hours`,
    ),
  ];
}
