/** Every connector, and the choice of one by a file's ending. */
import { sourceUnknown } from '../faults.ts';
import type { Connector } from './connector.ts';
import { csvFile } from './csv-file.ts';
import { jsonlFile } from './jsonl-file.ts';

export const CONNECTORS: readonly Connector[] = [csvFile, jsonlFile];

/** @throws sourceUnknown */
export function connectorFor(name: string): Connector {
  const found = CONNECTORS.find(({ endings }) =>
    endings.some((ending) => name.toLowerCase().endsWith(ending)),
  );
  if (found !== undefined) return found;
  throw sourceUnknown({ source: name, endings: CONNECTORS.flatMap(({ endings }) => endings) });
}
