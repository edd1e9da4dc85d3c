/** Approvals, attestations and the switch: every way round them that somebody might try. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decideActivation,
  decideAttestation,
  decideResumption,
  decideStop,
} from '../../registry/decide/activate.ts';
import { decideApproval } from '../../registry/decide/approve.ts';
import { tallyNow, tallyOf } from '../../registry/state/approvals.ts';
import { decidePolicyChange } from '../../registry/decide/change-policy.ts';
import type { Registry, RegistryOptions } from '../../registry/decide/execute.ts';
import { decidePromotion } from '../../registry/decide/promote.ts';
import { decideRollBack } from '../../registry/decide/roll-back.ts';
import {
  approvalsMissing,
  approverUnknown,
  attestationRefused,
  policyMissing,
  policyRefused,
  registryStopped,
  signerMissing,
} from '../../registry/faults.ts';
import type { Actor } from '../../registry/schema/event.ts';
import { Version } from '../../registry/schema/model.ts';
import type { Policy, SignedAttestation } from '../../registry/schema/policy.ts';
import type { EventLog } from '../../registry/store/log.ts';
import { memoryLog } from '../../registry/store/memory-log.ts';
import { attestationFlaw } from '../../registry/trust/attestation.ts';
import { signWord } from '../../registry/trust/signatures.ts';
import { candidate, DIGITS, register, registryOn, stateOfDigits } from '../fixtures/registry.ts';
import { ADA, GRACE, idsOf, KURT, policy, SIGNERS, signedBy } from '../fixtures/trust.ts';
import { problemsIn } from '../conformance/event-log.ts';
import { ORIGIN } from '../fixtures/events.ts';

const NOW = '2026-11-21T12:00:00.000Z';
const LATER = '2026-11-30T12:00:00.000Z';
const user = ({ id, login }: typeof ADA): Actor => ({ kind: 'user', id, login });

function opened(log: EventLog, changes: Partial<RegistryOptions> = {}): Registry {
  return registryOn(log, { origin: ORIGIN, signers: [SIGNERS.log, SIGNERS.author], ...changes });
}

const TWO = policy({ approvals: { production: { count: 2, from: null } } });

/** Version 1.0.0 by Ada serves; 1.1.0 by Ada waits for approvals under the policy. */
async function waiting(word: Policy = TWO): Promise<{ readonly log: EventLog; readonly registry: Registry }> {
  const log = memoryLog();
  const registry = opened(log, { actor: user(ADA), visit: 'one' });
  await register(registry, candidate('first', 'pass'));
  await change(registry, word);
  await register(registry, candidate('second', 'pass'));
  return { log, registry };
}

async function change(registry: Registry, word: Policy): Promise<void> {
  const signed = signedBy(word, 'ada', 'grace');
  await registry.execute((state) => decidePolicyChange(state, { signed, origin: ORIGIN, now: NOW }));
}

const ASK = { model: DIGITS, version: Version.parse('1.1.0'), channel: 'production' as const };
const PROMOTE = { ...ASK, waived: [], reason: 'because', now: NOW };

async function approve(log: EventLog, by: Actor, expires = LATER): Promise<void> {
  const registry = opened(log, { actor: by, visit: `approval by ${by.login}` });
  await registry.execute((state) => decideApproval(state, { ...ASK, by, expires }));
}

