import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { git, temporaryRepository } from '../temporary.ts';
import { cloudsCsv, CLOUDS_SETTINGS, everythingIn, fettle } from './fettle.ts';

function repository(): string {
  const folder = temporaryRepository();
  mkdirSync(path.join(folder, '.github'));
  writeFileSync(path.join(folder, '.github/fettle.yml'), CLOUDS_SETTINGS);
  writeFileSync(path.join(folder, 'first.csv'), cloudsCsv(200));
  writeFileSync(path.join(folder, 'second.csv'), cloudsCsv(200, 1000));
  return folder;
}

function json(folder: string, ...words: string[]): { code: number | null; data: Record<string, unknown> } {
  const { code, stdout } = fettle(folder, [...words, '--json']);
  const told = JSON.parse(stdout) as { ok: boolean; data: Record<string, unknown> };
  return { code, data: told.data };
}

// One repository, from the first word to the last, as a person would go through it.
describe('the command line', () => {
  const folder = repository();

  it('begins a registry once, without touching work tree or index', () => {
    const before = everythingIn(folder);
    expect(fettle(folder, ['init', '--dry-run']).code).toBe(0);
    expect(everythingIn(folder)).toEqual(before);
    expect(json(folder, 'init').data).toMatchObject({ begun: true, wroteSettings: false });
    expect(json(folder, 'init').data).toMatchObject({ begun: false });
    const after = everythingIn(folder);
    expect({ ...after, refs: '' }).toEqual({ ...before, refs: '' });
  });

  it('rehearses a run and records nothing', () => {
    const before = everythingIn(folder);
    const { code, stdout } = fettle(folder, ['run', 'clouds', '--from', 'first.csv', '--dry-run']);
    expect(stdout).toContain('clouds@1.0.0 serves, the first version');
    expect(stdout).toContain('Dry run: nothing was recorded.');
    expect(code).toBe(0);
    expect(everythingIn(folder)).toEqual(before);
  });

  it('trains, judges and promotes the first version', () => {
    const { code, data } = json(folder, 'run', 'clouds', '--from', 'first.csv');
    expect(code).toBe(0);
    expect(data['candidates']).toMatchObject([
      { model: 'clouds', version: '1.0.0', fate: 'serves', known: false },
    ]);
  });

  it('does nothing when the same is asked again', () => {
    const before = git(folder, 'rev-parse', 'fettle/registry');
    expect(json(folder, 'run', 'clouds', '--from', 'first.csv').data['candidates']).toMatchObject([
      { known: true },
    ]);
    expect(git(folder, 'rev-parse', 'fettle/registry')).toBe(before);
  });

  it('promotes a second version of which it is shown that it is not worse', () => {
    expect(json(folder, 'run', 'clouds', '--from', 'second.csv').data['candidates']).toMatchObject([
      { version: '1.1.0', fate: 'serves' },
    ]);
  });

  it('leaves git status clean of its own files', () => {
    expect(git(folder, 'status', '--porcelain')).not.toContain('.fettle');
  });

  it('tells what serves, what was decided, and everything of a version', () => {
    expect(fettle(folder, ['status']).stdout).toMatch(/clouds\s+production\s+1\.1\.0\s+100\.0%/);
    expect(fettle(folder, ['history', 'clouds']).stdout).toMatch(
      /promoted\s+clouds@1\.1\.0 production \(before: 1\.0\.0\)/,
    );
    const shown = fettle(folder, ['show', 'clouds@1.1.0']).stdout;
    expect(fettle(folder, ['show', 'clouds']).stdout).toBe(shown);
    for (const word of [
      'serves production',
      'no-regression',
      'lineage',
      git(folder, 'rev-parse', 'HEAD'),
      'sha256:',
    ]) {
      expect(shown).toContain(word);
    }
  });

  it('derives again why a version was promoted, from the registry alone', () => {
    const [files, away] = ['.fettle', '.away'].map((name) => path.join(folder, name)) as [string, string];
    renameSync(files, away);
    const { code, data } = json(folder, 'why', 'clouds');
    expect(code).toBe(0);
    expect(data).toMatchObject({ version: '1.1.0', against: '1.0.0', answer: 'pass', agrees: true });
    const told = fettle(folder, ['why', 'clouds@1.1.0']).stdout;
    expect(told).toMatch(
      /^clouds@1\.1\.0 passed every gate beside 1\.0\.0, shown to be at most .+; promoted to production automatically/,
    );
    expect(told).toMatch(/no-regression +accuracy .+ +low ends at least −2\.0 points +the same/);
    expect(told).toContain('Rails: strategic pass');
    expect(told).toContain('Derived again from the registry alone: every gate says the same.');
    renameSync(away, files);
  });

  it('says of a model of columns that it tells no reasons of a prediction, and what it can be asked', () => {
    const asked = ['why', 'clouds', '--title', 'App crashes on start'];
    expect(fettle(folder, [...asked, '--json']).stdout).toContain('"action/reasons-untold"');
    const { code, stderr } = fettle(folder, asked);
    expect(code).toBe(1);
    expect(stderr).toContain('found `clouds`, a model of the columns x, y');
    const [, words = ''] = /`fettle (predict clouds --values) <numbers>`/.exec(stderr) ?? [];
    expect(fettle(folder, [...words.split(' '), '1.5,0.2']).stdout).toContain('high');
    const [, other = ''] = /`fettle (why clouds@1\.1\.0)` without more/.exec(stderr) ?? [];
    expect(fettle(folder, other.split(' ')).code).toBe(0);
  });

  it('compares two versions on the items that both were scored on', () => {
    const { data } = json(folder, 'compare', 'clouds@1.0.0', 'clouds@1.1.0');
    expect(data).toMatchObject({ n: 50, wins: 0, losses: 0, pWorse: 1 });
  });

  it('computes every score anew and finds it honest', () => {
    expect(json(folder, 'audit')).toMatchObject({
      code: 0,
      data: { examined: 2, skipped: [], findings: [] },
    });
    expect(fettle(folder, ['audit', 'clouds', '--quick']).stdout).toContain(
      'every score is what its files show',
    );
  });

  it('shows how often rules err', () => {
    const { data } = json(folder, 'simulate', 'null', '--days', '30', '--svg', 'null.svg');
    expect(data['rules']).toMatchObject([{ rule: 'score improves' }, {}, {}, { rule: 'budget' }]);
    expect(fettle(folder, ['simulate', 'null', '--days', '9']).stdout).toContain('└ budget: 1 a month');
    expect(everythingIn(folder)['null.svg']).toBeDefined();
    const gain = fettle(folder, ['simulate', 'gain', '--runs', '50', '--svg', 'gain.svg']).stdout;
    expect(gain).toMatch(/█.+← theory/);
    expect(everythingIn(folder)['gain.svg']).toBeDefined();
    expect(fettle(folder, ['simulate', 'peeking', '--runs', '50']).stdout).toContain('e-process');
  });

  it('predicts by words and by file', () => {
    expect(json(folder, 'predict', 'clouds', '--values', '-2,1').data['predictions']).toMatchObject([
      { label: 'low' },
    ]);
    const { data } = json(folder, 'predict', 'clouds', '--from', 'first.csv');
    const labels = (data['predictions'] as { id: string; label: string }[]).map(
      ({ id, label }) => `${id} ${label}`,
    );
    expect(labels.slice(0, 2)).toEqual(['row-0 low', 'row-1 high']);
    expect(fettle(folder, ['predict', 'clouds', '--values', '1']).stderr).toContain('wanted 2 numbers');
  });

  it('keeps a version that keeps its promise, and takes back one that does not', () => {
    const outcomes = (wrong: (row: number) => boolean): string =>
      [
        'predicted,label',
        ...Array.from({ length: 80 }, (_, row) => `low,${wrong(row) ? 'high' : 'low'}`),
        '',
      ].join('\n');
    writeFileSync(
      path.join(folder, 'good.csv'),
      outcomes((row) => row === 7),
    );
    writeFileSync(
      path.join(folder, 'bad.csv'),
      outcomes((row) => row % 2 === 0),
    );
    expect(json(folder, 'observe', 'clouds', '--from', 'good.csv')).toMatchObject({
      code: 0,
      data: { rolledBackTo: null },
    });
    const before = everythingIn(folder);
    expect(json(folder, 'observe', 'clouds', '--from', 'bad.csv', '--dry-run').data).toMatchObject({
      rolledBackTo: '1.0.0',
    });
    expect(everythingIn(folder)).toEqual(before);
    expect(json(folder, 'observe', 'clouds', '--from', 'bad.csv')).toMatchObject({
      code: 3,
      data: { rolledBackTo: '1.0.0' },
    });
    expect(fettle(folder, ['history']).stdout).toMatch(
      /rolled-back clouds@1\.0\.0 production from 1\.1\.0\n\s+40 of 80 live outcomes wrong/,
    );
  });

  it('promotes, rolls back and retires by hand, and says how to undo it', () => {
    expect(fettle(folder, ['promote', 'clouds@1.1.0', '--dry-run']).stdout).toContain('would now serve');
    expect(fettle(folder, ['promote', 'clouds@1.1.0']).stdout).toContain('Undo: fettle rollback clouds');
    expect(json(folder, 'promote', 'clouds@1.1.0').data).toMatchObject({ changed: false });
    expect(json(folder, 'promote', 'clouds@1.0.0', '--to', 'staging').data).toMatchObject({
      changed: true,
      before: null,
    });
    expect(fettle(folder, ['rollback', 'clouds', '--verify', '--dry-run']).stdout).toMatch(
      /would serve clouds@1\.0\.0 again, probed before and after\.\n\s+sound 1\.0\.0: 32 items answered as recorded/,
    );
    const commits = Number(git(folder, 'rev-list', '--count', 'fettle/registry'));
    expect(json(folder, 'rollback', 'clouds', '--verify').data).toMatchObject({ to: '1.0.0', flips: 1 });
    expect(Number(git(folder, 'rev-list', '--count', 'fettle/registry'))).toBe(commits + 1);
    expect(fettle(folder, ['promote', 'clouds@1.1.0']).code).toBe(0);
    expect(json(folder, 'rollback', 'clouds', '--reason', 'try').data).toMatchObject({
      from: '1.1.0',
      to: '1.0.0',
    });
    expect(json(folder, 'retire', 'clouds', '--reason', 'done').data).toMatchObject({ changed: true });
    expect(fettle(folder, ['predict', 'clouds', '--values', '1,1']).stderr).toContain(
      'found clouds retired (done)',
    );
  });

  it('writes a page and Markdown', () => {
    expect(fettle(folder, ['report', '--out', 'page.html']).code).toBe(0);
    expect(fettle(folder, ['report', 'clouds', '--markdown']).stdout).toMatch(/clouds/);
  });

  it('verifies all of it, and notices one edited byte', () => {
    expect(json(folder, 'verify', '--artifacts')).toMatchObject({
      code: 0,
      data: { verdict: 'ok', problems: [] },
    });
    const tree = git(folder, 'ls-tree', '-r', 'fettle/registry', 'state/').split(/\s+/);
    const [oid, file] = [tree[2] ?? '', tree[3] ?? ''];
    const text = git(folder, 'cat-file', 'blob', oid).replace('"done"', '"gone"');
    writeFileSync(path.join(folder, 'edited'), `${text}\n`);
    const blob = git(folder, 'hash-object', '-w', 'edited');
    const index = { GIT_INDEX_FILE: path.join(folder, '.git/other-index') };
    const other = (...words: string[]): string => git(folder, ...words);
    process.env['GIT_INDEX_FILE'] = index.GIT_INDEX_FILE;
    try {
      other('read-tree', 'fettle/registry');
      other('update-index', '--cacheinfo', `100644,${blob},${file}`);
      const commit = other('commit-tree', other('write-tree'), '-p', 'fettle/registry', '-m', 'edit');
      other('update-ref', 'refs/heads/fettle/registry', commit);
    } finally {
      delete process.env['GIT_INDEX_FILE'];
    }
    const { code, data } = json(folder, 'verify');
    expect(code).toBe(5);
    expect(data['problems']).toMatchObject([{ code: 'derived-differs', where: file }]);
  });
});

