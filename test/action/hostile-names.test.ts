/** Names that are paths, options, members of objects or commands: none reaches the disk, git or a shell. */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { temporaryRepository } from '../temporary.ts';
import { cloudsCsv, everythingIn, fettle } from './fettle.ts';

it.each([['../fettle-owned'], ['__proto__'], ['fraud@{0}'], ['$(touch owned)'], ['`touch owned`\nx'], ['']])(
  'a model called %j is refused, and leaves nothing behind',
  (name) => {
    const folder = temporaryRepository();
    writeFileSync(path.join(folder, 'first.csv'), cloudsCsv(40));
    const before = everythingIn(folder);
    const { code, stdout } = fettle(folder, [
      'run',
      'train-and-promote',
      `--model=${name}`,
      '--from',
      'first.csv',
      '--json',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: expect.stringMatching(/^(action|pipelines)\//) },
    });
    expect([1, 2]).toContain(code);
    expect(everythingIn(folder)).toEqual(before);
    expect(existsSync(path.join(folder, '../fettle-owned'))).toBe(false);
  },
);

// Members that every object has, and devices of Windows.
it('models called constructor and con are models like any other', () => {
  const folder = temporaryRepository();
  writeFileSync(path.join(folder, 'first.csv'), cloudsCsv(400));
  for (const name of ['constructor', 'con']) {
    expect(
      fettle(folder, ['run', 'train-and-promote', '--model', name, '--from', 'first.csv']),
    ).toMatchObject({
      code: 0,
    });
  }
  expect(fettle(folder, ['verify'])).toMatchObject({ code: 0 });
});

it.each([['--output=/etc'], ['-h;id']])('%s is no word of promote', (word) => {
  const folder = temporaryRepository();
  const { code } = fettle(folder, ['promote', 'fraud@1.0.0', word, word]);
  expect(code).toBe(2);
});