describe('a promotion where two must approve', () => {
  it('does not happen by itself, nor by hand before they did', async () => {
    const { registry } = await waiting();
    expect((await stateOfDigits(registry)).serving.production).toBe('1.0.0');
    await expect(registry.execute((state) => decidePromotion(state, PROMOTE))).rejects.toThrowFault(
      approvalsMissing,
    );
  });

  it('happens once two others did', async () => {
    const { log, registry } = await waiting();
    await approve(log, user(GRACE));
    await expect(registry.execute((state) => decidePromotion(state, PROMOTE))).rejects.toThrowFault(
      approvalsMissing,
    );
    await approve(log, user(KURT));
    await registry.execute((state) => decidePromotion(state, PROMOTE));
    expect((await stateOfDigits(registry)).serving.production).toBe('1.1.0');
  });

  it.each<[string, Actor]>([
    ['by whoever made the version', user(ADA)],
    ['by a bot', { kind: 'bot', id: 4, login: 'fettle[bot]' }],
    ['by somebody without an account number', { kind: 'local', login: 'grace' }],
  ])('takes no approval %s', async (_, by) => {
    const { log } = await waiting();
    await expect(approve(log, by)).rejects.toThrowFault(approverUnknown);
  });

  it('wants one more where nobody knows the account of who made it, who may be among those who approve', async () => {
    const { log } = await waiting();
    const desk = opened(log, { actor: { kind: 'local', login: 'grace' }, visit: 'at a desk' });
    await register(desk, candidate('third', 'pass'));
    const ask = { ...ASK, version: Version.parse('1.2.0') };
    const yes = async (by: Actor): Promise<unknown> => {
      const registry = opened(log, { actor: by, visit: `desk approval by ${by.login}` });
      return registry.execute((state) => decideApproval(state, { ...ask, by, expires: LATER }));
    };
    await yes(user(GRACE));
    await yes(user(KURT));
    const promotion = { ...PROMOTE, version: ask.version };
    await expect(desk.execute((state) => decidePromotion(state, promotion))).rejects.toThrowFault(
      approvalsMissing,
    );
    expect(tallyNow((await desk.read())!.state, ask, NOW)).toMatchObject({ needed: 3, given: [{}, {}] });
    await yes(user(ADA));
    await desk.execute((state) => decidePromotion(state, promotion));
    expect((await stateOfDigits(desk)).serving.production).toBe('1.2.0');
    expect(await problemsIn(log)).toEqual([]);
  });

  it('counts an account once, whatever it is called meanwhile', async () => {
    const { log, registry } = await waiting();
    await approve(log, user(GRACE));
    await approve(log, user({ id: GRACE.id, login: 'grace-renamed' }));
    expect(tallyOf((await registry.read())!.state, ASK, NOW).given).toHaveLength(1);
  });

  it('does not happen under a policy that has expired, whoever approves', async () => {
    const { log, registry } = await waiting();
    const long = '2028-01-01T00:00:00.000Z';
    await approve(log, user(GRACE), long);
    await approve(log, user(KURT), long);
    const late = { ...PROMOTE, now: '2027-11-21T00:00:00.000Z' };
    await expect(registry.execute((state) => decidePromotion(state, late))).rejects.toThrowFault(
      approvalsMissing,
    );
  });

  it('counts only those whom the policy names when it is counted', async () => {
    const { log, registry } = await waiting();
    await approve(log, user(GRACE));
    await approve(log, user(KURT));
    const from = [GRACE.id];
    await change(registry, { ...TWO, version: 2, approvals: { production: { count: 2, from } } });
    await expect(registry.execute((state) => decidePromotion(state, PROMOTE))).rejects.toThrowFault(
      approvalsMissing,
    );
  });

  it('forgets approvals when they expire, and when anything that was approved changes', async () => {
    const { log, registry } = await waiting();
    await approve(log, user(GRACE));
    await approve(log, user(KURT));
    const late = { ...PROMOTE, now: '2026-12-24T00:00:00.000Z' };
    await expect(registry.execute((state) => decidePromotion(state, late))).rejects.toThrowFault(
      approvalsMissing,
    );
    await register(registry, candidate('third', 'pass'));
    await expect(registry.execute((state) => decidePromotion(state, PROMOTE))).rejects.toThrowFault(
      approvalsMissing,
    );
  });

  it('is no approval for another version or channel', async () => {
    const { log, registry } = await waiting();
    await approve(log, user(GRACE));
    await approve(log, user(KURT));
    const { state } = (await registry.read())!;
    expect(tallyOf(state, ASK, NOW).given).toHaveLength(2);
    expect(tallyOf(state, { ...ASK, version: Version.parse('1.0.0') }, NOW).given).toHaveLength(0);
    expect(tallyOf(state, { ...ASK, channel: 'staging' }, NOW).needed).toBeNull();
  });

  it('is asked for by the run itself where no policy asks, and counted whenever it is promoted', async () => {
    const log = memoryLog();
    const registry = opened(log, { actor: user(ADA), visit: 'one' });
    await register(registry, candidate('first', 'pass'));
    await register(registry, candidate('second', 'pass', { demanded: 1 }));
    expect((await stateOfDigits(registry)).serving.production).toBe('1.0.0');
    const promoted = () => registry.execute((state) => decidePromotion(state, PROMOTE));
    await expect(promoted()).rejects.toThrowFault(approvalsMissing);
    await expect(approve(log, user(ADA))).rejects.toThrowFault(approverUnknown);
    await approve(log, user(GRACE));
    await promoted();
    expect((await stateOfDigits(registry)).serving.production).toBe('1.1.0');
    expect(await problemsIn(log)).toEqual([]);
  });

  it('has nothing to be judged by without a policy', async () => {
    const log = memoryLog();
    await register(opened(log), candidate('first', 'pass'));
    await expect(approve(log, user(GRACE))).rejects.toThrow();
    const ask = { ...ASK, version: Version.parse('1.0.0'), by: user(GRACE), expires: LATER };
    await expect(opened(log).execute((state) => decideApproval(state, ask))).rejects.toThrowFault(
      policyMissing,
    );
  });
});

