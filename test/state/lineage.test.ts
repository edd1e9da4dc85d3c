import { beforeAll, describe, expect, it } from 'vitest';
import { versionUnknown } from '../../registry/faults.ts';
import type { Entry } from '../../registry/schema/entry.ts';
import { Version } from '../../registry/schema/model.ts';
import { lineageOf, type Lineage } from '../../registry/state/lineage.ts';
import { digestFor, eventOf, RUN, startOver } from '../fixtures/events.ts';
import { DIGITS, threeModelsLog } from '../fixtures/histories.ts';
import { logOf } from '../fixtures/logs.ts';

beforeAll(startOver);

function lineage(entries: readonly Entry[], version: string, depth = 1): Lineage {
  return lineageOf(entries, { model: DIGITS, version: Version.parse(version), depth });
}

function made(version: string, parents: readonly string[]) {
  const { lineage: plain } = eventOf('model.registered').body;
  const given = { ...plain, parents: parents.map((parent) => Version.parse(parent)) };
  return eventOf('model.registered', { version, lineage: given });
}

function versionsIn({ nodes }: Lineage): readonly string[] {
  return nodes.filter(({ kind }) => kind === 'version').map(({ id }) => id);
}

describe('the lineage of a version', () => {
  it('goes from what came in through data and run to version, verdict and channel', () => {
    const entries = logOf([
      eventOf('registry.created'),
      eventOf('run.started'),
      made('1.0.0', []),
      eventOf('evaluation.recorded'),
      eventOf('verdict.given'),
      eventOf('model.promoted'),
    ]);
    const { nodes, edges } = lineage(entries, '1.0.0');
    expect(new Set(edges.map(({ from, to, kind }) => `${from} | ${kind} | ${to}`))).toEqual(
      new Set([
        `source ${digestFor('batch')} | took in | run ${RUN}`,
        `data ${digestFor('data')} | trained on | run ${RUN}`,
        `run ${RUN} | made | version 1.0.0`,
        `version 1.0.0 | judged | verdict 1.0.0`,
        `data ${digestFor('holdout')} | scored on | verdict 1.0.0`,
        `verdict 1.0.0 | served on | channel production 1.0.0`,
      ]),
    );
    expect(nodes).toHaveLength(7);
    expect(nodes.find(({ kind }) => kind === 'run')).toMatchObject({
      seed: 7,
      code: '0.1.0',
      params: { rate: '0.1' },
    });
  });

  it('tells as many generations in full as are asked for, and names the next', () => {
    expect(versionsIn(lineage(threeModelsLog(), '1.10.0', 0))).toEqual(['version 1.10.0', 'version 1.8.0']);
    expect(versionsIn(lineage(threeModelsLog(), '1.10.0', 2))).toEqual(
      ['1.10.0', '1.8.0', '1.7.0', '1.5.0'].map((version) => `version ${version}`),
    );
    const all = lineage(threeModelsLog(), '1.10.0', 100);
    expect(versionsIn(all)).toHaveLength(9);
    expect(all.nodes.every((node) => node.kind !== 'version' || node.whole)).toBe(true);
  });

  it('tells a parent that two versions have once', () => {
    const entries = logOf([
      made('1.0.0', []),
      made('1.1.0', ['1.0.0']),
      made('1.2.0', ['1.0.0']),
      made('1.3.0', ['1.1.0', '1.2.0']),
    ]);
    const { nodes, edges } = lineage(entries, '1.3.0', 9);
    expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length);
    expect(edges.filter(({ kind }) => kind === 'parent of')).toHaveLength(4);
  });

  it('runs in no circle, whatever parents a log names', () => {
    const entries = logOf([made('1.0.0', ['1.1.0', '1.0.0', '0.9.0']), made('1.1.0', ['1.0.0'])]);
    const { nodes, edges } = lineage(entries, '1.1.0', 9);
    expect(edges.filter(({ kind }) => kind === 'parent of').map(({ from, to }) => `${from} ${to}`)).toEqual([
      'version 1.0.0 version 1.1.0',
      'version 0.9.0 version 1.0.0',
    ]);
    expect(nodes.find(({ id }) => id === 'version 0.9.0')).toMatchObject({ registered: null, parents: [] });
  });

  it('is refused for a version that was never registered', () => {
    expect(() => lineage(threeModelsLog(), '9.9.9')).toThrowFault(versionUnknown);
  });
});