describe('a run while everything is stopped', () => {
  const folder = repository();

  it('is told as held, by whom, and how to promote its version after that', () => {
    expect(fettle(folder, ['run', 'clouds', '--from', 'first.csv']).code).toBe(0);
    expect(fettle(folder, ['stop', '--reason', 'a drill']).code).toBe(0);
    const next = 'fettle promote clouds@1.1.0';
    const told = fettle(folder, ['run', 'clouds', '--from', 'second.csv']);
    expect(told.code).toBe(3);
    expect(told.stdout).toContain('clouds@1.1.0 passed every gate, and is held');
    expect(told.stdout).toContain(
      `Everything is stopped by Ada Lovelace: a drill. Once that ends: ${next}\n`,
    );
    expect(json(folder, 'run', 'clouds', '--from', 'second.csv')).toMatchObject({
      code: 3,
      data: { candidates: [{ fate: 'held', known: true, closed: { reason: 'a drill' } }] },
    });
    const over = fettle(folder, ['resume', '--reason', 'over']);
    expect(over).toMatchObject({ code: 0, stdout: expect.stringContaining(`\n  ${next}\n`) });
    expect(json(folder, 'run', 'clouds', '--from', 'second.csv')).toMatchObject({
      code: 0,
      data: { candidates: [{ fate: 'passed', closed: null }] },
    });
    expect(fettle(folder, next.split(' ').slice(1)).stdout).toContain('production now serves clouds@1.1.0');
    expect(json(folder, 'stop', '--reason', 'another').code).toBe(0);
    expect(json(folder, 'resume', '--reason', 'over').data).toMatchObject({ waiting: [] });
  });
});

