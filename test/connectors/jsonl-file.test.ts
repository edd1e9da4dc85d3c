import { describe, expect, it } from 'vitest';
import { jsonlFile } from '../../pipelines/connectors/jsonl-file.ts';
import { connectorFor } from '../../pipelines/connectors/index.ts';
import { sourceMisshapen, sourceUnknown } from '../../pipelines/faults.ts';
import { describeConnector } from '../conformance/connector.ts';

describeConnector({
  connector: jsonlFile,
  twoRows: '{"id":"a","note":"x, \\"y\\"\\nz"}\n{"id":"b","note":null}\n',
  oneCell: '{"id":"a","note":"CELL"}\n',
});

const read = (text: string) => jsonlFile.read(Buffer.from(text), 'issues.jsonl');

describe('jsonl-file', () => {
  it('reads numbers and booleans as their text', () => {
    expect(read('{"a":1.5,"b":true}').rows[0]?.cells).toEqual({ a: '1.5', b: 'true' });
  });

  it('refuses a line that is no JSON, and a nested value, by line', () => {
    expect(() => read('{"a":1}\n{"a":')).toThrow(/line 2: wanted one JSON object a line/);
    expect(() => read('{"a":[1]}')).toThrowFault(sourceMisshapen);
  });

  it('skips empty lines but counts them', () => {
    expect(read('{"a":1}\n\n{"a":2}\n').rows.map(({ line }) => line)).toEqual([1, 3]);
  });
});

describe('the choice of a connector', () => {
  it('refuses an ending that nothing reads, and names those that are read', () => {
    expect(() => connectorFor('data.parquet')).toThrowFault(sourceUnknown);
    expect(() => connectorFor('data.parquet')).toThrow('.csv');
  });
});