describe('keys that a policy asks for', () => {
  it('are wanted before anything is written', async () => {
    const { log } = await waiting();
    const size = (await log.read())?.head.size;
    const without = opened(log, { signers: [] });
    await expect(register(without, candidate('x', 'pass'))).rejects.toThrowFault(signerMissing);
    expect((await log.read())?.head.size).toBe(size);
  });

  it('are not given up by a policy for another registry', async () => {
    const { registry } = await waiting();
    const signed = signedBy(policy({ version: 2, origin: 'local/other' }), 'ada', 'grace');
    const ask = { signed, origin: ORIGIN, now: NOW };
    await expect(registry.execute((state) => decidePolicyChange(state, ask))).rejects.toThrowFault(
      policyRefused,
    );
  });
});

const INERT = policy({
  inert: { 'paper-trading': { people: 2 } },
  roles: { ...policy().roles, author: { keys: idsOf('author') } },
});

function attested(
  changes: Partial<SignedAttestation['attestation']>,
  ...names: readonly (keyof typeof SIGNERS)[]
): SignedAttestation {
  const attestation = {
    origin: ORIGIN,
    module: 'paper-trading',
    licences: ['MIT'],
    expires: LATER,
    ...changes,
  };
  return {
    attestation,
    signatures: names.map((name) => signWord(SIGNERS[name], 'attestation', attestation)),
  };
}

async function inert(): Promise<Registry> {
  const registry = opened(memoryLog());
  await register(registry, candidate('first', 'pass'));
  await change(registry, INERT);
  return registry;
}

