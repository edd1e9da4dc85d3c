import { describe, expect, it } from 'vitest';
import { decidePromotion } from '../../registry/decide/promote.ts';
import { decideRegistration } from '../../registry/decide/register.ts';
import { decideRetirement } from '../../registry/decide/retire.ts';
import { decideRollBack, type RollBackAsk } from '../../registry/decide/roll-back.ts';
import { decideRunFailure, decideRunStart } from '../../registry/decide/record-run.ts';
import type { Registry } from '../../registry/decide/execute.ts';
import {
  championMoved,
  gateNotPassed,
  modelRetired,
  modelUnknown,
  neverServed,
  nothingBefore,
  nothingServes,
  versionNotJudged,
  versionUnknown,
} from '../../registry/faults.ts';
import { Version, versionAfter, ModelName } from '../../registry/schema/model.ts';
import { stateOf, viewOf } from '../../registry/state/view.ts';
import { foldEntries } from '../../registry/state/fold.ts';
import { eventOf } from '../fixtures/events.ts';
import {
  candidate,
  DIGITS,
  register,
  registryOn,
  runId,
  serving,
  stateOfDigits,
} from '../fixtures/registry.ts';

const v = (text: string) => Version.parse(text);

async function withVersions(...answers: ('pass' | 'fail' | 'investigate')[]): Promise<Registry> {
  const registry = registryOn();
  for (const [index, answer] of answers.entries()) {
    await register(registry, candidate(`run ${index}`, answer));
  }
  return registry;
}

const rollBack = (changes: Partial<RollBackAsk> = {}): RollBackAsk => ({
  model: DIGITS,
  channel: 'production',
  to: null,
  from: null,
  automatic: false,
  reason: 'because',
  evidence: null,
  ...changes,
});

const promote = (version: string, waived: readonly string[] = []) => ({
  model: DIGITS,
  version: v(version),
  channel: 'production' as const,
  waived,
  reason: 'because',
  now: '2026-11-21T12:00:00.000Z',
});

describe('registering a judged candidate', () => {
  it('makes the first one 1.0.0 and lets it serve', async () => {
    const known = await stateOfDigits(await withVersions('pass'));
    expect(serving(known)).toBe('1.0.0');
    expect(known.runs[0]?.outcome).toEqual({ kind: 'completed' });
  });

  it('counts on, and replaces what served', async () => {
    const known = await stateOfDigits(await withVersions('pass', 'pass'));
    expect(serving(known)).toBe('1.1.0');
    expect(known.decisions.map(({ what, version, before }) => [what, version, before])).toEqual([
      ['promoted', '1.0.0', null],
      ['promoted', '1.1.0', '1.0.0'],
    ]);
  });

  it('keeps a refused one in the history but out of service, and its batch out of the data', async () => {
    const known = await stateOfDigits(await withVersions('pass', 'fail'));
    expect(serving(known)).toBe('1.0.0');
    expect(known.decisions.at(-1)).toMatchObject({
      what: 'refused',
      reason: 'no-regression: because of run 1',
    });
    expect(known.data).toBe(known.versions[0]?.lineage?.data);
  });

  it('holds back one of thin evidence, and keeps its batch', async () => {
    const known = await stateOfDigits(await withVersions('pass', 'investigate'));
    expect(serving(known)).toBe('1.0.0');
    expect(known.decisions.at(-1)?.what).toBe('held');
    expect(known.data).toBe(known.versions[1]?.lineage?.data);
  });

  it('records a run once, however often it is asked', async () => {
    const registry = await withVersions('pass');
    await register(registry, candidate('run 0', 'pass'));
    expect((await stateOfDigits(registry)).versions).toHaveLength(1);
  });

  // Another candidate was promoted while this one was judged against the champion before it.
  it('does not promote on a comparison with what no longer serves', async () => {
    const registry = await withVersions('pass', 'pass');
    const stale = candidate('late', 'pass', { against: v('1.0.0') });
    await expect(registry.execute((state) => decideRegistration(state, stale))).rejects.toThrowFault(
      championMoved,
    );
  });

  it('leaves promotion to people where no channel is set', async () => {
    const registry = registryOn();
    await register(registry, candidate('run', 'pass', { channel: null }));
    expect(serving(await stateOfDigits(registry))).toBeUndefined();
  });
});

describe('promoting by hand', () => {
  it('serves a version that passed, and does nothing the second time', async () => {
    const registry = await withVersions('pass', 'pass');
    const [deed] = await registry.execute((state) => decidePromotion(state, promote('1.0.0')));
    expect(deed?.body).toMatchObject({ replaces: '1.1.0', automatic: false });
    expect(await registry.execute((state) => decidePromotion(state, promote('1.0.0')))).toEqual([]);
  });

  it('refuses a version that a gate refused, unless that gate is waived by name', async () => {
    const registry = await withVersions('pass', 'fail');
    const asked = (waived: string[]) =>
      registry.execute((state) => decidePromotion(state, promote('1.1.0', waived)));
    await expect(asked([])).rejects.toThrowFault(gateNotPassed);
    await expect(asked(['metric-floor'])).rejects.toThrowFault(gateNotPassed);
    const [deed] = await asked(['no-regression']);
    expect(deed?.body).toMatchObject({ waived: ['no-regression'] });
    expect((await stateOfDigits(registry)).decisions.at(-1)).toMatchObject({
      waived: ['no-regression'],
      automatic: false,
    });
  });

  it('refuses what does not exist, what was never judged, and a retired model', async () => {
    const registry = await withVersions('pass');
    const asked = (version: string, model = DIGITS) =>
      registry.execute((state) => decidePromotion(state, { ...promote(version), model }));
    await expect(asked('9.0.0')).rejects.toThrowFault(versionUnknown);
    await expect(asked('1.0.0', ModelName.parse('cats'))).rejects.toThrowFault(modelUnknown);
    await registry.execute((state) => decideRetirement(state, { model: DIGITS, reason: 'done' }));
    await expect(asked('1.0.0')).rejects.toThrowFault(modelRetired);
    const unjudged = foldEntries([{ seq: 0, event: eventOf('model.registered') }]);
    expect(() => decidePromotion(unjudged, promote('1.0.0'))).toThrowFault(versionNotJudged);
  });
});

