/** Whoever may push without a key adds to the log; no key of ours is put under it afterwards. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { registryDamaged } from '../../registry/faults.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import { RegistryEvent } from '../../registry/schema/event.ts';
import { evolve } from '../../registry/state/fold.ts';
import { stateOf, viewOf } from '../../registry/state/view.ts';
import { gitLog } from '../../registry/store/git-log.ts';
import { bodyOf } from '../../registry/trust/note.ts';
import { idemFor } from '../fixtures/events.ts';
import { readBranch, writeBranch } from '../fixtures/git.ts';
import { git, temporaryRepository } from '../temporary.ts';
import { fettle, type Ended } from './fettle.ts';

const BRANCH = 'refs/heads/fettle/registry';
const PARCEL = `refs/heads/fettle/inbox/2026-11-21/${'0'.repeat(64)}`;

function codeOf({ stdout }: Ended): string {
  return JSON.parse(stdout)?.error?.code;
}

function verdictOf(folder: string): string {
  return JSON.parse(fettle(folder, ['verify', '--json']).stdout)?.data?.verdict;
}

/** A line of Mallory's own, with everything that is derived from it, and no signature. */
async function forge(folder: string): Promise<void> {
  const log = gitLog({ folder, remote: null, author: { name: 'Mallory', email: '' } });
  const { head, view } = (await log.read())!;
  const event = RegistryEvent.parse({
    v: 1,
    type: 'switch.thrown',
    crit: [],
    subject: 'registry',
    at: '2026-11-21T00:00:00.000Z',
    by: { kind: 'user', id: 1906, login: 'grace' },
    src: { door: 'cli' },
    idem: idemFor('forged'),
    body: { reason: 'Grace never said so' },
  });
  const state = evolve(stateOf(view), { seq: head.size, event });
  const page = readmeOf(state, { origin: head.origin, size: head.size + 1 });
  const derived = new Map([...viewOf(state, []), ['README.md', page]]);
  const { reducer } = head;
  await log.append({ expected: head, events: [event], view: derived, reducer, seal: bodyOf });
}

describe('a registry that was verified and then deleted', () => {
  it('is not begun again in its place', () => {
    const folder = temporaryRepository();
    fettle(folder, ['init']);
    fettle(folder, ['verify']);
    git(folder, 'update-ref', '-d', BRANCH);
    for (const verb of ['verify', 'init']) {
      expect(codeOf(fettle(folder, [verb, '--json']))).toBe(registryDamaged.code);
    }
    expect(git(folder, 'for-each-ref', BRANCH)).toBe('');
    rmSync(path.join(folder, '.git/fettle'), { recursive: true });
    expect(fettle(folder, ['init'])).toMatchObject({ code: 0 });
  });
});

describe('a reason', () => {
  it('shows itself whole on a terminal', () => {
    const folder = temporaryRepository();
    fettle(folder, ['init']);
    const reason = 'seen\u001b[8mhidden\u001b[2J\u001b]0;title\u0007\u009b2K';
    const { stdout } = fettle(folder, ['stop', '--reason', reason], { FORCE_COLOR: '1' });
    const plain = stripVTControlCharacters(stdout);
    expect([plain, stdout]).toEqual([
      expect.stringContaining('hidden'),
      expect.stringMatching(/^(?:\P{Cc}|\n|\p{Cc}\[3[19]m)+$/u),
    ]);
  });
});

describe('a registry without keys of which only what is derived was edited', () => {
  it('is decided by no more, until it is rebuilt from the log', () => {
    const folder = temporaryRepository();
    fettle(folder, ['init']);
    expect(fettle(folder, ['stop', '--reason', 'a drill'])).toMatchObject({ code: 0 });
    const files = readBranch(folder, 'fettle/registry');
    const state = files.get('state/registry.json') ?? '';
    files.set('state/registry.json', state.replace('a drill', 'a joke'));
    expect(files.get('state/registry.json')).not.toBe(state);
    writeBranch(folder, 'fettle/registry', files);
    const tip = git(folder, 'rev-parse', BRANCH);
    for (const words of [
      ['resume', '--reason', 'over'],
      ['retire', 'clouds', '--reason', 'old'],
    ]) {
      expect(codeOf(fettle(folder, [...words, '--json']))).toBe(registryDamaged.code);
    }
    expect(git(folder, 'rev-parse', BRANCH)).toBe(tip);
    expect(fettle(folder, ['doctor']).stdout).toMatch(/derived-differs +state\/registry\.json/);
    expect(fettle(folder, ['doctor', '--repair'])).toMatchObject({ code: 0 });
    expect(fettle(folder, ['resume', '--reason', 'over'])).toMatchObject({ code: 0 });
    expect(verdictOf(folder)).toBe('ok');
  });
});

describe('a sealed registry to which somebody without a key added', () => {
  let folder = '';
  let [good, forged] = ['', ''];
  beforeAll(async () => {
    folder = temporaryRepository();
    fettle(folder, ['init']);
    expect(fettle(folder, ['policy', 'init'])).toMatchObject({ code: 0 });
    expect(fettle(folder, ['stop', '--reason', 'a drill'])).toMatchObject({ code: 0 });
    expect(verdictOf(folder)).toBe('ok');
    expect(fettle(folder, ['resume', '--reason', 'it is over'])).toMatchObject({ code: 0 });
    good = git(folder, 'rev-parse', BRANCH);
    await forge(folder);
    forged = git(folder, 'rev-parse', BRANCH);
  });

  it.each([[['resume', '--reason', 'over']], [['fold']], [['doctor', '--repair']]])(
    'is not signed by `fettle %s`',
    (words) => {
      if (words[0] === 'fold') git(folder, 'update-ref', PARCEL, good);
      expect(codeOf(fettle(folder, [...words, '--json']))).toBe(registryDamaged.code);
      expect(git(folder, 'rev-parse', BRANCH)).toBe(forged);
      expect(verdictOf(folder)).toBe('DAMAGED');
    },
  );

  it('is written again once it is put back', () => {
    git(folder, 'update-ref', BRANCH, good);
    expect(fettle(folder, ['stop', '--reason', 'another drill'])).toMatchObject({ code: 0 });
    expect(verdictOf(folder)).toBe('ok');
  });

  it('is repaired without a key where only what is derived was touched', () => {
    rmSync(path.join(folder, '.git/fettle/keys'), { recursive: true });
    const files = readBranch(folder, 'fettle/registry');
    files.set('state/registry.json', '{}\n');
    writeBranch(folder, 'fettle/registry', files);
    expect(verdictOf(folder)).toBe('DAMAGED');
    fettle(folder, ['doctor', '--repair']);
    expect(verdictOf(folder)).toBe('ok');
    files.set('checkpoint', 'nothing\n');
    writeBranch(folder, 'fettle/registry', files);
    rmSync(path.join(folder, '.git/fettle'), { recursive: true });
    expect(codeOf(fettle(folder, ['doctor', '--repair', '--json']))).toBe(registryDamaged.code);
  });
});
