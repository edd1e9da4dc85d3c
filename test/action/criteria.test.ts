import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryRepository } from '../temporary.ts';
import { cloudsCsv, CLOUDS_SETTINGS, fettle } from './fettle.ts';

describe('a run with criteria of its own', () => {
  const folder = temporaryRepository();
  mkdirSync(path.join(folder, '.github'));
  writeFileSync(path.join(folder, '.github/fettle.yml'), CLOUDS_SETTINGS);
  writeFileSync(path.join(folder, 'first.csv'), cloudsCsv(200));
  writeFileSync(path.join(folder, 'second.csv'), cloudsCsv(200, 1000));
  writeFileSync(path.join(folder, 'third.csv'), cloudsCsv(200, 2000));
  const run = (from: string, criteria: string) =>
    fettle(folder, ['run', 'clouds', '--from', from, '--criteria', criteria]);

  it('says where a line is wrong before anything is done', () => {
    const { code, stderr } = run('first.csv', 'accuracy:>=0.9, speed:<5ms');
    expect(code).toBe(2);
    expect(stderr).toContain('at character 17');
  });

  it('is judged by them, records what they asked, and is derived again by why', () => {
    expect(run('first.csv', 'accuracy:>=80%, size:<1MB').code).toBe(0);
    // It is as good as the first one, so a gain of ten points is shown to be missed.
    const { code, stdout } = run('second.csv', 'accuracy:+0.1');
    expect(code).toBe(3);
    expect(stdout).toMatch(/fail +bounds: accuracy \+0\.0 points beside 1\.0\.0/);
    const told = fettle(folder, ['why', 'clouds', '--json']);
    expect(JSON.parse(told.stdout)).toMatchObject({ data: { answer: 'fail', agrees: true } });
  });

  it('waits for people where they ask for some, and for a code that is shorter', () => {
    const { stdout } = run('third.csv', 'mdl:+1000, approvals:1');
    expect(stdout).toMatch(/pass +description-length: [+−]\d+ bits beside 1\.0\.0/);
    expect(stdout).toContain('passed every gate, and waits for 1 approval; promote it with');
  });

  it('is not promoted by hand without the people that they asked for, now or later', () => {
    const { code, stderr } = fettle(folder, ['promote', 'clouds@1.2.0']);
    expect(code).toBe(1);
    // Nobody knows the account of who made it, who may be among those who approve: one more is wanted.
    expect(stderr).toContain('clouds@1.2.0 for production: wanted 2 approvals, found none');
    expect(fettle(folder, ['promote', 'clouds@1.2.0', '--to', 'staging']).code).toBe(0);
  });
});
