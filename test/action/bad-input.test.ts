import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelUnnamed } from '../../action/faults.ts';
import { groupTaken } from '../../pipelines/faults.ts';
import { git, temporaryRepository } from '../temporary.ts';
import { cloudsCsv, CLOUDS_SETTINGS, fettle } from './fettle.ts';

function repository(settings = CLOUDS_SETTINGS): string {
  const folder = temporaryRepository();
  mkdirSync(path.join(folder, '.github'));
  writeFileSync(path.join(folder, '.github/fettle.yml'), settings);
  return folder;
}

const good = cloudsCsv(60);

/** What a person may hand over by mistake, and what must be said of it. */
const BAD_SOURCES: readonly (readonly [string, string | Buffer, RegExp])[] = [
  [
    'a missing column',
    good.replace('id,x,y,label', 'id,x,y,kind'),
    /wanted a column `label`.*found `id`, `x`, `y`, `kind`/,
  ],
  ['a broken quote', good.replace('row-3,', '"row-3,'), /line \d+: wanted every quote closed/],
  ['a NUL byte', good.replace('row-3,', 'row-\0,'), /line 5: wanted text, found a NUL byte/],
  ['an empty file', '', /wanted rows in `bad\.csv`, found it empty/],
  ['a header alone', 'id,x,y,label\n', /found it empty/],
  [
    'ten megabytes in one field',
    good.replace('row-3,', `${'x'.repeat(10 << 20)},`),
    /wanted (cells|rows) of at most/,
  ],
  [
    'an id twice',
    good.replace('row-3,', 'row-2,'),
    /line 5: wanted an id once, found id `row-2` already on line 4/,
  ],
  [
    'a word where a number belongs',
    good.replace(/row-3,[^,]+/, 'row-3,many'),
    /line 5: wanted a number in `x`, found `many`/,
  ],
  ['a label left out', good.replace(/(row-3,.*),high/, '$1,'), /line 5: wanted a label, found an empty cell/],
  [
    'bytes that are not UTF-8',
    Buffer.concat([Buffer.from(good), Buffer.from([0xff, 0xfe, 0x0a])]),
    /wanted UTF-8 text/,
  ],
];

describe('a source that cannot be taken in', () => {
  it.each(BAD_SOURCES)('with %s gets one clear message and leaves no trace', (_what, source, said) => {
    const folder = repository();
    writeFileSync(path.join(folder, 'bad.csv'), source);
    const { code, stdout, stderr } = fettle(folder, ['run', 'clouds', '--from', 'bad.csv']);
    expect(stderr).toMatch(said);
    expect(stderr.trim().split('\n').at(-1)).toMatch(/^ {2}\S/);
    expect(stderr.length).toBeLessThan(600);
    expect([code, stdout]).toEqual([1, '']);
    expect(git(folder, 'for-each-ref', 'refs/heads/fettle')).toBe('');
  });

  it('of a single class is recorded as a run that failed, and promotes nothing', () => {
    const folder = repository();
    writeFileSync(path.join(folder, 'bad.csv'), good.replaceAll('high', 'low'));
    const { code, stderr } = fettle(folder, ['run', 'clouds', '--from', 'bad.csv']);
    expect(stderr).toMatch(/wanted at least two labels to tell apart, found only `low`/);
    expect(code).toBe(1);
    expect(git(folder, 'show', 'fettle/registry:log/000/000/000.jsonl')).toContain('pipelines/single-class');
    expect(fettle(folder, ['verify']).code).toBe(0);
  });

  it('with a label that only its newest rows have is taken in: those rows are trained on', () => {
    const folder = repository();
    const lines = cloudsCsv(200).trim().split('\n');
    const newest = lines.map((line, index) => (index > 194 ? line.replace(/,\w+$/, ',new') : line));
    writeFileSync(path.join(folder, 'new.csv'), `${newest.join('\n')}\n`);
    const { stdout } = fettle(folder, ['run', 'clouds', '--from', 'new.csv', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, data: { candidates: [{ version: '1.0.0' }] } });
  });
});

