/** Makes the golden registry of three epochs in the present format: run once a format, never again. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decideStop, decideResumption } from '../../registry/decide/activate.ts';
import { decidePolicyChange } from '../../registry/decide/change-policy.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import { ModelName } from '../../registry/schema/model.ts';
import { gitLog } from '../../registry/store/git-log.ts';
import { ORIGIN } from '../fixtures/events.ts';
import { candidate, register, registryOn, ticking } from '../fixtures/registry.ts';
import { ADA, idsOf, policy, SIGNERS, signedBy } from '../fixtures/trust.ts';

const NOW = '2026-11-21T12:00:00.000Z';
const folder = mkdtempSync(path.join(tmpdir(), 'fettle-golden-'));
const git = (...words: readonly string[]): string =>
  execFileSync('git', ['-C', folder, ...words], { encoding: 'utf8' });
git('init', '--quiet', '.');

const registry = registryOn(
  gitLog({ folder, remote: null, author: { name: 'Ada', email: 'ada@example.org' } }),
  {
    origin: ORIGIN,
    visit: 'golden epochs',
    now: ticking(),
    actor: { kind: 'user', ...ADA },
    signers: [SIGNERS.log, SIGNERS.author],
    tell: (state, place) => new Map([['README.md', readmeOf(state, place)]]),
  },
);

const roles = { ...policy().roles, author: { keys: idsOf('author') } };
for (const epoch of [1, 2, 3]) {
  const signed = signedBy(policy({ version: epoch, roles }), 'ada', 'grace');
  await registry.execute((state) => decidePolicyChange(state, { signed, origin: ORIGIN, now: NOW }));
  for (let index = 0; index < (epoch === 3 ? 2 : 12); index++) {
    const model = ModelName.parse(index % 3 === 0 ? 'cats' : 'digits');
    const answer = index % 5 === 4 ? 'fail' : 'pass';
    await register(registry, candidate(`${epoch} ${index}`, answer, { model }));
  }
  await registry.execute((state) => decideStop(state, 'a drill'));
  await registry.execute((state) => decideResumption(state, 'it is over'));
  if (epoch < 3) await registry.beginEpoch();
}

const view = await registry.read();
const models = Object.fromEntries(
  [...(view?.state.models.values() ?? [])].map(({ model, versionCount, serving, retired }) => [
    model,
    { versionCount, serving, retired: retired !== null },
  ]),
);
const snapshot = await registry.log.read([]);
const types = [...new Set((await registry.log.entries(0)).map(({ envelope }) => envelope.type))].sort();
const name = path.join(import.meta.dirname, 'format-1-epochs');
git('bundle', 'create', '--quiet', `${name}.bundle`, 'fettle/registry');
const told = { size: view?.size, checkpoint: snapshot?.checkpoint, types, models };
writeFileSync(`${name}.json`, `${JSON.stringify(told, null, 2)}\n`);
