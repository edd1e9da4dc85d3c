/** A CSV file (RFC 4180) with a header line; gzip is unpacked. */
import { CsvError, parse } from 'csv-parse/sync';
import * as z from 'zod';
import { sourceMisshapen } from '../faults.ts';
import { CELL_MOST, type Connector, type SourceTable } from './connector.ts';
import { textOf } from './text.ts';

const Lines = z.array(z.object({ record: z.array(z.string()), info: z.object({ lines: z.int() }) }));

/** csv-parse's code -> what we wanted there. */
const WANTED: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'every quote closed',
  INVALID_OPENING_QUOTE: 'quotes only around a whole cell',
  CSV_INVALID_CLOSING_QUOTE: 'a comma or line end after a closing quote',
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'as many cells as the header has',
  CSV_MAX_RECORD_SIZE: 'rows of at most 4 MiB',
};

export const csvFile: Connector = {
  name: 'csv-file',
  endings: ['.csv', '.csv.gz'],
  read(bytes, name) {
    const [header, ...lines] = linesOf(textOf(bytes, name), name);
    const columns = header?.record ?? [];
    checkHeader(columns, name);
    return { columns, rows: rowsOf({ columns, lines, name, firstLine: header?.info.lines ?? 1 }) };
  },
};

function linesOf(text: string, name: string): z.infer<typeof Lines> {
  try {
    return Lines.parse(parse(text, { info: true, skip_empty_lines: true, max_record_size: CELL_MOST * 4 }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = z.object({ lines: z.int() }).safeParse(error);
    const wanted = WANTED[error.code] ?? 'CSV as RFC 4180 has it';
    throw sourceMisshapen(
      { source: name, line: line.success ? line.data.lines : 1, wanted, found: error.message },
      error,
    );
  }
}

function checkHeader(columns: readonly string[], name: string): void {
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice === undefined) return;
  throw sourceMisshapen({
    source: name,
    line: 1,
    wanted: 'a name once per column',
    found: `\`${twice}\` twice`,
  });
}

interface Body {
  readonly columns: readonly string[];
  readonly lines: z.infer<typeof Lines>;
  readonly name: string;
  readonly firstLine: number;
}

/** csv-parse counts the line on which a row ends; a row begins after the one before it. */
function rowsOf({ columns, lines, name, firstLine }: Body): SourceTable['rows'] {
  let begins = firstLine + 1;
  return lines.map(({ record, info }) => {
    const line = begins;
    begins = info.lines + 1;
    const long = record.findIndex((cell) => cell.length > CELL_MOST);
    if (long >= 0) {
      const found = `${record[long]?.length ?? 0} characters in \`${columns[long] ?? ''}\``;
      throw sourceMisshapen({
        source: name,
        line,
        wanted: `cells of at most ${CELL_MOST} characters`,
        found,
      });
    }
    return { line, cells: Object.fromEntries(columns.map((column, index) => [column, record[index] ?? ''])) };
  });
}
