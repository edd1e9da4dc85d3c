import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { reasonTells } from '../../action/faults.ts';
import { decodeBatch } from '../../pipelines/artifacts/batch.ts';
import { decodeDataset } from '../../pipelines/artifacts/dataset.ts';
import { sourceForgotten } from '../../pipelines/faults.ts';
import { git, temporaryFolder, temporaryRepository } from '../temporary.ts';
import { cloudsCsv, CLOUDS_SETTINGS, everythingIn, fettle } from './fettle.ts';

const SETTINGS = CLOUDS_SETTINGS.replace('{ id: id }', '{ id: id, features: [x, y] }');
const PERSON = 'user-7';
const KILLER = path.join(import.meta.dirname, 'kill-at.mjs');

/** The clouds, and who told of each point: every twentieth is of one person. */
function authoredCsv(from = 0): string {
  const [header, ...lines] = cloudsCsv(200, from).trimEnd().split('\n');
  const authored = lines.map((line, index) => `${line},user-${(from + index) % 20}`);
  return [`${header},author`, ...authored, ''].join('\n');
}

function theirs(from: number): readonly string[] {
  return Array.from({ length: 10 }, (_, index) => `row-${from + 7 + index * 20}`);
}

/** Two runs on two files. */
function trained(): string {
  const folder = temporaryRepository();
  mkdirSync(path.join(folder, '.github'));
  writeFileSync(path.join(folder, '.github/fettle.yml'), SETTINGS);
  for (const [name, from] of [
    ['first', 0],
    ['second', 1000],
  ] as const) {
    writeFileSync(path.join(folder, `${name}.csv`), authoredCsv(from));
    expect(fettle(folder, ['run', 'clouds', '--from', `${name}.csv`]).code).toBe(0);
  }
  return folder;
}

const BEFORE = trained();

function copyOfIt(): string {
  const folder = path.join(temporaryFolder(), 'copy');
  cpSync(BEFORE, folder, { recursive: true });
  return folder;
}

interface Told {
  readonly rewritten: readonly { readonly kind: string; readonly rows: number; readonly removed: string }[];
  readonly trained: readonly { readonly version: string; readonly serves: readonly string[] }[];
  readonly removed: number;
  readonly unfinished: number;
  readonly elsewhere: number;
}

