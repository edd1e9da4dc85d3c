/** What a door knows and hands on: keys to nobody, and a person's word only from that person. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { approverUnknown } from '../../registry/faults.ts';
import { newKey } from '../../registry/trust/keys.ts';
import { runAction, TOP, type ActionEnded } from '../acceptance/run-action.ts';
import { temporaryFolder, temporaryRepository } from '../temporary.ts';
import { fettle } from './fettle.ts';

/** The Action from its sources, where its bundle would lie. */
function action(
  folder: string,
  [verb, words]: readonly [string, string],
  extra: Readonly<Record<string, string>>,
): ActionEnded {
  const from = temporaryFolder();
  mkdirSync(path.join(from, 'action/dist'), { recursive: true });
  const door = JSON.stringify(path.join(TOP, 'action/main.ts'));
  writeFileSync(path.join(from, 'package.json'), '{"type":"module"}');
  writeFileSync(path.join(from, 'action/dist/main.js'), `await import(${door});\n`);
  return runAction(folder, { verb, arguments: words }, from, extra);
}

/** A git that writes down what it inherits, before it is git. */
function watching(): { readonly PATH: string; readonly notes: string } {
  const [bin, notes] = [temporaryFolder(), path.join(temporaryFolder(), 'notes')];
  const was = process.env['PATH'] ?? '';
  writeFileSync(
    path.join(bin, 'git'),
    `#!/bin/sh\nenv >> '${notes}'\necho "$@" >> '${notes}'\nPATH='${was}' exec git "$@"\n`,
  );
  chmodSync(path.join(bin, 'git'), 0o755);
  return { PATH: `${bin}:${was}`, notes };
}

describe('keys in the environment', () => {
  it.each(['cli', 'action'])('are inherited by nothing that the door %s starts', (door) => {
    const folder = temporaryRepository();
    const { PATH, notes } = watching();
    const pem = newKey('ed25519');
    const extra = { PATH, FETTLE_KEYS: pem };
    const ended =
      door === 'cli' ? fettle(folder, ['key', 'list'], extra) : action(folder, ['key', 'list'], extra);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('ed25519');
    expect(existsSync(notes)).toBe(true);
    const [, secret = pem] = pem.split('\n');
    expect(readFileSync(notes, 'utf8')).not.toContain(secret);
    expect(ended.stdout).not.toContain(secret);
  });
});

describe('a run that somebody else does again', () => {
  it('approves nothing in the name of whoever began it', () => {
    const folder = temporaryRepository();
    fettle(folder, ['init']);
    const { code, outputs } = action(folder, ['approve', 'digits@1.0.0'], {
      GITHUB_RUN_ATTEMPT: '2',
      GITHUB_TRIGGERING_ACTOR: 'mallory',
    });
    expect(code).toBe(1);
    expect(JSON.stringify(outputs)).toContain(approverUnknown.code);
  });
});
