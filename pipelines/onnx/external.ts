/** Constants of a model that lie in files beside it: found, measured, and read by ranges. */
import { closeSync, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { onnxMalformed } from './faults.ts';
import { ELEMENTS, type ExternalTensor } from './graph.ts';

/** An external constant that is there, with all of its bytes. */
export interface FoundTensor extends ExternalTensor {
  readonly sizeBytes: number;
  /**
   * Fills `target` with the constant's bytes from `from` on.
   *
   * @throws onnxMalformed when the file has become shorter
   */
  readonly read: (target: Uint8Array, from?: number) => void;
}

export interface OpenExternals {
  /** In the order of the model. */
  readonly tensors: readonly FoundTensor[];
  readonly close: () => void;
}

/**
 * Opens the files of a model's external constants, each once. A location that leads out of the model's folder, by its
 * words or by a link, is not followed: a model from elsewhere would read what it has no right to.
 *
 * @param model     path of the file that holds the model
 * @param external  its external constants
 * @returns         the constants' bytes by ranges; to be closed by whoever opened them
 * @throws          onnxMalformed when a location is no path within the model's folder, or a file is missing or ends
 *                  before a constant does
 * @cost            no byte of a constant is read
 * @source          onnx/docs/ExternalData.md of ONNX 1.16
 */
export function openExternals(model: string, external: readonly ExternalTensor[]): OpenExternals {
  const handles = new Map<string, number>();
  const close = (): void => handles.forEach((handle) => closeSync(handle));
  try {
    const tensors = external.map((tensor) => {
      const handle = handles.get(tensor.location) ?? opening(model, tensor);
      handles.set(tensor.location, handle);
      return foundIn(handle, tensor);
    });
    return { tensors, close };
  } catch (error) {
    close();
    throw error;
  }
}

function foundIn(handle: number, tensor: ExternalTensor): FoundTensor {
  const { name, type, dims, offset } = tensor;
  const where = `initializer ${name}`;
  const sizeBytes = dims.reduce((product, size) => product * size, ELEMENTS[type].size);
  const found = fstatSync(handle).size;
  if (offset + sizeBytes > found) {
    const wanted = `${offset + sizeBytes} bytes in ${tensor.location}`;
    throw onnxMalformed({ where, wanted, found: `${found}` });
  }
  const read = (target: Uint8Array, from = 0): void => {
    for (let done = 0; done < target.length;) {
      const got = readSync(handle, target, done, target.length - done, offset + from + done);
      if (got === 0) throw onnxMalformed({ where, wanted: 'all of its bytes', found: `${done} of them` });
      done += got;
    }
  };
  return { ...tensor, sizeBytes, read };
}

function opening(model: string, { name, location }: ExternalTensor): number {
  const file = fileWithin(path.dirname(model), location);
  if (file !== null) return openSync(file, 'r');
  throw onnxMalformed({
    where: `initializer ${name}`,
    wanted: 'a file within the folder of the model',
    found: `\`${location}\``,
  });
}

/** Null where there is no such file, or it lies elsewhere. */
function fileWithin(folder: string, location: string): string | null {
  const parts = location.split('/');
  if (/[\\:\0]/.test(location) || parts.some((part) => part === '' || part === '..')) return null;
  try {
    const real = realpathSync(folder);
    const file = realpathSync(path.join(real, location));
    return file.startsWith(real + path.sep) ? file : null;
  } catch {
    return null;
  }
}
