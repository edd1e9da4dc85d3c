/** A registry in a repository with code of its own: two models, one of them rolled back, another retired and begun anew. */
import { decidePromotion } from '../../registry/decide/promote.ts';
import { decideRetirement } from '../../registry/decide/retire.ts';
import { decideRollBack } from '../../registry/decide/roll-back.ts';
import { ModelName, Version, type Channel } from '../../registry/schema/model.ts';
import { gitLog } from '../../registry/store/git-log.ts';
import type { EventLog } from '../../registry/store/log.ts';
import type { Registry } from '../../registry/decide/execute.ts';
import type { Answer } from '../../registry/schema/verdict.ts';
import { candidate, register, registryOn } from '../fixtures/registry.ts';
import { git, temporaryRepository } from '../temporary.ts';

export const DIGITS = ModelName.parse('digits');
export const OLD = ModelName.parse('old/model');

export interface Filled {
  readonly folder: string;
  readonly log: EventLog;
  readonly registry: Registry;
}

export function emptyRegistry(...options: readonly string[]): Filled {
  const folder = temporaryRepository(...options);
  const log = gitLog({ folder, remote: null, author: { name: 'Ada', email: 'ada@example.com' } });
  return { folder, log, registry: registryOn(log) };
}

let made = 0;

/** A new version of the model, made from the code at the commit; a commit of its own unless one is named. */
export async function train(
  { folder, registry }: Filled,
  model: ModelName,
  { answer = 'pass', commit }: { readonly answer?: Answer; readonly commit?: string | null } = {},
): Promise<void> {
  const word = `run ${made++}`;
  if (commit === undefined) git(folder, 'commit', '--quiet', '--allow-empty', '--message', word);
  const given = candidate(word, answer, { model });
  const code = commit === undefined ? git(folder, 'rev-parse', 'HEAD') : commit;
  await register(registry, { ...given, lineage: { ...given.lineage, commit: code } });
}

export async function promote(
  { registry }: Filled,
  model: ModelName,
  ask: { readonly version: string; readonly channel: Channel },
): Promise<void> {
  const version = Version.parse(ask.version);
  const words = {
    model,
    version,
    channel: ask.channel,
    waived: ['no-regression'],
    reason: 'by hand',
    now: '2026-11-21T12:00:00.000Z',
  };
  await registry.execute((state) => decidePromotion(state, words));
}

export async function rollBack({ registry }: Filled, model: ModelName): Promise<void> {
  const words = { model, channel: 'production', to: null, from: null, reason: 'worse in service' } as const;
  await registry.execute((state) => decideRollBack(state, { ...words, automatic: false, evidence: null }));
}

export async function retire({ registry }: Filled, model: ModelName): Promise<void> {
  await registry.execute((state) => decideRetirement(state, { model, reason: 'replaced' }));
}

export async function filledRegistry(): Promise<Filled> {
  const filled = emptyRegistry();
  await train(filled, DIGITS);
  await train(filled, DIGITS);
  // The same code again, as when only the data is new.
  await train(filled, DIGITS, { commit: git(filled.folder, 'rev-parse', 'HEAD') });
  await train(filled, DIGITS, { answer: 'fail' });
  await rollBack(filled, DIGITS);
  await promote(filled, DIGITS, { version: '1.2.0', channel: 'staging' });
  await train(filled, OLD, { commit: null });
  await train(filled, OLD, { commit: '0123456789abcdef0123456789abcdef01234567' });
  await promote(filled, OLD, { version: '1.1.0', channel: 'candidate' });
  return filled;
}
