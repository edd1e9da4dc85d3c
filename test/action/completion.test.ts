import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../temporary.ts';
import { fettle } from './fettle.ts';

const folder = temporaryFolder();

function completed(...words: string[]): readonly string[] {
  const script = fettle(folder, ['completion', 'bash']).stdout;
  const program = `${script}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _fettle; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', program], { encoding: 'utf8', cwd: folder }).trim().split('\n');
}

describe('completion in a real bash', () => {
  it('offers verbs, the options of a verb, and the values of a choice', () => {
    expect(completed('fettle', 'prom')).toEqual(['promote']);
    expect(completed('fettle', 'promote', '--wa')).toEqual(['--waive']);
    expect(completed('fettle', 'promote', 'a@1.0.0', '--to', 'st')).toEqual(['staging']);
    expect(completed('fettle', 'completion', 'z')).toEqual(['zsh']);
    expect(completed('fettle', 'status', '--dry')).toEqual(['']);
  });
});

describe.each(['zsh', 'fish'])('the script for %s', (shell) => {
  it('is one that the shell can read', ({ skip }) => {
    const script = fettle(folder, ['completion', shell]).stdout;
    expect(script).toContain('promote');
    const parsed = spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' });
    if (parsed.error !== undefined) return skip(`${shell} is not installed`);
    expect(parsed.stderr).toBe('');
  });
});
