/** Merges models into one file: planned whole, then streamed tensor by tensor, and there at once or not at all. */
import { rmSync } from 'node:fs';
import { artifactNotWritten } from '../faults.ts';
import { codeOf, durably } from '../artifacts/durable.ts';
import type { LayOut } from '../kernels/space.ts';
import { tensorsUnfit } from '../tensors/faults.ts';
import { countOf } from '../tensors/header.ts';
import { createTensors, openTensors, type TensorFile, type TensorWriter } from '../tensors/safetensors.ts';
import type { MergeSettings } from './merge-settings.ts';
import { planMerge, sizeOf, type PlannedTensor } from './merge-plan.ts';
import { mergeTensor } from './merge-tensor.ts';
import { alone } from './alone.ts';
import { workspaceFor, type Workspace } from './workspace.ts';

export interface MergeAsk {
  readonly settings: MergeSettings;
  /** The path that a model's name means. */
  readonly pathOf: (model: string) => string;
  readonly target: string;
  /** Decides every throw of the methods that throw away by chance. */
  readonly seed: number;
  /** A file that is read at once and thrown away: it is written in its place, and not flushed to the disk. */
  readonly scratch?: true;
  /** What the tensors in work may take together. */
  readonly memoryBytes?: number;
  /** Where the tensors in work lie; in the kernels' memory unless told. */
  readonly lay?: LayOut;
  /** Told after each tensor. */
  readonly tell?: (done: number, total: number) => void;
}

export interface Merged {
  readonly tensors: number;
  readonly parameters: number;
  readonly sizeBytes: number;
}

/**
 * Merges as `settings` say. All arithmetic is done in floats of 32 bits, whatever the files hold; sums over a whole
 * tensor are done in doubles.
 *
 * @throws  mergeUnfit, tensorsUnfit, tensorsMalformed, tensorsUnreadable, pickleRefused; artifactNotWritten when the
 *          disk is full or refuses, outputBusy when another process writes the same file: the target is as it was
 * @cost    each input is read once, twice where it is longer than a stretch and magnitudes are ranked
 */
export async function merge(ask: MergeAsk): Promise<Merged> {
  const files = new Map<string, TensorFile>();
  const open = (name: string): TensorFile => {
    const known = files.get(name) ?? openTensors(ask.pathOf(name));
    files.set(name, known);
    return known;
  };
  try {
    const planned = planMerge(ask.settings, open);
    if (ask.scratch) {
      rmSync(ask.target, { force: true });
      writeAll(ask, planned, ask.target);
    } else await alone(ask.target, () => writing(ask, planned));
    const parameters = planned.reduce((sum, { output }) => sum + countOf(output.shape), 0);
    return { tensors: planned.length, parameters, sizeBytes: sizeOf(planned) };
  } finally {
    for (const file of files.values()) file.close();
  }
}

/** An error of the file system is told as one of the target; all others are the merge's own. */
async function writing(ask: MergeAsk, planned: readonly PlannedTensor[]): Promise<void> {
  try {
    await durably(ask.target, async (beside) => writeAll(ask, planned, beside));
  } catch (error) {
    if (codeOf(error)?.startsWith('E') !== true) throw error;
    const said = error instanceof Error ? error.message : String(error);
    throw artifactNotWritten({ path: ask.target, sizeBytes: sizeOf(planned), said }, error);
  }
}

function writeAll(
  { settings, seed, tell, ...room }: MergeAsk,
  planned: readonly PlannedTensor[],
  beside: string,
): void {
  const metadata = { format: 'pt', merge_method: settings.merge_method };
  const writer = createTensors(
    beside,
    planned.map(({ output }) => output),
    metadata,
  );
  try {
    const models = planned.reduce((most, tensor) => Math.max(most, tensor.models.length), 1);
    const longest = planned.reduce((most, { output }) => Math.max(most, countOf(output.shape)), 1);
    const workspace = workspaceFor({ ...room, models, longest });
    planned.forEach((tensor, index) => {
      writeOne(tensor, { workspace, writer, seed });
      tell?.(index + 1, planned.length);
    });
  } catch (error) {
    writer.abandon();
    throw error;
  }
  writer.close();
}

interface Writing {
  readonly workspace: Workspace;
  readonly writer: TensorWriter;
  readonly seed: number;
}

function writeOne(
  { output, models, base, recipe }: PlannedTensor,
  { workspace, writer, seed }: Writing,
): void {
  if (recipe.kind === 'same') {
    copySame({ output, models, base, recipe }, writer);
    return;
  }
  const give = (n: number): void => writer.write(workspace.outBytes(output.type, n));
  mergeTensor(recipe, { workspace, models, base, seed, give });
}

const COPIED_AT_ONCE = 2 ** 22;

/** Indexes and masks have no mean: they are the same in all models, or the models do not fit. */
function copySame({ output, models, base }: PlannedTensor, writer: TensorWriter): void {
  const [lead, ...others] = base === null ? models : [base, ...models];
  const size = lead!.end - lead!.begin;
  for (let from = 0; from < size; from += COPIED_AT_ONCE) {
    const bytes = Buffer.alloc(Math.min(COPIED_AT_ONCE, size - from));
    const theirs = Buffer.alloc(bytes.length);
    lead!.read(bytes, from);
    for (const other of others) {
      other.read(theirs, from);
      if (!theirs.equals(bytes)) {
        throw tensorsUnfit({
          tensor: output.name,
          wanted: `F32, F16 or BF16 to merge, or the same ${lead!.type} in all models`,
          found: `other values in ${other.file} than in ${lead!.file}`,
        });
      }
    }
    writer.write(bytes);
  }
}
