/** Policies: which may follow which, and whose signatures count. */
import { describe, expect, it } from 'vitest';
import { keyUnreadable, policyRefused } from '../../registry/faults.ts';
import type { Policy } from '../../registry/schema/policy.ts';
import { isSignedBy, keyIdOf, newKey, signerOf } from '../../registry/trust/keys.ts';
import { expectSuccessor, flawOf } from '../../registry/trust/policy.ts';
import { goodKeys, messageOf, signWord, voicesOf } from '../../registry/trust/signatures.ts';
import { idsOf, policy, SIGNERS, signedBy } from '../fixtures/trust.ts';

const NOW = '2026-11-21T12:00:00.000Z';
const FIRST = policy();
const SECOND = policy({ version: 2 });

describe('the first policy', () => {
  it('is taken when its own root signs it', () => {
    expect(() => expectSuccessor(null, signedBy(FIRST, 'ada', 'grace'), NOW)).not.toThrow();
  });

  it.each<[string, () => void]>([
    ['by one where two must sign', () => expectSuccessor(null, signedBy(FIRST, 'ada'), NOW)],
    ['by one person with two keys', () => expectSuccessor(null, signedBy(FIRST, 'ada', 'adaSecond'), NOW)],
    ['by the same key twice', () => expectSuccessor(null, signedBy(FIRST, 'ada', 'ada'), NOW)],
    ['by a stranger', () => expectSuccessor(null, signedBy(FIRST, 'ada', 'stranger'), NOW)],
    [
      'for another word',
      () =>
        expectSuccessor(
          null,
          { ...signedBy(FIRST, 'ada', 'grace'), policy: policy({ pq: 'required' }) },
          NOW,
        ),
    ],
    ['with number two', () => expectSuccessor(null, signedBy(SECOND, 'ada', 'grace'), NOW)],
    [
      'after its own end',
      () => expectSuccessor(null, signedBy(FIRST, 'ada', 'grace'), '2028-01-01T00:00:00.000Z'),
    ],
  ])('is refused when signed %s', (_, act) => {
    expect(act).toThrowFault(policyRefused);
  });
});

describe('the next policy', () => {
  const others = policy({
    version: 2,
    roles: { ...FIRST.roles, root: { keys: idsOf('kurt'), threshold: 1 } },
  });

  it('needs the thresholds of the old and of the new', () => {
    expect(() => expectSuccessor(FIRST, signedBy(others, 'ada', 'grace', 'kurt'), NOW)).not.toThrow();
    expect(() => expectSuccessor(FIRST, signedBy(others, 'kurt'), NOW)).toThrowFault(policyRefused);
    expect(() => expectSuccessor(FIRST, signedBy(others, 'ada', 'grace'), NOW)).toThrowFault(policyRefused);
  });

  it('skips no number and changes no origin', () => {
    const third = policy({ version: 3 });
    expect(() => expectSuccessor(FIRST, signedBy(third, 'ada', 'grace'), NOW)).toThrowFault(policyRefused);
    const elsewhere = policy({ version: 2, origin: 'local/other' });
    expect(() => expectSuccessor(FIRST, signedBy(elsewhere, 'ada', 'grace'), NOW)).toThrowFault(
      policyRefused,
    );
  });
});

