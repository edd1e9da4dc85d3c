/** What can go wrong while models are read, run, differentiated and evaluated by definition. */
import { defineFault } from '../../registry/base/fault.ts';

export const notDifferentiable = defineFault('onnx/not-differentiable', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { of: string; wanted: string }) => `${d.of}: wanted ${d.wanted}, found none`,
  mend: 'Build the loss of operators that `pipelines/onnx/rules.ts` has a rule for.',
});

export const operatorUnknown = defineFault('onnx/operator-unknown', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { operator: string; known: readonly string[] }) =>
    `wanted an operator of ${d.known.join(', ')}, found ${d.operator}`,
  mend: 'Run the model with ONNX Runtime, which knows more operators than the reference evaluator.',
});

export const onnxMalformed = defineFault('pipelines/onnx-malformed', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { where: string; wanted: string; found: string }) =>
    `${d.where}: wanted ${d.wanted}, found ${d.found}`,
  mend: 'The bytes are damaged or not an ONNX model; fetch them again, or train the model anew.',
});

export const onnxRuntimeMissing = defineFault('pipelines/onnx-runtime-missing', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { native: string; shipped: string }) =>
    `wanted ${d.native} or ${d.shipped} to run a model, found neither that loads`,
  mend: (d) => `Install the one with \`npm install ${d.native}\`, or Fettle again, which ships the other.`,
});

export const onnxRefused = defineFault('pipelines/onnx-refused', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { said: string }) => `wanted a model that ONNX Runtime opens, found it refused: ${d.said}`,
  mend: 'Check that the bytes are whole and that their opset is one the runtime knows.',
});

export const providerMissing = defineFault('onnx/provider-missing', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { provider: string; said: string }) =>
    `wanted to run on ${d.provider} with ONNX Runtime, found: ${d.said}`,
  mend: 'Name `cpu`, or run where a device, its driver and ONNX Runtime’s library for it are installed.',
});

export const onnxRunFailed = defineFault('pipelines/onnx-run-failed', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { said: string }) => `wanted the model to answer, found: ${d.said}`,
  mend: 'Compare the names, types and shapes of what was fed with the inputs of the model.',
});
