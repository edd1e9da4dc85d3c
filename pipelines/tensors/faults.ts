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
