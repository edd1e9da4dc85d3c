import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { gitLog } from '../../registry/store/git-log.ts';
import { threeModelsLog } from '../fixtures/histories.ts';
import { faultsOf } from '../report/hostile.ts';
import { git, temporaryRepository } from '../temporary.ts';
import { everythingIn, fettle } from './fettle.ts';

const folder = temporaryRepository();
const LOG = threeModelsLog();
const LAST = LOG.length - 1;

beforeAll(async () => {
  const log = gitLog({ folder, remote: null, author: { name: 'Ada', email: 'ada@example.com' } });
  const events = LOG.flatMap(({ event }) => (event === null ? [] : [event]));
  // No reducer of ours made this empty view, so every reader folds the log itself.
  await log.append({ expected: null, events, view: new Map(), reducer: 0 });
});

interface Answer {
  readonly code: number | null;
  readonly data: Record<string, unknown>;
  readonly error: { readonly code: string; readonly says: string } | undefined;
}

function json(...words: readonly string[]): Answer {
  const { code, stdout } = fettle(folder, [...words, '--json']);
  return { code, ...(JSON.parse(stdout) as Omit<Answer, 'code'>) };
}

function seqs(...words: readonly string[]): readonly number[] {
  return (json('log', ...words).data['events'] as { seq: number }[]).map(({ seq }) => seq);
}

describe('fettle log', () => {
  it('gives the events newest first, the last ones unless more are wanted', () => {
    expect(seqs('--limit', '3')).toEqual([LAST, LAST - 1, LAST - 2]);
    expect(seqs('--limit', '999')).toHaveLength(LOG.length);
    expect(json('log', '--limit', '1').data['events']).toEqual([{ seq: LAST, ...LOG.at(-1)?.envelope }]);
  });

  it('gives those of a model, of a type, and from and to a moment', () => {
    const wanted = (keep: (entry: (typeof LOG)[number]) => boolean) =>
      LOG.filter(keep)
        .map(({ seq }) => seq)
        .reverse();
    expect(seqs('old/model')).toEqual(wanted(({ envelope }) => envelope.subject === 'old/model'));
    expect(seqs('--type', 'model.rolled-back')).toEqual(
      wanted(({ envelope }) => envelope.type === 'model.rolled-back'),
    );
    expect(seqs('--since', '10', '--until', '12')).toEqual([12, 11, 10]);
    expect(seqs('--since', '2026-11-04', '--until', '2026-11-04')).toEqual(
      wanted(({ envelope }) => envelope.at.startsWith('2026-11-04')),
    );
    expect(fettle(folder, ['log', '--since', '2030-01-01']).stdout).toBe('No such events.\n');
  });

  it('refuses a model that is none', () => {
    expect(json('log', 'lettuce').error?.code).toBe('registry/model-unknown');
  });

  it('says each in one line: where, when, who, through which door, what, and what changed', () => {
    expect(fettle(folder, ['log', '--type', 'model.rolled-back']).stdout).toMatch(
      /^seq .*\n\d+ +2026-11-04 16:40 +github-actions\[bot\] +cli +digits +1\.9\.0 taken back from production: .* \(1\.9\.0 -> 1\.8\.0\)\n$/,
    );
  });
});

describe('the registry as it was', () => {
  it('is what status tells at a position or a date', () => {
    const servingThen = (at: string): readonly string[] => {
      const models = json('status', '--at', at).data['models'] as {
        model: string;
        serving: { channel: string; version: string }[];
      }[];
      return models.flatMap(({ model, serving }) =>
        serving.map((one) => `${model} ${one.channel} ${one.version}`),
      );
    };
    expect(servingThen('2026-08-02')).toEqual(['old/model staging 1.0.0']);
    expect(servingThen('2026-11-03')).toEqual(['digits production 1.9.0']);
    expect(servingThen('2026-11-05')).toEqual(['digits production 1.8.0']);
    expect(servingThen(String(LAST))).toEqual(['digits production 1.10.0']);
    expect(fettle(folder, ['status', '--at', '7']).stdout).toMatch(/^as of event 7, 2026-08-03T/);
  });

  it('is what show tells of a version, before it was judged and after it was taken back', () => {
    const verdictAt = (at: string) => json('show', 'digits@1.9.0', '--at', at).data['verdict'];
    const registered = LOG.find(
      ({ event }) =>
        event?.type === 'model.registered' && event.subject === 'digits' && event.body.version === '1.9.0',
    );
    expect(verdictAt(String(registered?.seq))).toBeNull();
    expect(verdictAt('2026-11-03')).toMatchObject({ answer: 'pass' });
    expect(json('show', 'digits@1.9.0', '--at', '2026-11-03').data['rolledBack']).toBeNull();
    expect(json('show', 'digits@1.9.0').data['rolledBack']).toContain('109 of 120');
    expect(json('show', 'digits@1.9.0', '--at', '2026-09-01').error?.code).toBe('registry/version-unknown');
  });

  it.each([
    ['9999', 1, 'registry/position-beyond-end'],
    ['2020-01-01', 1, 'registry/before-the-beginning'],
    ['2026-02-30', 2, 'action/input-wrong'],
    ['tomorrow', 2, 'action/input-wrong'],
  ])('is refused at %s', (at, code, fault) => {
    const ended = json('status', '--at', at);
    expect(ended.error?.code).toBe(fault);
    expect(ended.code).toBe(code);
  });
});

