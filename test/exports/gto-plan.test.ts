import { describe, expect, it } from 'vitest';
import { driftOf } from '../../registry/exports/gto-drift.ts';
import { planGtoTags, type Commits } from '../../registry/exports/gto.ts';
import { GENESIS, lineOf, parseLine, type Entry } from '../../registry/schema/entry.ts';
import type { RegistryEvent } from '../../registry/schema/event.ts';
import { parseGtoTag } from '../../registry/schema/gto-tag.ts';
import { eventOf } from '../fixtures/events.ts';
import { threeModelsLog } from '../fixtures/histories.ts';

const NOWHERE: Commits = {
  secondsOf: () => null,
  introducing: (seq) => `registry ${seq}`,
  tagged: () => null,
};
const EMPTY_CLONE: Commits = { ...NOWHERE, introducing: () => null };
const ONE_APPEND: Commits = { ...NOWHERE, introducing: () => 'registry' };

function logOf(...events: readonly RegistryEvent[]): readonly Entry[] {
  let prev = GENESIS;
  return events.map((event, seq) => {
    const { line, leaf } = lineOf({ seq, prev, event, bundle: null });
    const entry = parseLine(line, `line ${seq}`);
    prev = leaf;
    return entry;
  });
}

/** The version, made at the time and from the code. */
function made(
  version: string,
  { at, commit = null }: { at?: string; commit?: string | null } = {},
): RegistryEvent {
  const { lineage } = eventOf('model.registered').body;
  return eventOf(
    'model.registered',
    { version, lineage: { ...lineage, commit } },
    at === undefined ? {} : { at },
  );
}

describe('the tags that a log asks for', () => {
  it('have names of their own, and seconds that only grow, whatever the clocks said', () => {
    const noon = '2026-11-20T12:00:00.000Z';
    const backwards = logOf(
      eventOf('registry.created'),
      made('1.0.0', { at: noon }),
      eventOf('model.promoted', {}, { at: noon }),
      made('1.1.0', { at: '2026-11-20T11:00:00.000Z' }),
      eventOf('model.promoted', { version: '1.1.0' }, { at: '2026-11-20T11:00:00.000Z' }),
      eventOf('model.rolled-back', { from: '1.1.0', to: '1.0.0' }, { at: noon }),
      eventOf('model.retired', {}, { at: noon }),
      made('1.2.0', { at: '2026-11-20T12:00:30.000Z' }),
      eventOf('model.retired', {}, { at: noon }),
    );
    const { tags } = planGtoTags(backwards, NOWHERE);
    const begin = Date.parse(noon) / 1000;
    expect(tags.map(({ name, seconds }) => [name, seconds - begin])).toEqual([
      ['digits@v1.0.0', 0],
      ['digits#production#1', 1],
      ['digits@v1.1.0', 2],
      ['digits#production#2', 3],
      ['digits#production!#3', 4],
      ['digits#production#4', 5],
      ['digits#production!#5', 6],
      ['digits@deprecated', 7],
      ['digits@v1.2.0', 30],
      ['digits@deprecated#6', 31],
    ]);
  });

  it('are the same whenever they are asked for, and more only at the end', () => {
    const log = threeModelsLog();
    const { tags } = planGtoTags(log, NOWHERE);
    expect(planGtoTags(log, NOWHERE).tags).toEqual(tags);
    const before = planGtoTags(log.slice(0, 40), NOWHERE).tags;
    expect(tags.slice(0, before.length)).toEqual(before);
    expect(new Set(tags.map(({ name }) => name)).size).toBe(tags.length);
    expect(tags.every(({ name }) => parseGtoTag(name) !== null)).toBe(true);
    for (const all of Map.groupBy(tags, ({ name }) => parseGtoTag(name)?.artifact).values()) {
      expect(all.every(({ seconds }, index) => seconds > (all[index - 1]?.seconds ?? 0))).toBe(true);
    }
  });

  it('stand on the code where it is here and free, and on the registry else', () => {
    const [one, two] = ['1'.repeat(40), '2'.repeat(40)];
    const log = logOf(
      eventOf('registry.created'),
      made('1.0.0', { commit: one }),
      made('1.1.0', { commit: one }),
      made('1.2.0', { commit: two }),
    );
    const here: Commits = { ...NOWHERE, secondsOf: (commit) => (commit === one ? 0 : null) };
    expect(planGtoTags(log, here).tags.map(({ target }) => target)).toEqual([
      one,
      'registry 2',
      'registry 3',
    ]);
    // Made in a clone that had all the code, or none of it.
    const moved = new Map([
      ['digits@v1.0.0', 'registry 1'],
      ['digits@v1.2.0', two],
    ]);
    const elsewhere: Commits = { ...here, tagged: (name) => moved.get(name) ?? null };
    expect(planGtoTags(log, elsewhere).tags.map(({ target }) => target)).toEqual(['registry 1', one, two]);
  });

  it('leave out by name what GTO could not read', () => {
    const log = logOf(eventOf('registry.created'), made('1.0.0'), made('1.1.0'), eventOf('model.promoted'));
    expect(planGtoTags(log, ONE_APPEND)).toMatchObject({
      tags: [{ name: 'digits@v1.0.0' }, { name: 'digits#production#1' }],
      skipped: [{ what: 'digits@1.1.0' }],
    });
    expect(planGtoTags(log, EMPTY_CLONE)).toMatchObject({
      tags: [],
      skipped: [{ what: 'digits@1.0.0' }, { what: 'digits@1.1.0' }],
    });
    // Names with a dot are refused before they come into a log; one that did is not passed over in silence.
    const dotted = log.map((entry) => ({
      ...entry,
      event: entry.event && { ...entry.event, subject: 'a.b' },
    }));
    expect(planGtoTags(dotted as readonly Entry[], NOWHERE)).toMatchObject({
      tags: [],
      skipped: [{ what: 'a.b' }],
    });
  });
});

describe('drift', () => {
  it('is no concern of tags that are about other things', () => {
    const plan = planGtoTags(logOf(eventOf('registry.created'), made('1.0.0')), NOWHERE);
    const names = [
      'v1.0.0',
      'other@v1.0.0',
      'digits#dev#1',
      'digits@v2.0.0-rc1',
      'digits@v2.0.0',
      'digits#staging#9',
    ];
    const found = new Map(names.map((name) => [name, { name, oid: 'x', target: 'y', annotated: true }]));
    const { missing, extra } = driftOf({ plan, models: new Set(['digits']), found, oidOf: () => 'z' });
    expect(missing.map(({ name }) => name)).toEqual(['digits@v1.0.0']);
    expect(extra.map(({ name }) => name)).toEqual(['digits@v2.0.0', 'digits#staging#9']);
  });
});