describe('a policy that contradicts itself', () => {
  const [first = ''] = Object.keys(FIRST.keys);
  const role = (name: 'root' | 'log', change: Partial<Policy['roles']['root']>): Policy =>
    policy({ roles: { ...FIRST.roles, [name]: { ...FIRST.roles[name], ...change } } });
  const renamed = Object.fromEntries(
    Object.entries(FIRST.keys).map(([id, key]) => [id === first ? 'ab'.repeat(32) : id, key]),
  );

  it.each<[string, Policy]>([
    ['names a key otherwise than its bytes do', policy({ keys: renamed })],
    ['lists a key twice in a role', role('root', { keys: idsOf('ada', 'ada', 'grace') })],
    [
      'gives a role to a key that it does not list',
      role('root', { keys: idsOf('ada', 'grace', 'stranger') }),
    ],
    ['asks for more voices than there are', role('root', { threshold: 4 })],
    ['asks for two voices of one person', role('root', { keys: idsOf('ada', 'adaSecond'), threshold: 2 })],
    ['seals with an algorithm that notes do not have', role('log', { keys: idsOf('log', 'adaSafe') })],
    ['wants ML-DSA beside Ed25519 and lists none', policy({ pq: 'required' })],
  ])('is refused when it %s', (_, word) => {
    expect(flawOf(word)).not.toBeNull();
  });

  it('is not one that is whole', () => {
    expect(flawOf(FIRST)).toBeNull();
  });
});

describe('with pq required', () => {
  const hybrid = policy({
    pq: 'required',
    roles: {
      ...FIRST.roles,
      root: { keys: idsOf('ada', 'adaSafe'), threshold: 1 },
      log: { keys: idsOf('log', 'logSafe'), threshold: 1 },
    },
  });

  // Never a silent downgrade: either algorithm alone is no voice.
  it('a voice is both algorithms', () => {
    expect(flawOf(hybrid)).toBeNull();
    expect(voicesOf(hybrid, new Set(idsOf('ada')))).toBe(0);
    expect(voicesOf(hybrid, new Set(idsOf('adaSafe')))).toBe(0);
    expect(voicesOf(hybrid, new Set(idsOf('ada', 'adaSafe')))).toBe(1);
    expect(voicesOf(hybrid, new Set(idsOf('log', 'logSafe')))).toBe(1);
    expect(voicesOf(hybrid, new Set(idsOf('ada', 'logSafe')))).toBe(0);
    expect(() => expectSuccessor(null, signedBy(hybrid, 'ada'), NOW)).toThrowFault(policyRefused);
    expect(() => expectSuccessor(null, signedBy(hybrid, 'ada', 'adaSafe'), NOW)).not.toThrow();
  });
});

describe('signatures over words', () => {
  it('are good for one kind of word alone', () => {
    const word = { some: 'word' };
    const signatures = [signWord(SIGNERS.ada, 'policy', word)];
    const keys = idsOf('ada');
    expect(goodKeys(FIRST, keys, { kind: 'policy', word, signatures }).size).toBe(1);
    expect(goodKeys(FIRST, keys, { kind: 'attestation', word, signatures }).size).toBe(0);
    expect(goodKeys(FIRST, [], { kind: 'policy', word, signatures }).size).toBe(0);
  });

  // Oracle: the pre-authentication encoding as the DSSE protocol writes it, worked by hand.
  it('are over the encoding of DSSE', () => {
    expect(messageOf('bundle', { b: 1, a: 'ä' }).toString()).toBe(
      'DSSEv1 37 application/vnd.fettle.bundle.v1+json 16 {"a":"ä","b":1}',
    );
  });
});

describe('a key', () => {
  it.each(['ed25519', 'ml-dsa-44', 'ml-dsa-65'] as const)('of %s signs, and its raw bytes check', (alg) => {
    const signer = signerOf(newKey(alg));
    const message = Buffer.from('message');
    const signature = signer.sign(message);
    expect(isSignedBy(signer.public, { message, signature })).toBe(true);
    expect(isSignedBy(signer.public, { message: Buffer.from('other'), signature })).toBe(false);
    expect(isSignedBy({ ...signer.public, key: 'AAAA' }, { message, signature })).toBe(false);
    expect(keyIdOf(signer.public)).toBe(signer.id);
  });

  it('is not read from what is none, and the message does not repeat it', () => {
    expect(() => signerOf('-----BEGIN secret')).toThrowFault(keyUnreadable);
    expect(() => signerOf('')).toThrowFault(keyUnreadable);
    expect(() => signerOf('-----BEGIN secret')).not.toThrow(/secret/);
  });
});