describe('rolling back', () => {
  it('goes to the version that served before, and further back each time', async () => {
    const registry = await withVersions('pass', 'pass', 'pass');
    await registry.execute((state) => decideRollBack(state, rollBack()));
    expect(serving(await stateOfDigits(registry))).toBe('1.1.0');
    await registry.execute((state) => decideRollBack(state, rollBack()));
    expect(serving(await stateOfDigits(registry))).toBe('1.0.0');
    await expect(registry.execute((state) => decideRollBack(state, rollBack()))).rejects.toThrowFault(
      nothingBefore,
    );
  });

  it('can itself be rolled back, by name', async () => {
    const registry = await withVersions('pass', 'pass');
    await registry.execute((state) => decideRollBack(state, rollBack()));
    await registry.execute((state) => decideRollBack(state, rollBack({ to: v('1.1.0') })));
    const known = await stateOfDigits(registry);
    expect(serving(known)).toBe('1.1.0');
    expect(known.versions.find(({ version }) => version === '1.1.0')?.rolledBack).toBeNull();
  });

  it('does nothing when the version it is about serves no more', async () => {
    const registry = await withVersions('pass', 'pass');
    const stale = rollBack({ from: v('1.0.0') });
    expect(await registry.execute((state) => decideRollBack(state, stale))).toEqual([]);
  });

  it('refuses a version that never served, and a channel that nothing serves', async () => {
    const registry = await withVersions('pass', 'fail');
    const asked = (changes: Partial<RollBackAsk>) =>
      registry.execute((state) => decideRollBack(state, rollBack(changes)));
    await expect(asked({ to: v('1.1.0') })).rejects.toThrowFault(neverServed);
    await expect(asked({ channel: 'staging' })).rejects.toThrowFault(nothingServes);
  });
});

describe('retiring', () => {
  it('ends every service, once, until a new version brings the model back', async () => {
    const registry = await withVersions('pass');
    const retire = () =>
      registry.execute((state) => decideRetirement(state, { model: DIGITS, reason: 'done' }));
    expect(await retire()).toHaveLength(1);
    expect(await retire()).toEqual([]);
    const known = await stateOfDigits(registry);
    expect(known.serving).toEqual({});
    expect(known.tenures.every(({ until }) => until !== null)).toBe(true);
    await register(registry, candidate('again', 'pass'));
    expect((await stateOfDigits(registry)).retired).toBeNull();
  });
});

describe('recording a run', () => {
  const start = {
    model: DIGITS,
    run: runId('r'),
    recipe: 'train-and-promote',
    asked: {},
    inputs: [],
    steps: [],
  };
  const failed = {
    kind: 'failed' as const,
    fault: 'pipelines/single-class',
    says: 'only one',
    step: 'train',
  };

  it('goes on with a run that was cut off, and begins a failed one anew', async () => {
    const registry = registryOn();
    const begin = () => registry.execute((state) => decideRunStart(state, start));
    expect(await begin()).toHaveLength(2);
    expect(await begin()).toEqual([]);
    const fail = () =>
      registry.execute((state) =>
        decideRunFailure(state, { model: DIGITS, run: start.run, outcome: failed, steps: [] }),
      );
    expect(await fail()).toHaveLength(1);
    expect(await fail()).toEqual([]);
    expect(await begin()).toHaveLength(1);
  });
});

describe('the view', () => {
  it('gives back the state that it was made of', async () => {
    const registry = await withVersions('pass', 'fail', 'investigate', 'pass');
    const state = (await registry.read())?.state;
    if (state === undefined) throw new Error('no registry');
    expect(stateOf(viewOf(state, state.models.keys()))).toEqual(state);
    expect(foldEntries(await registry.log.entries(0))).toEqual(state);
  });
});

describe('the version after another', () => {
  it.each([
    [null, '1.0.0'],
    ['1.9.3', '1.10.0'],
    ['1.999999999.0', '2.0.0'],
    ['999999999.999999999.0', '999999999.999999999.1'],
  ])('after %s is %s', (last, next) => {
    expect(versionAfter(last === null ? null : v(last))).toBe(next);
  });

  // Two to the 53rd: the number after it is, to a floating point number, the same.
  it('is never one that cannot be counted on from', () => {
    expect(Version.safeParse('1.9007199254740992.0').success).toBe(false);
  });
});
