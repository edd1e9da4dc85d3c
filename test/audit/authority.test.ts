/** Verification against whoever has every key of the log: a good signature is no leave to do what the rules forbid. */
import { describe, expect, it } from 'vitest';
import { verifyLog } from '../../registry/audit/verify.ts';
import { decideStop } from '../../registry/decide/activate.ts';
import { decideApproval } from '../../registry/decide/approve.ts';
import { decidePolicyChange } from '../../registry/decide/change-policy.ts';
import type { Registry, RegistryOptions } from '../../registry/decide/execute.ts';
import { decidePromotion } from '../../registry/decide/promote.ts';
import { keptBundle } from '../../registry/decide/sign.ts';
import { approverUnknown, signerMissing } from '../../registry/faults.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import { eventId } from '../../registry/schema/entry.ts';
import type { Actor, Deed, RegistryEvent } from '../../registry/schema/event.ts';
import { Version } from '../../registry/schema/model.ts';
import type { Policy } from '../../registry/schema/policy.ts';
import { evolve, REDUCER } from '../../registry/state/fold.ts';
import { stateOf, viewOf } from '../../registry/state/view.ts';
import type { EventLog } from '../../registry/store/log.ts';
import { memoryLog } from '../../registry/store/memory-log.ts';
import type { Signer } from '../../registry/trust/keys.ts';
import { signNote } from '../../registry/trust/note.ts';
import { signWord } from '../../registry/trust/signatures.ts';
import { eventOf, idemFor, ORIGIN } from '../fixtures/events.ts';
import { candidate, DIGITS, register, registryOn } from '../fixtures/registry.ts';
import { ADA, GRACE, idsOf, policy, SIGNERS, signedBy } from '../fixtures/trust.ts';

const NOW = '2026-11-22T00:00:00.000Z';
const LATER = '2026-11-30T00:00:00.000Z';
const VERSION = Version.parse('1.1.0');
const ASK = { model: DIGITS, version: VERSION, channel: 'production' as const };
const user = ({ id, login }: typeof ADA): Actor => ({ kind: 'user', id, login });
const ONE = policy({
  approvals: { production: { count: 1, from: null } },
  inert: { 'paper-trading': { people: 2 } },
});

interface World {
  readonly log: EventLog;
  readonly registry: Registry;
  open(changes: Partial<RegistryOptions>): Registry;
  codes(): Promise<readonly string[]>;
}

async function waiting(word: Policy | null = ONE): Promise<World> {
  const files = new Map<string, string>();
  const open = (changes: Partial<RegistryOptions>): Registry =>
    registryOn(memoryLog(files), {
      origin: ORIGIN,
      signers: [SIGNERS.log, SIGNERS.author],
      tell: (state, place) => new Map([['README.md', readmeOf(state, place)]]),
      ...changes,
    });
  const registry = open({ actor: user(ADA), visit: 'begin' });
  await register(registry, candidate('first', 'pass'));
  if (word !== null) {
    const ask = { signed: signedBy(word, 'ada', 'grace'), origin: ORIGIN, now: NOW };
    await registry.execute((state) => decidePolicyChange(state, ask));
  }
  await register(registry, candidate('second', 'pass'));
  return {
    log: memoryLog(files),
    registry,
    open,
    async codes() {
      const ask_ = { pin: null, extent: 'all', witnessed: [], now: NOW, readme: readmeOf } as const;
      const found = await verifyLog({ log: memoryLog(files), ...ask_ });
      return found?.verdict === 'DAMAGED' ? found.problems.map(({ code }) => code) : [found?.verdict ?? ''];
    },
  };
}

function promoted(version: string, replaces: string): Deed {
  const [to, before] = [Version.parse(version), Version.parse(replaces)];
  const how = { automatic: false, waived: [], reason: 'mine' };
  return {
    type: 'model.promoted',
    subject: DIGITS,
    body: { version: to, channel: 'production', replaces: before, ...how },
  };
}

/** Past every check of a writer, with the log's own seal. */
async function appended(log: EventLog, event: RegistryEvent, author: Signer): Promise<void> {
  const { head, view } = (await log.read())!;
  const bundle = { origin: ORIGIN, events: [eventId(event)] };
  const kept = keptBundle({ bundle, signatures: [signWord(author, 'bundle', bundle)] }, [event]);
  const after = evolve(stateOf(view), { seq: head.size, event });
  const page = readmeOf(after, { origin: ORIGIN, size: head.size + 1 });
  await log.append({
    expected: head,
    events: [event],
    bundles: [kept],
    view: new Map([...viewOf(after, [DIGITS]), ['README.md', page]]),
    reducer: REDUCER,
    seal: (checkpoint) => signNote(checkpoint, { signers: [SIGNERS.log], name: ORIGIN, time: 0 }),
  });
}

