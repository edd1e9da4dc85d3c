/** What can go wrong while graphs are differentiated and evaluated by definition. */
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
