/** What every connector promises, whatever it reads. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Connector } from '../../pipelines/connectors/connector.ts';
import { CONNECTORS, connectorFor } from '../../pipelines/connectors/index.ts';
import { sourceEmpty, sourceMisshapen } from '../../pipelines/faults.ts';

export interface ConnectorCase {
  readonly connector: Connector;
  /** The same two rows in the connector's own form: id a and b, note `x, "y"\nz` and empty. */
  readonly twoRows: string;
  /** A valid source in which `CELL` stands for one cell's text. */
  readonly oneCell: string;
}

export function describeConnector({ connector, twoRows, oneCell }: ConnectorCase): void {
  const ending = connector.endings[0] ?? '';
  const read = (text: string | Uint8Array) => connector.read(Buffer.from(text), `source${ending}`);

  describe(`${connector.name}, as any connector`, () => {
    it('is listed, and chosen by its ending whatever the case', () => {
      expect(CONNECTORS).toContain(connector);
      expect(connectorFor(`A${ending.toUpperCase()}`)).toBe(connector);
    });

    it('gives rows as named cells', () => {
      const { columns, rows } = read(twoRows);
      expect(columns).toEqual(['id', 'note']);
      expect(rows.map(({ cells }) => cells)).toEqual([
        { id: 'a', note: 'x, "y"\nz' },
        { id: 'b', note: '' },
      ]);
    });

    it('reads the same from gzip, and with a byte order mark', () => {
      expect(read(gzipSync(twoRows))).toEqual(read(twoRows));
      expect(read(`\uFEFF${twoRows}`)).toEqual(read(twoRows));
    });

    it('says that an empty source is empty', () => {
      expect(() => read('')).toThrowFault(sourceEmpty);
      expect(() => read(' \n\n')).toThrowFault(sourceEmpty);
    });

    it('refuses a NUL byte, bytes that are not UTF-8, and broken gzip', () => {
      expect(() => read(oneCell.replace('CELL', 'a\0b'))).toThrowFault(sourceMisshapen);
      expect(() => read(Buffer.from([0x69, 0x64, 0x0a, 0xff, 0xfe]))).toThrowFault(sourceMisshapen);
      expect(() => read(gzipSync(twoRows).subarray(0, 20))).toThrowFault(sourceMisshapen);
    });

    it('refuses ten megabytes in one cell, by line', () => {
      const huge = oneCell.replace('CELL', 'x'.repeat(10 << 20));
      expect(() => read(huge)).toThrowFault(sourceMisshapen);
      expect(() => read(huge)).toThrow(/line \d+: wanted/);
    });
  });
}
