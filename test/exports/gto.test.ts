import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { fitsGto, gtoTag, parseGtoTag } from '../../registry/schema/gto-tag.ts';
import { fettle, type Ended } from '../action/fettle.ts';
import { peer, peerMissing } from '../peers/peer.ts';
import { git, temporaryFolder } from '../temporary.ts';
import { pastShown, shown, stagesOf, stagesShown, stateOf, versionsShown } from './gto-shown.ts';
import { DIGITS, emptyRegistry, filledRegistry, OLD, promote, retire, rollBack, train } from './registry.ts';

const missing = peerMissing('gto');

function exported(folder: string, ...words: readonly string[]): Ended {
  return fettle(folder, ['export', '--gto', ...words]);
}

function tagsOf(folder: string): string {
  return git(folder, 'for-each-ref', '--format=%(refname:strip=2) %(objectname)', 'refs/tags');
}

describe('tags for GTO', () => {
  beforeEach((context) => {
    if (missing !== null) context.skip(missing);
  });

  it('are read by `gto show` as the state that the registry has, newest or greatest first', async () => {
    const filled = await filledRegistry();
    expect(exported(filled.folder)).toMatchObject({ code: 0, stderr: '' });
    const state = await stateOf(filled);
    expect(stagesOf(state)).toEqual({
      digits: { production: 'v1.1.0', staging: 'v1.2.0' },
      'old/model': { production: 'v1.1.0', candidate: 'v1.1.0' },
    });
    expect(stagesShown(filled.folder)).toEqual(stagesOf(state));
    expect(stagesShown(filled.folder, '--sort', 'semver')).toEqual(stagesOf(state));
    for (const { model, versions } of state.models.values()) {
      expect(versionsShown(filled.folder, model).toSorted()).toEqual(
        versions.map(({ version }) => `v${version}`),
      );
    }
  });

  it('tell `gto history` the same deeds in the same order', async () => {
    const filled = await filledRegistry();
    exported(filled.folder);
    const past = pastShown(filled.folder);
    expect(
      past.filter(({ artifact }) => artifact === 'digits').map(({ event, version }) => `${event} ${version}`),
    ).toEqual([
      'registration v1.0.0',
      'assignment v1.0.0',
      'registration v1.1.0',
      'assignment v1.1.0',
      'registration v1.2.0',
      'assignment v1.2.0',
      'registration v1.3.0',
      'unassignment v1.2.0',
      'assignment v1.1.0',
      'assignment v1.2.0',
    ]);
  });

  it('say that a model is retired, and that a new version brings it back', async () => {
    const filled = await filledRegistry();
    await retire(filled, DIGITS);
    exported(filled.folder);
    expect(shown(filled.folder)['digits']).toMatchObject({ active: false });
    expect(stagesShown(filled.folder)['digits']).toEqual({});

    await train(filled, DIGITS);
    await retire(filled, OLD);
    await promote(filled, DIGITS, { version: '1.0.0', channel: 'staging' });
    exported(filled.folder);
    expect(shown(filled.folder)['digits']).toMatchObject({ active: true, version: 'v1.4.0' });
    expect(stagesShown(filled.folder)).toEqual(stagesOf(await stateOf(filled)));
  });

  it('follow any walk of promotions and rollbacks', async () => {
    const filled = emptyRegistry();
    const walk = [1, 0, 3, 1, 2, 4, 2, 0, 4, 3];
    for (let count = 0; count < 5; count++) await train(filled, DIGITS, { answer: 'investigate' });
    for (const minor of walk) {
      await promote(filled, DIGITS, { version: `1.${minor}.0`, channel: 'production' });
      if (minor === 2) await rollBack(filled, DIGITS);
      exported(filled.folder);
      const wanted = stagesOf(await stateOf(filled));
      expect(stagesShown(filled.folder)).toEqual(wanted);
      expect(stagesShown(filled.folder, '--sort', 'semver')).toEqual(wanted);
    }
  });
});

