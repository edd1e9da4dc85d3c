/** Makes the golden registry of the present format: run once a format, never again; the tests read what it left. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  decideActivation,
  decideAttestation,
  decideResumption,
  decideStop,
} from '../../registry/decide/activate.ts';
import { decideApproval } from '../../registry/decide/approve.ts';
import { decidePolicyChange } from '../../registry/decide/change-policy.ts';
import { decidePromotion } from '../../registry/decide/promote.ts';
import { decideRetirement } from '../../registry/decide/retire.ts';
import { decideRollBack } from '../../registry/decide/roll-back.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import { ModelName, Version } from '../../registry/schema/model.ts';
import type { SignedAttestation } from '../../registry/schema/policy.ts';
import { gitInbox } from '../../registry/store/git-inbox.ts';
import { gitLog } from '../../registry/store/git-log.ts';
import { signWord } from '../../registry/trust/signatures.ts';
import { ORIGIN } from '../fixtures/events.ts';
import { candidate, DIGITS, register, registryOn, ticking } from '../fixtures/registry.ts';
import { ADA, GRACE, idsOf, policy, SIGNERS, signedBy } from '../fixtures/trust.ts';

const NOW = '2026-11-21T12:00:00.000Z';
const LATER = '2026-12-21T12:00:00.000Z';
const folder = mkdtempSync(path.join(tmpdir(), 'fettle-golden-'));
const git = (...words: readonly string[]): string =>
  execFileSync('git', ['-C', folder, ...words], { encoding: 'utf8' });
git('init', '--quiet', '.');

const registry = registryOn(
  gitLog({ folder, remote: null, author: { name: 'Ada', email: 'ada@example.org' } }),
  {
    origin: ORIGIN,
    visit: 'golden',
    now: ticking(),
    actor: { kind: 'user', ...ADA },
    signers: [SIGNERS.log, SIGNERS.author],
    tell: (state, place) => new Map([['README.md', readmeOf(state, place)]]),
  },
);
const word = policy({
  roles: { ...policy().roles, author: { keys: idsOf('author') } },
  approvals: { staging: { count: 1, from: null } },
  inert: { 'paper-trading': { people: 2 } },
});
const attestation = { origin: ORIGIN, module: 'paper-trading', licences: ['MIT'], expires: LATER };
const signed: SignedAttestation = {
  attestation,
  signatures: (['ada', 'grace'] as const).map((name) => signWord(SIGNERS[name], 'attestation', attestation)),
};
const ask = { model: DIGITS, version: Version.parse('1.1.0'), channel: 'staging' as const };
const inbox = gitInbox({ folder, remote: null });

let count = 0;
for (const answer of ['pass', 'pass', 'fail', 'investigate', 'pass'] as const) {
  await register(registry, candidate(`digits ${count++}`, answer));
}
await registry.execute((state) =>
  decidePolicyChange(state, { signed: signedBy(word, 'ada', 'grace'), origin: ORIGIN, now: NOW }),
);
for (let index = 0; index < 12; index++) {
  await register(
    registry,
    candidate(`cats ${index}`, index % 4 === 3 ? 'fail' : 'pass', { model: ModelName.parse('cats') }),
  );
}
const back = {
  model: DIGITS,
  channel: 'production' as const,
  to: null,
  from: null,
  automatic: false,
  evidence: null,
};
await registry.execute((state) => decideRollBack(state, { ...back, reason: 'worse in service' }));
await registry.execute((state) => decideAttestation(state, { signed, now: NOW }));
await registry.execute((state) => decideActivation(state, { module: 'paper-trading', now: NOW }).deeds);
await registry.execute((state) => decideStop(state, 'a drill'));
await registry.execute((state) => decideResumption(state, 'it is over'));
await inbox.offer('2026-11-21', 'no parcel at all\n');
await registry.fold(inbox);
const by = { kind: 'user', ...GRACE } as const;
const grace = registryOn(registry.log, {
  origin: ORIGIN,
  visit: 'grace',
  now: ticking(Date.parse(NOW)),
  actor: by,
  signers: [SIGNERS.log, SIGNERS.author],
  tell: (state, place) => new Map([['README.md', readmeOf(state, place)]]),
});
await grace.execute((state) => decideApproval(state, { ...ask, by, expires: LATER }));
await grace.execute((state) => decidePromotion(state, { ...ask, waived: [], reason: 'try it', now: NOW }));
await register(registry, candidate('old', 'pass', { model: ModelName.parse('old/model') }));
await registry.execute((state) =>
  decideRetirement(state, { model: ModelName.parse('old/model'), reason: 'no longer needed' }),
);

const view = await registry.read();
const models = Object.fromEntries(
  [...(view?.state.models.values() ?? [])].map(({ model, versionCount, serving, retired }) => [
    model,
    { versionCount, serving, retired: retired !== null },
  ]),
);
const snapshot = await registry.log.read([]);
const types = [...new Set((await registry.log.entries(0)).map(({ envelope }) => envelope.type))].sort();
git('bundle', 'create', '--quiet', path.join(import.meta.dirname, 'format-1.bundle'), 'fettle/registry');
const told = { size: view?.size, checkpoint: snapshot?.checkpoint, types, models };
writeFileSync(path.join(import.meta.dirname, 'format-1.json'), `${JSON.stringify(told, null, 2)}\n`);
