import { describe, expect, it } from 'vitest';
import { decideOptimisation } from '../../registry/decide/record-optimisation.ts';
import { foldEntries } from '../../registry/state/fold.ts';
import { viewOf } from '../../registry/state/view.ts';
import { eventOf } from '../fixtures/events.ts';

describe('a comparison of solvers in the log', () => {
  it('is recorded once, however often it is asked for, and again when it is another', () => {
    const { body } = eventOf('optimisation.recorded');
    expect(decideOptimisation(body, null)).toEqual([
      { type: 'optimisation.recorded', subject: 'registry', body },
    ]);
    expect(decideOptimisation(body, body.comparison)).toEqual([]);
    expect(decideOptimisation(body, `${body.comparison.slice(0, -1)}x`)).toHaveLength(1);
  });

  it('changes no state, so that a reader who does not know it comes to the same', () => {
    const known = [
      eventOf('registry.created'),
      eventOf('model.registered'),
      eventOf('optimisation.recorded'),
    ];
    const entries = known.map((event, seq) => ({ seq, event }));
    const skipped = entries.map((entry) =>
      entry.event.type === 'optimisation.recorded' ? { ...entry, event: null } : entry,
    );
    const [ours, theirs] = [foldEntries(entries), foldEntries(skipped)];
    expect(ours).toEqual(theirs);
    expect([...viewOf(ours, ours.models.keys())]).toEqual([...viewOf(theirs, theirs.models.keys())]);
  });
});