describe('`fettle export --gto`', () => {
  it('makes every tag once, with the event that it stands for', async () => {
    const { folder } = await filledRegistry();
    expect(exported(folder, '--dry-run').code).toBe(0);
    expect(tagsOf(folder)).toBe('');
    exported(folder);
    const tags = tagsOf(folder);
    expect(git(folder, 'cat-file', 'tag', 'digits@v1.1.0')).toMatch(
      /\n\nFettle-Event: sha256:[0-9a-f]{64}\nFettle-Seq: \d+$/,
    );
    expect(exported(folder).stdout).toContain('Made 0 tags');
    expect(tagsOf(folder)).toBe(tags);
    expect(exported(folder, '--check')).toMatchObject({ code: 0 });
    expect(git(folder, 'fsck', '--strict')).not.toMatch(/error|missing/);
  });

  it('takes the commit of the code, and one of the registry where that is unknown or taken', async () => {
    const { folder } = await filledRegistry();
    exported(folder);
    const commits = (name: string): string => git(folder, 'rev-parse', `${name}^{commit}`);
    const registry = git(folder, 'rev-list', 'fettle/registry').split('\n');
    const code = git(folder, 'rev-list', 'HEAD').split('\n');
    expect(code).toContain(commits('digits@v1.0.0'));
    expect(code).toContain(commits('digits@v1.1.0'));
    for (const tag of ['digits@v1.2.0', 'old/model@v1.0.0', 'old/model@v1.1.0']) {
      expect(registry).toContain(commits(tag));
    }
  });

  it('gives the same tags in another clone, which knows the registry only as the remote has it', async () => {
    const { folder } = await filledRegistry();
    const other = temporaryFolder();
    git(other, 'clone', '--quiet', folder, '.');
    exported(folder);
    expect(exported(other)).toMatchObject({ code: 0 });
    expect(tagsOf(other)).toBe(tagsOf(folder));
  });

  it('says which tags are missing, moved or extra, and with --repair puts them right', async () => {
    const { folder } = await filledRegistry();
    exported(folder);
    const tags = tagsOf(folder);
    git(folder, 'tag', '--delete', 'digits@v1.0.0');
    git(folder, 'tag', '--force', '--annotate', '--message', 'mine', 'digits@v1.1.0', 'HEAD');
    git(folder, 'tag', '--annotate', '--message', 'mine', 'digits#production#99', 'HEAD');
    git(folder, 'tag', '--annotate', '--message', 'release', 'v1.0.0', 'HEAD');
    git(folder, 'tag', 'digits#staging#98');

    const check = fettle(folder, ['export', '--gto', '--check', '--json']);
    expect(check.code).toBe(3);
    expect(JSON.parse(check.stdout)).toMatchObject({
      data: {
        missing: ['digits@v1.0.0'],
        moved: [{ name: 'digits@v1.1.0' }],
        extra: [{ name: 'digits#production#99' }],
      },
    });
    const mine = git(folder, 'rev-parse', 'digits@v1.1.0');
    expect(exported(folder)).toMatchObject({ code: 3 });
    expect(git(folder, 'rev-parse', 'digits@v1.1.0')).toBe(mine);

    expect(exported(folder, '--repair')).toMatchObject({ code: 0 });
    git(folder, 'tag', '--delete', 'digits#staging#98', 'v1.0.0');
    expect(tagsOf(folder)).toBe(tags);
  });

  it('works in a repository whose objects are named by SHA-256', async () => {
    const filled = emptyRegistry('--object-format=sha256');
    await train(filled, DIGITS);
    expect(exported(filled.folder)).toMatchObject({ code: 0 });
    expect(exported(filled.folder, '--check')).toMatchObject({ code: 0 });
    expect(git(filled.folder, 'fsck', '--strict')).not.toMatch(/error|missing/);
  });
});

describe('the grammar of GTO', () => {
  const NAMES = [
    'fraud@v1.2.3 fraud@v1.2.3! fraud@v1.2.3!#4 fraud#prod#3 fraud#prod!#5 fraud@deprecated fraud@deprecated#2',
    'models=nlp#prod#1 a/b@v0.0.1 fraud.model@v1.0.0 fraud@1.0.0 fraud@v1.0 fraud@v01.0.0 -x@v1.0.0 x-@v1.0.0',
    'fraud##1 a=b=c#prod fraud@created v1.0.0 fraud fraud#a.b fraud#prod#x fraud@v1.0.0# A_b-c/d@v1.0.0#7',
    'fraud@v1.0.0-rc.1+build.5 fraud@v1.0.0-rc..1 fraud@v1.0.0-01 fraud@v1.0.0+a..b',
  ].flatMap((line) => line.split(' '));
  const PARTS = [
    'a',
    'Z',
    '0',
    '1',
    '-',
    '.',
    '/',
    '_',
    '=',
    '#',
    '@',
    '!',
    '@v1.0.0',
    '#prod',
    '@deprecated',
    '+',
  ];
  const DEEDS = ['@v1.0.0', '@v0.1.2', '#prod', '#a/b', '@deprecated', '@v1.0.0-a', '@created', ''];
  const some = fc.array(fc.constantFrom(...PARTS), { maxLength: 3 }).map((parts) => parts.join(''));
  const made = fc.sample(
    fc.tuple(some, fc.constantFrom(...DEEDS), some).map((parts) => parts.join('')),
    { numRuns: 3000, seed: 7 },
  );

  it('is read as its own regular expression reads it', (context) => {
    if (missing !== null) context.skip(missing);
    const script =
      'import json, sys; from gto.tag import parse_name; ' +
      'print(json.dumps([bool(parse_name(n, raise_on_fail=False).get("action")) for n in json.load(sys.stdin)]))';
    const theirs: unknown = JSON.parse(peer(['-c', script], { input: JSON.stringify([...NAMES, ...made]) }));
    expect([...NAMES, ...made].map((name) => parseGtoTag(name) !== null)).toEqual(theirs);
  });

  it('comes back as it was written', () => {
    const read = [...NAMES, ...made].map((name) => ({ name, tag: parseGtoTag(name) }));
    for (const { name, tag } of read) if (tag !== null) expect(gtoTag(tag)).toBe(name);
    expect(read.filter(({ tag }) => tag !== null).length).toBeGreaterThan(60);
  });

  it('has no room for a dot', () => {
    expect(['fraud', 'a/b', 'fraud.model', 'x-'].map(fitsGto)).toEqual([true, true, false, false]);
  });
});