describe('a module that was declared inert', () => {
  it('acts once two people attested it, and every attempt is recorded', async () => {
    const registry = await inert();
    const attempt = () =>
      registry.execute((state) => decideActivation(state, { module: 'paper-trading', now: NOW }).deeds);
    await attempt();
    const signed = attested({}, 'ada', 'grace');
    await registry.execute((state) => decideAttestation(state, { signed, now: NOW }));
    await attempt();
    const { trust } = (await registry.read())!.state;
    expect(trust.attempts.map(({ allowed }) => allowed)).toEqual([false, true]);
  });

  it('stops to act when the attestation ends, and at once when everything is stopped', async () => {
    const registry = await inert();
    const signed = attested({}, 'ada', 'grace');
    await registry.execute((state) => decideAttestation(state, { signed, now: NOW }));
    const allowed = async (now: string): Promise<boolean> =>
      decideActivation((await registry.read())!.state, { module: 'paper-trading', now }).allowed;
    expect([await allowed(NOW), await allowed('2026-12-01T00:00:00.000Z')]).toEqual([true, false]);
    await registry.execute((state) => decideStop(state, 'a drill'));
    expect(await allowed(NOW)).toBe(false);
    await registry.execute((state) => decideResumption(state, 'it is over'));
    expect(await allowed(NOW)).toBe(true);
  });

  it('stays inert until both have signed with both algorithms, where the policy asks for both', () => {
    const word = policy({
      pq: 'required',
      inert: { 'paper-trading': { people: 2 } },
      roles: {
        root: { keys: idsOf('ada', 'adaSafe'), threshold: 1 },
        log: { keys: idsOf('log', 'logSafe'), threshold: 1 },
        author: { keys: idsOf('grace') },
        witness: { keys: [], threshold: 0 },
      },
    });
    expect(attestationFlaw(word, attested({}, 'ada', 'grace'), NOW)).toMatch(/2 people must sign, 0 did/);
    const flaw = attestationFlaw(word, attested({}, 'ada', 'adaSafe', 'grace'), NOW);
    expect(flaw).toMatch(/2 people must sign, 1 did/);
  });

  // Whatever is handed in short of two people's good signatures over exactly this statement leaves it inert.
  it('stays inert whatever else is handed in', async () => {
    const registry = await inert();
    const { state } = (await registry.read())!;
    const signers = fc.subarray(['ada', 'adaSecond', 'log', 'author', 'stranger'] as const);
    const changes = fc.record(
      {
        origin: fc.constantFrom(ORIGIN, 'local/other'),
        module: fc.constantFrom('paper-trading', 'other'),
        expires: fc.constantFrom(LATER, '2020-01-01T00:00:00.000Z'),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(signers, changes, fc.boolean(), (names, change_, swap) => {
        const signed = attested(change_, ...names);
        const [first] = signed.signatures;
        const signatures =
          first === undefined
            ? signed.signatures
            : [...signed.signatures, { ...first, keyid: SIGNERS.grace.id }];
        const handed = { ...signed, signatures: swap ? signatures : signed.signatures };
        expect(() => decideAttestation(state, { signed: handed, now: NOW })).toThrowFault(attestationRefused);
      }),
    );
    expect(decideActivation(state, { module: 'paper-trading', now: NOW }).allowed).toBe(false);
    expect(decideActivation(state, { module: 'never-declared', now: NOW }).allowed).toBe(false);
  });
});

describe('a version that was taken back', () => {
  const back = {
    model: DIGITS,
    channel: 'production' as const,
    from: null,
    automatic: false,
    evidence: null,
  };
  const again = { ...back, to: Version.parse('1.1.0'), reason: 'again' };

  /** Version 1.1.0 was served before anybody asked for approvals, and taken back. */
  async function takenBack(): Promise<Registry> {
    const registry = opened(memoryLog(), { actor: user(ADA) });
    await register(registry, candidate('first', 'pass'));
    await register(registry, candidate('second', 'pass'));
    await registry.execute((state) => decideRollBack(state, { ...back, to: null, reason: 'wrong' }));
    return registry;
  }

  it('does not come back past approvals by another rollback', async () => {
    const registry = await takenBack();
    await change(registry, TWO);
    await expect(registry.execute((state) => decideRollBack(state, again))).rejects.toThrowFault(
      approvalsMissing,
    );
  });

  it('does not come back while everything is stopped, and does once nothing is', async () => {
    const registry = await takenBack();
    await registry.execute((state) => decideStop(state, 'it is dangerous'));
    await expect(registry.execute((state) => decideRollBack(state, again))).rejects.toThrowFault(
      registryStopped,
    );
    await registry.execute((state) => decideResumption(state, 'it was not'));
    await registry.execute((state) => decideRollBack(state, again));
    expect((await stateOfDigits(registry)).serving.production).toBe('1.1.0');
  });
});

describe('the switch', () => {
  it('stops promotions by gates and by hand, but never a rollback', async () => {
    const log = memoryLog();
    const registry = opened(log);
    await register(registry, candidate('first', 'pass'));
    await register(registry, candidate('second', 'pass'));
    await registry.execute((state) => decideStop(state, 'a drill'));
    expect(await registry.execute((state) => decideStop(state, 'again'))).toEqual([]);
    await register(registry, candidate('third', 'pass'));
    expect((await stateOfDigits(registry)).serving.production).toBe('1.1.0');
    const by = { ...PROMOTE, version: Version.parse('1.0.0') };
    await expect(registry.execute((state) => decidePromotion(state, by))).rejects.toThrowFault(
      registryStopped,
    );
    const back = { model: DIGITS, channel: 'production' as const, to: null, from: null, automatic: false };
    await registry.execute((state) => decideRollBack(state, { ...back, reason: 'wrong', evidence: null }));
    expect((await stateOfDigits(registry)).serving.production).toBe('1.0.0');
  });
});