describe('text from outside', () => {
  // A label that would clear the screen and set the window's title.
  it('does not steer the terminal', () => {
    const folder = repository();
    writeFileSync(
      path.join(folder, 'evil.csv'),
      cloudsCsv(400).replaceAll('high', '\u001b[2J\u001b]0;owned\u0007high'),
    );
    expect(fettle(folder, ['run', 'clouds', '--from', 'evil.csv']).code).toBe(0);
    const { stdout } = fettle(folder, ['predict', 'clouds', '--values', '2,1']);
    expect(stdout).toContain('high');
    // eslint-disable-next-line no-control-regex -- these are what must not be there
    expect(stdout).not.toMatch(/[\u0007\u001b]/);
  });

  // `a/b` and `a-b` would both be the model `triage/a-b`.
  it('does not mix two groups whose names make one model name', () => {
    const settings =
      'models:\n  by:\n    recipe: train-and-promote\n    columns: { group: team }\n    gates: { enough-samples: null }\n';
    const folder = repository(settings);
    const csv = cloudsCsv(400)
      .trim()
      .split('\n')
      .map((line, row) => (row === 0 ? `team,${line}` : `${row % 4 < 2 ? 'a/b' : 'a-b'},${line}`));
    writeFileSync(path.join(folder, 'teams.csv'), `${csv.join('\n')}\n`);
    const { code, stdout } = fettle(folder, ['run', 'by', '--from', 'teams.csv', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: groupTaken.code } });
    expect(code).toBe(1);
  });
});

/** What a person may write into the settings by mistake: line, column and what must be said. */
const BAD_SETTINGS: readonly (readonly [string, string, RegExp])[] = [
  [
    'an unknown key',
    'models:\n  clouds:\n    recipe: train-and-promote\n    holdot: 0.2\n',
    /fettle\.yml:4:13: wanted only known keys under `models\.clouds`, found the unknown key `holdot`/,
  ],
  [
    'a wrong type',
    'models:\n  clouds:\n    recipe: train-and-promote\n    holdout: many\n',
    /fettle\.yml:4:14: wanted .*number.*, found `many`/,
  ],
  [
    'an unknown recipe',
    'models:\n  clouds:\n    recipe: nonsense\n',
    /fettle\.yml:3:13: wanted .*, found `nonsense`/,
  ],
  ['broken YAML', 'models:\n  clouds: [\n', /fettle\.yml:\d+:\d+: wanted YAML/],
  ['a key twice', 'models: {}\nmodels: {}\n', /fettle\.yml:2:1: wanted YAML/],
  [
    'an unknown gate',
    'models:\n  clouds:\n    recipe: train-and-promote\n    gates:\n      no-regresion: {}\n',
    /fettle\.yml:5:\d+: wanted only known keys under `models\.clouds\.gates`/,
  ],
  [
    'a remote that git would take for an option',
    'registry: { remote: --upload-pack=evil }\n',
    /fettle\.yml:1:21: wanted the name of a remote/,
  ],
  [
    'a gate asked for the impossible',
    'models:\n  clouds:\n    recipe: train-and-promote\n    gates:\n      metric-floor: { floor: 2 }\n',
    /fettle\.yml:5:30: wanted .*, found `2`/,
  ],
];

describe('settings with', () => {
  it.each(BAD_SETTINGS)('%s are refused by line and column', (_what, settings, said) => {
    const folder = repository(settings);
    writeFileSync(path.join(folder, 'good.csv'), good);
    const { code, stderr } = fettle(folder, ['run', 'clouds', '--from', 'good.csv']);
    expect(stderr).toMatch(said);
    expect(code).toBe(1);
  });

  it('no such model name it and those that there are', () => {
    const { stderr, code } = fettle(repository(), ['run', 'cloud', '--from', 'x.csv']);
    expect(stderr).toMatch(/found `cloud`; there are `clouds`, /);
    expect(code).toBe(1);
  });

  it('no model at all tell how to set one up for issues', () => {
    const { stderr, code } = fettle(repository('models: {}\n'), ['label', '--json']);
    expect([code, stderr]).toMatchObject([1, '']);
    const { stdout } = fettle(repository('models: {}\n'), ['label', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: modelUnnamed.code } });
  });

  // Ten aliases of ten aliases, ten times: a small file that would be a large one.
  it('a bomb of aliases do not fill the memory', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x,x]',
      ...Array.from({ length: 8 }, (_, level) => {
        const [mine, last] = [String.fromCharCode(98 + level), String.fromCharCode(97 + level)];
        return `${mine}: &${mine} [${Array.from({ length: 10 }, () => `*${last}`).join(',')}]`;
      }),
    ].join('\n');
    const { code, stderr } = fettle(repository(`${bomb}\n`), ['run', 'clouds']);
    expect(stderr).toMatch(/^fettle: /);
    expect(code).toBe(1);
  });
});
