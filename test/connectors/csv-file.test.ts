import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { csvFile } from '../../pipelines/connectors/csv-file.ts';
import { sourceMisshapen } from '../../pipelines/faults.ts';
import { describeConnector } from '../conformance/connector.ts';

describeConnector({
  connector: csvFile,
  twoRows: 'id,note\na,"x, ""y""\nz"\nb,\n',
  oneCell: 'id,note\na,CELL\n',
});

const read = (text: string) => csvFile.read(Buffer.from(text), 'issues.csv');

describe('csv-file', () => {
  it('numbers rows by the line on which they begin, across cells of many lines', () => {
    expect(read('id,note\na,"1\n2\n3"\nb,x\n').rows.map(({ line }) => line)).toEqual([2, 5]);
  });

  it('refuses a quote that is never closed, and says where', () => {
    expect(() => read('id,note\na,"x\nb,y\n')).toThrowFault(sourceMisshapen);
    expect(() => read('id,note\na,"x\nb,y\n')).toThrow('wanted every quote closed');
  });

  it('refuses a quote in the middle of a cell', () => {
    expect(() => read('id,note\na,x"y"\n')).toThrowFault(sourceMisshapen);
  });

  it('refuses a row with a cell too many, and names its line', () => {
    expect(() => read('id,note\na,b\na,b,c\n')).toThrow(/issues\.csv, line 3: wanted as many cells/);
  });

  it('refuses a header that names a column twice', () => {
    expect(() => read('id,id\na,b\n')).toThrow('found `id` twice');
  });

  // A bomb: members of sixteen megabytes of nothing, which gzip puts one after the other.
  it('refuses a small file that unpacks to more than half a gigabyte', () => {
    const member = gzipSync(Buffer.alloc(16 << 20));
    const bomb = Buffer.concat(Array.from({ length: 33 }, () => member));
    expect(bomb.length).toBeLessThan(1 << 20);
    expect(() => csvFile.read(bomb, 'bomb.csv.gz')).toThrowFault(sourceMisshapen);
  });
});
