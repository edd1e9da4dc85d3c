import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { inputWrong } from '../../action/faults.ts';
import { ModelName } from '../../registry/schema/model.ts';
import { fettle, type Ended } from '../action/fettle.ts';
import { peer, peerCommand, peerMissing } from '../peers/peer.ts';
import { git, temporaryFolder, temporaryRepository } from '../temporary.ts';
import { shown, stagesOf, stagesShown, stateOf } from './gto-shown.ts';
import { DIGITS, emptyRegistry, promote, retire, rollBack, train } from './registry.ts';

const missing = peerMissing('gto');
const FRAUD = ModelName.parse('fraud');

function imported(folder: string, ...words: readonly string[]): Ended {
  return fettle(folder, ['import', '--gto', ...words]);
}

let second = Date.UTC(2026, 0, 1) / 1000;

/** A tag as `gto` makes it, one second after the one before. */
function tag(folder: string, name: string, commit: string): void {
  second += 1;
  const who = ['-c', 'user.name=Grace', '-c', 'user.email=grace@example.com'];
  const object = `object ${commit}\ntype commit\ntag ${name}\ntagger Grace <grace@example.com> ${second} +0000\n\nby gto\n`;
  const made = peerGit(folder, [...who, 'mktag'], object);
  git(folder, 'update-ref', `refs/tags/${name}`, made);
}

type Walk = readonly (readonly [kind: string, index: number, stage: string])[];

/** The tags of a walk; a version is registered by its first assignment if nothing did it before. */
function namesOf(walk: Walk): readonly { readonly name: string; readonly index: number }[] {
  const known = new Set<number>();
  return walk.flatMap(([kind, index, stage], count) => {
    const names: Record<string, string> = {
      assign: `fraud#${stage}#${count}`,
      unassign: `fraud#${stage}!#${count}`,
      deprecate: `fraud@deprecated#${count}`,
    };
    const fresh = (kind === 'register' || kind === 'assign') && !known.has(index);
    if (fresh) known.add(index);
    const name = known.has(index) ? names[kind] : undefined;
    return [...(fresh ? [`fraud@v1.${index}.0`] : []), ...(name === undefined ? [] : [name])].map((one) => ({
      name: one,
      index,
    }));
  });
}

function peerGit(folder: string, words: readonly string[], input: string): string {
  return peer(words, { folder, input, command: 'git' }).trim();
}

function commit(folder: string): string {
  git(folder, 'commit', '--quiet', '--allow-empty', '--message', 'more');
  return git(folder, 'rev-parse', 'HEAD');
}

