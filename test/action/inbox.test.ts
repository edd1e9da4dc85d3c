/** The command line of whoever lacks the log's key, and of whoever has it. */
import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventsLeft, witnessUnreadable } from '../../action/faults.ts';
import { signerMissing } from '../../registry/faults.ts';
import { temporaryRepository } from '../temporary.ts';
import { fettle } from './fettle.ts';

function faultOf(folder: string, ...words: readonly string[]): string {
  return JSON.parse(fettle(folder, [...words, '--json']).stdout).error.code;
}

describe('whoever lacks the log’s key', () => {
  it('stops everything by leaving word, and ends no stop', () => {
    const folder = temporaryRepository();
    const keys = path.join(folder, '.git/fettle/keys');
    fettle(folder, ['init']);
    fettle(folder, ['policy', 'init']);
    renameSync(keys, `${keys}-away`);
    expect(faultOf(folder, 'stop', '--reason', 'a fire')).toBe(eventsLeft.code);
    renameSync(`${keys}-away`, keys);
    expect(fettle(folder, ['fold']).stdout).toMatch(/^folded 1 parcel\./);
    expect(fettle(folder, ['stop', '--reason', 'again']).stdout).toMatch(/stopped already/);
    renameSync(keys, `${keys}-away`);
    expect(faultOf(folder, 'resume', '--reason', 'it is out')).toBe(signerMissing.code);
    expect(fettle(folder, ['fold']).stdout).toMatch(/Nothing waits/);
    expect(fettle(folder, ['verify'])).toMatchObject({ code: 0 });
  });
});

describe('a witness', () => {
  it('whose word cannot be read is told of', () => {
    const folder = temporaryRepository();
    fettle(folder, ['init']);
    writeFileSync(path.join(folder, 'theirs.txt'), 'nothing\n');
    for (const file of ['theirs.txt', 'missing.txt']) {
      expect(faultOf(folder, 'verify', '--witness', file)).toBe(witnessUnreadable.code);
    }
  });
});
