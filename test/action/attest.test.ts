/** `fettle attest`: a name is put to what was asked for, whatever the file says. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { fileUnreadable } from '../../action/faults.ts';
import { temporaryRepository } from '../temporary.ts';
import { fettle } from './fettle.ts';

describe('an attestation that a colleague handed over', () => {
  let folder = '';
  let file = '';
  beforeAll(() => {
    folder = temporaryRepository();
    file = path.join(folder, 'theirs.json');
    fettle(folder, ['init']);
    fettle(folder, ['key', 'new']);
    expect(fettle(folder, ['attest', 'paper-trading', 'theirs.json', '--licence', 'MIT'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/paper-trading may act until \S+ under MIT/),
    });
  });

  it('is signed again for what it says', () => {
    expect(fettle(folder, ['attest', 'paper-trading', 'theirs.json'])).toMatchObject({ code: 0 });
  });

  it.each([
    ['another module', { module: 'live-trading' }],
    ['another registry', { origin: 'local/other' }],
  ])('is not signed for %s', (_, change) => {
    const genuine = readFileSync(file, 'utf8');
    const draft = JSON.parse(genuine);
    const forged = JSON.stringify({ ...draft, attestation: { ...draft.attestation, ...change } });
    writeFileSync(file, forged);
    for (const words of [
      ['attest', 'paper-trading', 'theirs.json'],
      ['activate', 'paper-trading', '--with', 'theirs.json'],
    ]) {
      const { code, stdout } = fettle(folder, [...words, '--json']);
      expect([code, JSON.parse(stdout).error.code]).toEqual([1, fileUnreadable.code]);
    }
    expect(readFileSync(file, 'utf8')).toBe(forged);
    writeFileSync(file, genuine);
  });
});
