/** A batch: rows that came in together, as lines of JSON under a header that says what their inputs are. */
import * as z from 'zod';
import { artifactMisshapen } from '../faults.ts';

const FORMAT = 'fettle-batch/1';

/** What a row gives a model to judge by. */
export const InputKind = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('dense'), columns: z.array(z.string()).min(1) }),
  z.strictObject({ kind: z.literal('text') }),
]);
export type InputKind = z.infer<typeof InputKind>;

const Header = z.strictObject({ format: z.literal(FORMAT), input: InputKind });

const Shared = {
  id: z.string(),
  /** ISO 8601 or any text that sorts by time; empty where the source has no times and row order stands for them. */
  at: z.string(),
  label: z.string(),
  group: z.string(),
  /** Labels that people took away; the label is empty where they gave none. */
  not: z.array(z.string()).optional(),
  /** What its label was called before it was renamed. */
  was: z.string().optional(),
};

const TextRow = z.strictObject({
  ...Shared,
  title: z.string(),
  body: z.string(),
  /** Whose issue it is, where one model is for several projects. */
  project: z.string().optional(),
  /** What its author is to the project, such as `MEMBER` or `NONE`. */
  association: z.string().optional(),
});
const DenseRow = z.strictObject({ ...Shared, values: z.array(z.number()) });

export interface Row {
  readonly id: string;
  readonly at: string;
  readonly label: string;
  readonly group: string;
  /** Labels that people took away, where they gave none. */
  readonly not?: readonly string[] | undefined;
  /** What its label was called before it was renamed: rows of batches before have the label under that name. */
  readonly was?: string | undefined;
  /** What the author is to the project, where the source tells. */
  readonly association?: string | undefined;
  readonly input:
    | readonly number[]
    | { readonly title: string; readonly body: string; readonly project?: string | undefined };
}

export interface Batch {
  readonly input: InputKind;
  readonly rows: readonly Row[];
}

export function encodeBatch({ input, rows }: Batch): Uint8Array {
  const lines = rows.map(({ input: values, ...row }) =>
    JSON.stringify('title' in values ? { ...row, ...values } : { ...row, values }),
  );
  return Buffer.from([JSON.stringify({ format: FORMAT, input }), ...lines, ''].join('\n'));
}

/** @throws artifactMisshapen */
export function decodeBatch(bytes: Uint8Array): Batch {
  const [first = '', ...lines] = Buffer.from(bytes).toString('utf8').split('\n');
  try {
    const { input } = Header.parse(JSON.parse(first));
    const rowOf = input.kind === 'text' ? textRow : denseRow;
    return { input, rows: lines.filter((line) => line !== '').map((line) => rowOf(JSON.parse(line))) };
  } catch (error) {
    throw artifactMisshapen({ wanted: FORMAT, found: first.slice(0, 80) }, error);
  }
}

function textRow(value: unknown): Row {
  const { title, body, project, ...row } = TextRow.parse(value);
  return { ...row, input: project === undefined ? { title, body } : { title, body, project } };
}

function denseRow(value: unknown): Row {
  const { values, ...row } = DenseRow.parse(value);
  return { ...row, input: values };
}
