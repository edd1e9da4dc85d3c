/** Everything that can go wrong with files of tensors and with what is made of them. */
import { defineFault } from '../../registry/base/fault.ts';

export const tensorsMalformed = defineFault('tensors/tensors-malformed', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { where: string; wanted: string; found: string }) =>
    `${d.where}: wanted ${d.wanted}, found ${d.found}`,
  mend: 'The file is damaged or no safetensors file; fetch it again and compare its digest with its source.',
});

export const pickleRefused = defineFault('tensors/pickle-refused', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { file: string }) => `wanted a safetensors or ONNX file, found ${d.file}, which is a pickle`,
  mend: 'A pickle runs code when it is opened: convert it where you trust it, with `safetensors.torch.save_file`.',
});

export const tensorsUnreadable = defineFault('tensors/tensors-unreadable', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { file: string; said: string }) => `wanted to read the tensors of ${d.file}, found: ${d.said}`,
  mend: 'Name a .safetensors or .onnx file, or a folder that holds model.safetensors or its index.',
});
export const tensorsUnfit = defineFault('tensors/tensors-unfit', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { tensor: string; wanted: string; found: string }) =>
    `tensor ${d.tensor}: wanted ${d.wanted}, found ${d.found}`,
  mend: 'Name models of one architecture, or leave this one out.',
});

export const mergeUnfit = defineFault('tensors/merge-unfit', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { where: string; wanted: string; found: string }) =>
    `${d.where}: wanted ${d.wanted}, found ${d.found}`,
  mend: 'Change the merge configuration there and run the same command again; nothing was written.',
});

export const outputBusy = defineFault('tensors/output-busy', {
  audience: 'user',
  retry: 'later',
  says: (d: { file: string; by: string }) =>
    `wanted to write ${d.file} alone, found that process ${d.by} is writing it`,
  mend: (d) => `Wait for it to end, or name another file; ${d.file}.lock goes with it.`,
});