function forget(folder: string, ...words: string[]): Told {
  const { code, stdout, stderr } = fettle(folder, ['forget', ...words, '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return (JSON.parse(stdout) as { data: Told }).data;
}

function filesIn(folder: string): readonly string[] {
  const below = readdirSync(folder, { recursive: true, withFileTypes: true });
  return below.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

/** Which words stand in which of Fettle's files, memos and leftovers included. */
function stillSaid(folder: string, words: readonly string[]): readonly string[] {
  return filesIn(path.join(folder, '.fettle')).filter((file) => {
    const text = readFileSync(file, 'latin1');
    return words.some((word) => new RegExp(`${word}(?!\\d)`).test(text));
  });
}

/** In all that was ever committed to the registry, messages included. */
function saidInLog(folder: string, word: string): boolean {
  const told = git(folder, 'log', '-p', '--format=%B', 'fettle/registry');
  return new RegExp(`${word}(?!\\d)`).test(told);
}

function idsOfLast(folder: string): readonly string[] {
  const { stdout } = fettle(folder, ['show', 'clouds@1.2.0', '--json']);
  const { lineage } = (JSON.parse(stdout) as { data: { lineage: { data: string } } }).data;
  const bytesOf = (digest: string): Uint8Array => {
    const hex = digest.slice('sha256:'.length);
    return readFileSync(path.join(folder, '.fettle/artifacts/sha256', hex.slice(0, 2), hex.slice(2)));
  };
  const { members } = decodeDataset(bytesOf(lineage.data));
  return members.flatMap(({ batch }) => decodeBatch(bytesOf(batch)).rows.map(({ id }) => id));
}

const ALL = [PERSON, ...theirs(0), ...theirs(1000)];

describe('`fettle forget`', () => {
  it('rehearses without changing a byte', () => {
    const folder = copyOfIt();
    const before = everythingIn(folder);
    const told = forget(folder, '--where', `author=${PERSON}`, '--dry-run');
    expect(told.rewritten).toHaveLength(11);
    expect(everythingIn(folder)).toEqual(before);
  });

  it('takes a person out of every file, names who was trained on it, and the next run does not see the rows', () => {
    const folder = copyOfIt();
    expect(stillSaid(folder, ALL)).not.toEqual([]);
    // Where a stream goes on is made of rows too, and nobody can tell of which.
    mkdirSync(path.join(folder, '.fettle/checkpoints'));
    writeFileSync(path.join(folder, '.fettle/checkpoints/any.checkpoint'), theirs(0).join(' '));
    const told = forget(folder, '--where', `author=${PERSON}`, '--reason', 'asked for by mail');
    expect(told.rewritten.map(({ kind, rows }) => `${kind} ${rows}`).sort()).toEqual([
      'batch 10',
      'batch 10',
      'dataset 10',
      'dataset 20',
      'dataset 20',
      'outcomes 2',
      'outcomes 4',
      'outcomes 4',
      'outcomes 4',
      'source 10',
      'source 10',
    ]);
    expect(told).toMatchObject({
      trained: [
        { version: '1.0.0', serves: [] },
        { version: '1.1.0', serves: ['production'] },
      ],
      removed: 11,
      elsewhere: 0,
    });
    expect(stillSaid(folder, ALL)).toEqual([]);
    expect(saidInLog(folder, PERSON)).toBe(false);
    expect(fettle(folder, ['verify', '--all', '--artifacts']).stdout).toMatch(/^(ok|UNPINNED)/);
    expect(fettle(folder, ['show', 'clouds@1.1.0']).stdout).toMatch(/forgotten +20 rows of the data/);
    expect(fettle(folder, ['compare', 'clouds@1.0.0', 'clouds@1.1.0']).stdout).toContain('on 48 items');

    // The person's rows still stand in the file that was given.
    const again = fettle(folder, ['run', 'clouds', '--from', 'first.csv', '--seed', '3']);
    expect(again.stderr).toContain('Rows of first.csv were forgotten');
    expect(again.stdout).toContain('clouds@1.2.0');
    const ids = idsOfLast(folder);
    expect(ids.filter((id) => ALL.includes(id))).toEqual([]);
    expect(new Set(ids).size).toBe(380);
    expect(stillSaid(folder, ALL)).toEqual([]);
    expect(forget(folder)).toMatchObject({ rewritten: [], removed: 0 });
  });

  it('takes single items out, and refuses their file once nothing of it is left here', () => {
    const folder = copyOfIt();
    expect(forget(folder, '--item', 'row-4', '--item', 'row-1199').rewritten).toHaveLength(10);
    expect(stillSaid(folder, ['row-4', 'row-1199'])).toEqual([]);
    const { rewritten } = forget(folder, '--item', 'row-4');
    expect(rewritten).toEqual([]);
    rmSync(path.join(folder, '.fettle/artifacts'), { recursive: true });
    const { code, stderr } = fettle(folder, ['run', 'clouds', '--from', 'first.csv', '--seed', '3']);
    expect(stderr).toContain(sourceForgotten({ source: 'first.csv' }).message);
    expect(code).toBe(1);
  });

  it('wants a reason that names nobody, since nobody can take it out of the log', () => {
    const folder = copyOfIt();
    const before = everythingIn(folder);
    const words = [
      'forget',
      '--where',
      `author=${PERSON}`,
      '--reason',
      `for ${PERSON.toUpperCase()}, by mail`,
    ];
    const { code, stderr } = fettle(folder, words);
    expect(stderr).toContain(reasonTells({ found: PERSON }).message);
    expect(code).toBe(1);
    expect(everythingIn(folder)).toEqual(before);
    expect(fettle(folder, ['forget', '--where', 'author']).stderr).toContain('column=value');
  });

  it('is no excuse for other files that are missing, nor for a replacement that is', () => {
    const folder = copyOfIt();
    forget(folder, '--item', 'row-4');
    const kept = filesIn(path.join(folder, '.fettle/artifacts'));
    for (const file of kept.filter((one) => readFileSync(one, 'latin1').includes('"fettle-dataset/1"'))) {
      rmSync(file);
    }
    const { code, stdout } = fettle(folder, ['verify', '--all', '--artifacts']);
    expect(stdout).toMatch(/artifact clouds@1\.0\.0 data: wanted sha256/);
    expect(stdout).toMatch(/artifact clouds@1\.1\.0 data: wanted sha256/);
    expect(code).toBe(5);
  });

  it('removes nothing while the log does not say so', () => {
    const folder = copyOfIt();
    const keys = path.join(folder, '.git/fettle/keys');
    expect(fettle(folder, ['policy', 'init', '--owner', '583231:octocat']).code).toBe(0);
    renameSync(keys, `${keys}-away`);
    const words = ['forget', '--where', `author=${PERSON}`];
    const kept = stillSaid(folder, ALL);
    const { code, stderr } = fettle(folder, words);
    // No parcel is left either: nobody would vouch for it.
    expect(stderr).toContain('wants 1 signatures of the role log, found 0 keys');
    expect(code).toBe(1);
    expect(kept.filter((file) => !existsSync(file))).toEqual([]);
    renameSync(`${keys}-away`, keys);
    expect(forget(folder, '--where', `author=${PERSON}`)).toMatchObject({ removed: 11 });
    expect(stillSaid(folder, ALL)).toEqual([]);
    expect(fettle(folder, ['verify', '--all', '--artifacts']).code).toBe(0);
  });

  it('says when the log itself names what is to be forgotten, which nothing can take out', () => {
    const folder = copyOfIt();
    git(folder, 'config', 'user.name', 'user-6');
    expect(fettle(folder, ['retire', 'clouds', '--reason', 'told by user-6']).code).toBe(0);
    const words = ['forget', '--where', 'author=user-6', '--dry-run'];
    expect(fettle(folder, words).stdout).toMatch(/1 event of the log names it too/);
    expect(forget(folder, '--item', 'row-4', '--dry-run')).toMatchObject({ namedInLog: 0 });
  });

  // Eleven files are written, then the log, then eleven memos and eleven files are removed: each kind of moment once.
  it.each([1, 6, 11, 12, 17, 22, 23, 27, 32])(
    'is finished by the next call when killed at change %i',
    (at) => {
      const folder = copyOfIt();
      const words = ['forget', '--where', `author=${PERSON}`];
      const killed = fettle(folder, words, { KILL_AT: String(at), NODE_OPTIONS: `--import=${KILLER}` });
      expect(killed.stdout).toBe('');
      expect(fettle(folder, ['verify', '--all', '--artifacts']).stdout).toMatch(/^(ok|UNPINNED)/);
      // Some of the files are removed then, and some are not.
      if (at === 27) {
        expect(fettle(folder, ['doctor']).stdout).toMatch(/\d files? here with rows that were forgotten/);
      }
      forget(folder, '--where', `author=${PERSON}`);
      expect(stillSaid(folder, ALL)).toEqual([]);
      expect(filesIn(path.join(folder, '.fettle')).filter((file) => file.includes('.tmp-'))).toEqual([]);
      const events = git(folder, 'log', '--format=%B', 'fettle/registry').match(/^artifact\.forgotten/gm);
      expect(events).toHaveLength(11);
      expect(fettle(folder, ['verify', '--all', '--artifacts']).stdout).toMatch(/^(ok|UNPINNED)/);
    },
  );
});
