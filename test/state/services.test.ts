import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { KEPT } from '../../registry/schema/state.ts';
import type { RegistryEvent } from '../../registry/schema/event.ts';
import { CHANNELS, type Channel, type Version } from '../../registry/schema/model.ts';
import { EMPTY, evolve, foldEntries } from '../../registry/state/fold.ts';
import { servicesOf, servingAt, type ServiceRecord } from '../../registry/state/services.ts';
import { eventOf, startOver } from '../fixtures/events.ts';
import { DIGITS, threeModelsLog } from '../fixtures/histories.ts';
import { logOf } from '../fixtures/logs.ts';

beforeAll(startOver);

const VERSIONS = ['1.0.0', '1.1.0', '1.2.0'];

/** Promotions, rollbacks and retirements in any order, on any channel, also such as no decision would make. */
const anyStory = fc.array(
  fc.oneof(
    fc.tuple(fc.constantFrom(...VERSIONS), fc.constantFrom(...CHANNELS)).map(
      ([version, channel]) =>
        () =>
          eventOf('model.promoted', { version, channel }),
    ),
    fc.tuple(fc.constantFrom(...VERSIONS), fc.constantFrom(...CHANNELS)).map(
      ([to, channel]) =>
        () =>
          eventOf('model.rolled-back', { to, channel, evidence: null }),
    ),
    fc.constant(() => eventOf('model.retired')),
    fc.constant(() => eventOf('run.finished')),
  ),
  { maxLength: 30 },
);

/** What served after each event, by the fold: the oracle for who served when. */
function servedAfterEach(events: readonly RegistryEvent[]): readonly Partial<Record<Channel, Version>>[] {
  let state = EMPTY;
  return events.map((event, seq) => {
    state = evolve(state, { seq, event });
    return state.models.get(DIGITS)?.serving ?? {};
  });
}

function namesAt(record: ServiceRecord, seq: number): Readonly<Record<string, string>> {
  return Object.fromEntries(servingAt(record, seq).map(({ channel, version }) => [channel, version]));
}

describe('the services of a model', () => {
  it('never overlap on a channel, and leave no gap but after a retirement', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const events = story.map((make) => make());
        const { services } = servicesOf(logOf(events), DIGITS);
        for (const channel of CHANNELS) {
          const there = services.filter((service) => service.channel === channel);
          for (const [index, { ended }] of there.entries()) {
            const next = there[index + 1];
            if (ended === null) expect(next).toBeUndefined();
            else if (ended.how === 'retired') expect(next?.from.seq ?? Infinity).toBeGreaterThan(ended.seq);
            else expect(next?.from).toEqual({ seq: ended.seq, at: ended.at });
          }
        }
      }),
    );
  });

  it('say of every position what the fold says serves there', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const events = story.map((make) => make());
        const record = servicesOf(logOf(events), DIGITS);
        servedAfterEach(events).forEach((serving, seq) => expect(namesAt(record, seq)).toEqual(serving));
      }),
    );
  });

  it('are the same stretches as those of the view, and go on where the view forgets', () => {
    const count = KEPT.tenures + 20;
    const events = Array.from({ length: count }, (_, index) =>
      eventOf('model.promoted', { version: VERSIONS[index % 3] ?? '' }),
    );
    const entries = logOf(events);
    const { services } = servicesOf(entries, DIGITS);
    expect(services).toHaveLength(count);
    const plain = services.map(({ channel, version, from, ended, by }) => ({
      channel,
      version,
      from: from.at,
      until: ended?.at ?? null,
      by,
    }));
    expect(foldEntries(entries).models.get(DIGITS)?.tenures).toEqual(plain.slice(-KEPT.tenures));
  });

  it('tell by whose word and on what evidence each began, and why it ended', () => {
    const { services, stopped } = servicesOf(threeModelsLog(), DIGITS);
    const told = services.map(
      ({ version, by, ended }) => `${version} ${by} ${ended?.how ?? 'serves'} ${ended?.next ?? ''}`,
    );
    expect(told.slice(-4)).toEqual([
      '1.8.0 promotion replaced 1.9.0',
      '1.9.0 promotion rolled back 1.8.0',
      '1.8.0 rollback replaced 1.10.0',
      '1.10.0 promotion serves ',
    ]);
    const last = services.at(-1);
    expect(last).toMatchObject({ login: 'github-actions[bot]', automatic: true, waived: [] });
    expect(last?.verdict).toMatchObject({ against: '1.8.0', answer: 'pass' });
    expect(last?.verdict?.gates).toHaveLength(4);
    expect(last?.metrics[0]).toMatchObject({ name: 'accuracy', n: 517 });
    expect(services.at(-3)?.ended).toMatchObject({
      reason: expect.stringContaining('109 of 120 live outcomes'),
    });
    expect(stopped).toMatchObject([
      {
        version: '1.6.0',
        answer: 'fail',
        against: '1.5.0',
        reason: expect.stringMatching(/^no-regression: /),
      },
      { version: '1.11.0', answer: 'investigate', against: '1.10.0' },
    ]);
  });

  it('of another model are none of its own', () => {
    const entries = logOf([eventOf('model.promoted', {}, { subject: 'letters' })]);
    expect(servicesOf(entries, DIGITS).services).toEqual([]);
  });
});