describe('fettle blame', () => {
  it('tells who served, by whose word, on what evidence, and why it ended', () => {
    const { stdout } = fettle(folder, ['blame', 'digits']);
    expect(stdout).toMatch(
      /1\.10\.0 +2026-11-09 04:16 UTC to now .* promoted by the gates \(github-actions\[bot\]\)/,
    );
    expect(stdout).toContain(
      '4 of 4 gates passed; against 1.8.0 on 517 items: accuracy +1.0 points (95% CI −0.5 to +2.5)',
    );
    expect(stdout).toContain('rolled back to 1.8.0 by github-actions[bot]: 109 of 120 live outcomes wrong');
    expect(stdout).toMatch(/stopped by the gates\n.* 1\.11\.0 +held by no-regression/);
    expect(fettle(folder, ['blame', 'old/model', 'staging']).stdout).toMatch(
      /promoted by ada, waiving no-regression\n +“good enough to learn from”; .*\n +retired by ada: replaced by digits/,
    );
  });

  it('tells who served at a moment', () => {
    const then = (...words: readonly string[]) => json('blame', ...words).data['services'];
    expect(then('digits', '--at', '2026-11-03')).toMatchObject([
      { version: '1.9.0', ended: { how: 'rolled back' } },
    ]);
    expect(then('old/model', '--at', '2026-08-20')).toMatchObject([
      { channel: 'staging' },
      { channel: 'production' },
    ]);
    expect(fettle(folder, ['blame', 'old/model', '--at', '2026-09-02']).stdout).toBe(
      'Nothing of old/model served then.\n',
    );
    expect(fettle(folder, ['blame', 'letters']).stdout).toContain(
      'No version of letters has served there yet.',
    );
    expect(json('blame', 'lettuce').error?.code).toBe('registry/model-unknown');
  });
});

describe('a picture', () => {
  it.each([
    ['blame', 'digits'],
    ['lineage', 'digits@1.10.0'],
  ])('of %s is written as a file that stands alone, or only spoken of in a dry run', (verb, word) => {
    const before = everythingIn(folder);
    expect(fettle(folder, [verb, word, '--svg', 'picture.svg', '--dry-run']).stdout).toContain('Would write');
    expect(everythingIn(folder)).toEqual(before);
    expect(fettle(folder, [verb, word, '--svg', 'picture.svg', '--narrow']).stdout).toContain('Wrote');
    const picture = path.join(folder, 'picture.svg');
    expect(faultsOf(readFileSync(picture, 'utf8'))).toEqual([]);
    expect(readFileSync(picture, 'utf8')).toContain('width="366"');
    git(folder, 'clean', '--quiet', '--force', '--', 'picture.svg');
    expect(existsSync(picture)).toBe(false);
  });
});

describe('fettle lineage', () => {
  it('tells a tree, a graph and a picture of the same', () => {
    expect(fettle(folder, ['lineage', 'digits@1.10.0']).stdout).toMatch(
      /^digits@1\.10\.0, registered .*\n├─ judged/,
    );
    expect(fettle(folder, ['lineage', 'digits@1.10.0', '--dot']).stdout).toMatch(
      /^digraph "digits@1\.10\.0" \{\n/,
    );
    const { nodes, edges } = json('lineage', 'digits@1.10.0', '--depth', '0').data as {
      nodes: { id: string }[];
      edges: { from: string; to: string }[];
    };
    const ids = new Set(nodes.map(({ id }) => id));
    expect(edges.every(({ from, to }) => ids.has(from) && ids.has(to))).toBe(true);
    expect(json('lineage', 'digits@9.9.9').error?.code).toBe('registry/version-unknown');
    expect(json('lineage', 'digits').code).toBe(2);
  });
});