describe('`fettle import --gto`', () => {
  beforeEach((context) => {
    if (missing !== null) context.skip(missing);
  });

  it('begins a registry from what gto itself recorded, once', async () => {
    const filled = emptyRegistry();
    const { folder } = filled;
    const gto = (...words: readonly string[]): string => peer(words, { folder, command: peerCommand('gto') });
    gto('register', 'fraud');
    gto('assign', 'fraud', '--version', 'v0.0.1', '--stage', 'staging');
    expect(imported(folder, '--dry-run').stdout).toContain('Would import 2 tags of 1 model.');
    expect(await filled.registry.read()).toBeNull();
    expect(imported(folder)).toMatchObject({ code: 0, stderr: '' });
    const state = await stateOf(filled);
    expect(stagesOf(state)).toEqual({ fraud: { staging: 'v0.0.1' } });
    expect(stagesShown(folder)).toEqual(stagesOf(state));
    const before = git(folder, 'rev-parse', 'fettle/registry');
    expect(imported(folder).stdout).toContain('No new tags');
    expect(git(folder, 'rev-parse', 'fettle/registry')).toBe(before);
    expect(fettle(folder, ['verify'])).toMatchObject({ code: 0 });
  });

  it('reads any tags as `gto show` reads them, at once or bit by bit, and writes none back', async () => {
    const Deed = fc.tuple(
      fc.constantFrom('register', 'assign', 'assign', 'assign', 'unassign', 'deprecate'),
      fc.integer({ min: 0, max: 3 }),
      fc.constantFrom('staging', 'production'),
    );
    const walks = fc.sample(fc.array(Deed, { minLength: 6, maxLength: 14 }), { numRuns: 5, seed: 11 });
    for (const walk of walks) {
      const filled = emptyRegistry();
      const commits = [0, 1, 2, 3].map(() => commit(filled.folder));
      for (const [count, { name, index }] of namesOf(walk).entries()) {
        tag(filled.folder, name, commits[index] ?? '');
        if (count === 4 || count === 8) imported(filled.folder);
      }
      expect(imported(filled.folder)).toMatchObject({ code: 0 });
      const state = await stateOf(filled);
      const theirs = shown(filled.folder)['fraud'];
      expect([...state.models.values()].map(({ retired }) => retired === null)).toEqual([theirs?.active]);
      if (theirs?.active === true) expect(stagesOf(state)).toEqual(stagesShown(filled.folder));
      const tags = git(filled.folder, 'for-each-ref', 'refs/tags');
      expect(fettle(filled.folder, ['export', '--gto'])).toMatchObject({ code: 0 });
      expect(git(filled.folder, 'for-each-ref', 'refs/tags')).toBe(tags);

      await train(filled, FRAUD);
      expect(fettle(filled.folder, ['export', '--gto'])).toMatchObject({ code: 0 });
      expect(stagesShown(filled.folder)).toEqual(stagesOf(await stateOf(filled)));
      const greatest = stagesShown(filled.folder, '--sort', 'semver')['fraud']?.['production'];
      expect(greatest).toBe(stagesOf(await stateOf(filled))['fraud']?.['production']);
    }
  });

  it('lets Fettle go on from there, in the names of the stages that GTO had', async () => {
    const filled = emptyRegistry();
    const { folder } = filled;
    for (const minor of [0, 1]) {
      const at = commit(folder);
      tag(folder, `digits@v2.${minor}.0`, at);
      tag(folder, `digits#prod#${minor + 1}`, at);
    }
    expect(imported(folder, '--stage', 'prod=production')).toMatchObject({ code: 0 });
    expect(stagesOf(await stateOf(filled))).toEqual({ digits: { production: 'v2.1.0' } });
    await rollBack(filled, DIGITS);
    fettle(folder, ['export', '--gto']);
    expect(stagesShown(folder)).toEqual({ digits: { prod: 'v2.0.0' } });
    await train(filled, DIGITS, { answer: 'investigate' });
    await promote(filled, DIGITS, { version: '2.2.0', channel: 'production' });
    fettle(folder, ['export', '--gto']);
    expect(stagesShown(folder)).toEqual({ digits: { prod: 'v2.2.0' } });
    expect(fettle(folder, ['export', '--gto', '--check'])).toMatchObject({ code: 0 });
    await retire(filled, DIGITS);
    fettle(folder, ['export', '--gto']);
    expect(shown(folder)['digits']).toMatchObject({ active: false });
    expect(stagesShown(folder)).toEqual({ digits: {} });
    expect(imported(folder).stdout).toContain('No new tags');
  });
});

describe('what import cannot hold', () => {
  it('is named tag by tag, and the rest is taken in', async () => {
    const filled = emptyRegistry();
    const { folder } = filled;
    const [one, two, three] = [commit(folder), commit(folder), commit(folder)];
    tag(folder, 'Fraud@v1.0.0', one);
    tag(folder, 'fraud@v1.0.0', one);
    tag(folder, 'fraud@v1.1.0', one);
    tag(folder, 'fraud@v2.0.0-rc1', two);
    tag(folder, 'fraud#dev#1', one);
    tag(folder, 'fraud#production#2', two);
    tag(folder, 'fraud@v3.0.0', three);
    tag(folder, 'fraud@v3.0.0!', three);
    tag(folder, 'v1.0.0', three);
    git(folder, 'tag', 'fraud@v9.0.0', three);
    const told = imported(folder, '--json');
    expect(JSON.parse(told.stdout)).toMatchObject({
      data: {
        imported: 1,
        tags: ['fraud@v1.0.0'],
        unread: [
          'Fraud',
          'fraud@v1.1.0',
          'fraud@v2.0.0-rc1',
          'fraud#dev#1',
          'fraud#production#2',
          'fraud@v3.0.0',
          'fraud@v3.0.0!',
        ].map((name) => ({ tag: name })),
      },
    });
    expect(fettle(folder, ['show', 'fraud@1.0.0']).stdout).toContain('from the gto tag fraud@v1.0.0');
    expect(fettle(folder, ['report', '--markdown'])).toMatchObject({ code: 0 });
    expect(fettle(folder, ['report'])).toMatchObject({ code: 0 });
    expect(fettle(folder, ['history'])).toMatchObject({ code: 0 });
  });

  it('is a way around the gates', async () => {
    const filled = emptyRegistry();
    await train(filled, DIGITS);
    await train(filled, DIGITS, { answer: 'fail' });
    fettle(filled.folder, ['export', '--gto']);
    tag(filled.folder, 'digits#production#77', git(filled.folder, 'rev-parse', 'digits@v1.1.0^{commit}'));
    expect(imported(filled.folder).stdout).toContain('gate no-regression did not pass');
    expect(stagesOf(await stateOf(filled))).toEqual({ digits: { production: 'v1.0.0' } });
  });

  it('is nothing at all: the source must be named', () => {
    const refused = fettle(temporaryRepository(), ['import', '--json']);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: inputWrong.code } });
    expect(fettle(temporaryFolder(), ['import', '--gto']).code).toBe(1);
  });
});
