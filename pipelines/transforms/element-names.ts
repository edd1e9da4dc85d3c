/** The element types of ONNX and of safetensors, each by the other's name. */
import type { ElementType } from '../onnx/graph.ts';
import type { ElementName } from '../tensors/element.ts';

/** Safetensors has a type for each of ONNX's that are read here, and no other. */
export const STORED_AS: Readonly<Record<ElementType, ElementName>> = {
  float32: 'F32',
  uint8: 'U8',
  int8: 'I8',
  uint16: 'U16',
  int16: 'I16',
  int32: 'I32',
  int64: 'I64',
  bool: 'BOOL',
  float16: 'F16',
  float64: 'F64',
  uint32: 'U32',
  uint64: 'U64',
  bfloat16: 'BF16',
};

const ELEMENT_TYPES = Object.keys(STORED_AS).filter((type): type is ElementType => type in STORED_AS);

/** What ONNX calls the elements of a stored tensor. */
export function elementTypeOf(stored: ElementName): ElementType {
  return ELEMENT_TYPES.find((type) => STORED_AS[type] === stored)!;
}