describe('whoever has every key of the log', () => {
  it('does what the rules allow', async () => {
    const { registry, open, codes } = await waiting();
    const by = user(GRACE);
    const grace = open({ actor: by, visit: 'grace' });
    await grace.execute((state) => decideApproval(state, { ...ASK, by, expires: LATER }));
    const ask = { ...ASK, waived: [], reason: 'approved', now: NOW };
    await registry.execute((state) => decidePromotion(state, ask));
    expect(await codes()).toEqual(['UNPINNED']);
  });

  it.each<[string, Deed]>([
    ['promotes past approvals', promoted('1.1.0', '1.0.0')],
    [
      'lets a module act that nobody attested',
      {
        type: 'activation.tried',
        subject: 'registry',
        body: { module: 'paper-trading', allowed: true, reason: 'mine' },
      },
    ],
    [
      'goes back to what never served',
      {
        type: 'model.rolled-back',
        subject: DIGITS,
        body: {
          channel: 'production',
          from: Version.parse('1.0.0'),
          to: VERSION,
          automatic: false,
          reason: 'mine',
          evidence: null,
        },
      },
    ],
  ])('is found when it %s', async (_, deed) => {
    const { registry, codes } = await waiting();
    await registry.execute(() => [deed]);
    expect(await codes()).toEqual(['authority']);
  });

  it('is found when it promotes while everything is stopped', async () => {
    const { registry, codes } = await waiting(policy());
    await registry.execute((state) => decideStop(state, 'a drill'));
    await register(registry, candidate('third', 'pass'));
    await registry.execute(() => [promoted('1.2.0', '1.1.0')]);
    expect(await codes()).toEqual(['authority']);
  });
});

describe('a first policy', () => {
  it('is found when it was signed for another registry', async () => {
    const other = { ...ONE, origin: 'local/other' };
    const { registry, codes } = await waiting(null);
    const body = signedBy(other, 'ada', 'grace');
    await registry.execute(() => [{ type: 'policy.changed', subject: 'registry', body }]);
    expect(await codes()).toEqual(['policy']);
  });
});

describe('an author’s key that a later policy names no more', () => {
  const named = (version: number, ...names: readonly ('author' | 'ada')[]): Policy => ({
    ...policy({ version, roles: { ...policy().roles, author: { keys: idsOf(...names) } } }),
  });

  it('vouches for what was before, and for nothing after', async () => {
    const { log, registry, open, codes } = await waiting(named(1, 'author'));
    const next = { signed: signedBy(named(2, 'ada'), 'ada', 'grace'), origin: ORIGIN, now: NOW };
    await registry.execute((state) => decidePolicyChange(state, next));
    expect(await codes()).toEqual(['UNPINNED']);
    // Its own writer refuses; so somebody with the log's key appends it by hand.
    const old = open({ visit: 'old' });
    await expect(old.execute((state) => decideStop(state, 'late'))).rejects.toThrowFault(signerMissing);
    await appended(log, eventOf('switch.thrown', {}, { idem: idemFor('late') }), SIGNERS.author);
    expect(await codes()).toEqual(['author']);
  });
});

describe('whoever has an author’s key of their own', () => {
  const by = user(GRACE);
  const word = { ...ONE, roles: { ...ONE.roles, author: { keys: idsOf('author', 'ada') } } };

  it('signs no approval of somebody else', async () => {
    const { open } = await waiting(word);
    const ada = open({ actor: by, visit: 'ada', signers: [SIGNERS.log, SIGNERS.ada] });
    await expect(
      ada.execute((state) => decideApproval(state, { ...ASK, by, expires: LATER })),
    ).rejects.toThrowFault(approverUnknown);
  });

  it('is found when it did', async () => {
    const { log, codes } = await waiting(word);
    const { view } = (await log.read())!;
    const before = stateOf(view);
    const [given] = decideApproval(before, { ...ASK, by, expires: LATER });
    const event = eventOf('approval.given', given!.body as never, { by, idem: idemFor('grace') });
    await appended(log, event, SIGNERS.ada);
    expect(await codes()).toEqual(['author']);
  });
});