describe('a model whose first run failed', () => {
  it('is told to have no version, and how its run ended', () => {
    const folder = repository();
    const rows = Array.from({ length: 40 }, (_, row) => `row-${row},${row},${row % 7},low`);
    writeFileSync(path.join(folder, 'low.csv'), ['id,x,y,label', ...rows, ''].join('\n'));
    expect(fettle(folder, ['run', 'clouds', '--from', 'low.csv']).code).toBe(1);
    const { code, stdout } = fettle(folder, ['status']);
    expect(stdout).toMatch(/clouds +– +no version yet +last run failed just now/);
    expect(code).toBe(0);
    expect(json(folder, 'status').data['models']).toMatchObject([
      { versions: 0, lastRun: { outcome: { kind: 'failed' } } },
    ]);
    expect(fettle(folder, ['show', 'clouds'])).toMatchObject({
      code: 0,
      stdout: 'clouds has no version yet.\n',
    });
  });
});

describe('a word on the command line', () => {
  const folder = repository();

  it.each([
    [['stats'], 2, 'Did you mean `status`?'],
    [['run', '--form', 'x'], 2, 'Did you mean `--from`?'],
    [['promote', 'clouds@1.0.0', '--to', 'prodution'], 2, 'did you mean `production`?'],
    [['status', '--dry-run'], 2, 'found `--dry-run`'],
    [['show', 'clouds@'], 2, 'model@version'],
    [['show', 'clouds@1.0.0', 'more'], 2, 'wanted at most 1 words'],
    [['status'], 1, 'wanted a registry on the branch fettle/registry, found none'],
    [['run', 'nonsense'], 1, 'found `nonsense`'],
    [['run', 'clouds', '--from', 'missing.csv'], 1, 'ENOENT'],
    [['status', '-C', '/'], 1, 'wanted a git repository'],
  ] as const)('that is wrong is told with the next step: %j', (words, code, said) => {
    const ended = fettle(folder, [...words]);
    expect(ended.stderr).toContain(said);
    expect(ended.stderr).toMatch(/^fettle: .+\.\n {2}\S.+\n$/s);
    expect(ended.code).toBe(code);
    expect(ended.stdout).toBe('');
  });

  it('is told as JSON when asked', () => {
    const { code, stdout } = fettle(folder, ['stats', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      error: { code: 'action/verb-unknown', mend: expect.any(String) },
    });
    expect(code).toBe(2);
  });

  it('is explained by help, for all verbs and for one', () => {
    expect(fettle(folder, []).stdout).toContain('Usage: fettle <verb>');
    expect(fettle(folder, ['help', 'run']).stdout).toBe(fettle(folder, ['run', '--help']).stdout);
    expect(fettle(folder, ['help', 'run']).stdout).toContain('--from <from>');
    expect(fettle(folder, ['--version']).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('has colours only where they are wanted', () => {
    const escape = String.fromCharCode(27);
    expect(fettle(folder, ['help']).stdout).not.toContain(escape);
    expect(fettle(folder, ['help'], { FORCE_COLOR: '1' }).stdout).toContain(escape);
    expect(fettle(folder, ['help'], { FORCE_COLOR: '1', NO_COLOR: '1' }).stdout).not.toContain(escape);
  });
});
