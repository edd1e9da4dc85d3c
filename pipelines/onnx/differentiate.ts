/** Reverse-mode differentiation: a graph is continued by the nodes that give the gradients of a loss. */
import { notDifferentiable } from './faults.ts';
import { constant, type Step, type Value } from './build.ts';
import { add } from './operators.ts';
import { RULES } from './rules.ts';

/**
 * ∂loss/∂x for some values of its graph. The steps are gone through from the last to the first, and what each owes to
 * its inputs is summed; `rules.ts` has one rule an operator. The gradients are values like others: they may be computed
 * with, and differentiated again.
 *
 * @param loss  a scalar
 * @param of    values of the same graph that the loss depends on
 * @returns     one value of the same shape each
 * @throws      notDifferentiable when an operator on the way has no rule, or the loss does not depend on a value
 * @cost        a few nodes for each step between the values and the loss
 * @source      A. Griewank, A. Walther, Evaluating Derivatives, 2nd ed. (2008), section 3.2
 */
export function gradientsOf(loss: Value, of: readonly Value[]): readonly Value[] {
  const steps = loss.graph.steps.slice();
  const moving = movedBy(steps, of);
  const owed = new Map<string, Value>([[loss.name, constant(loss.graph, 1)]]);
  for (const step of steps.toReversed()) {
    const outputs = step.outputs.map(({ name }) => owed.get(name) ?? null);
    if (outputs.every((each) => each === null) || !step.inputs.some(({ name }) => moving.has(name))) continue;
    const rule = RULES[step.operator];
    if (rule === undefined) throw notDifferentiable({ of: step.operator, wanted: 'a rule for the operator' });
    for (const [index, gradient] of rule(step, outputs).entries()) {
      const to = step.inputs[index]?.name ?? '';
      if (gradient === null || !moving.has(to)) continue;
      const before = owed.get(to);
      owed.set(to, before === undefined ? gradient : add(before, gradient));
    }
  }
  return of.map(({ name }) => {
    const gradient = owed.get(name);
    if (gradient !== undefined) return gradient;
    throw notDifferentiable({ of: name, wanted: 'a loss that depends on it' });
  });
}

/** Names of all values that change with those given. */
function movedBy(steps: readonly Step[], of: readonly Value[]): ReadonlySet<string> {
  const moved = new Set(of.map(({ name }) => name));
  for (const { inputs, outputs } of steps) {
    if (inputs.some(({ name }) => moved.has(name))) for (const { name } of outputs) moved.add(name);
  }
  return moved;
}
