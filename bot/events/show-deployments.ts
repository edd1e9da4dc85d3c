/** What serves, as Deployments: shown when it is decided, and again from state where that was cut off. */
import { randomUUID } from 'node:crypto';
import { FettleError } from '../../registry/base/fault.ts';
import { githubRefused } from '../faults.ts';
import { deployedOf } from '../commands/promoting.ts';
import type { Deployed } from '../commands/command.ts';
import { deploy } from '../github/deployments.ts';
import { claimLock, findLock, releaseLock } from '../github/locks.ts';
import type { Place, Repository } from '../github/place.ts';
import { servingIn } from '../../registry/report/story.ts';
import type { ModelState, RegistryState } from '../../registry/schema/state.ts';
import type { Desk } from './event.ts';

export interface ShowAsk {
  readonly place: Place;
  readonly deployed: Deployed;
  /** Where the version was made outside a commit. */
  readonly branch: string;
}

/** One environment per channel, which several models share, so that one of them leaves the others as they are. */
export async function showDeployment(desk: Desk, { place, deployed, branch }: ShowAsk): Promise<void> {
  const { model, version, channel, commit, artifacts, seq } = deployed;
  const ask = {
    ref: commit ?? branch,
    environment: channel,
    task: `fettle:${model}`,
    description: `${model}@${version} to ${channel}`,
    payload: { model, version, channel, artifacts, seq },
    isProduction: channel === 'production',
  };
  await deploy(place, ask, desk.self.login);
}

/** Whoever decided it shows it in this time; older ones than the second are history. */
const AT_WORK_MS = 2 * 60_000;
const FRESH_MS = 3 * 24 * 3600 * 1000;

/** A lock that is as old was left by a crash. */
const STALE_MS = 15 * 60_000;

export interface MissingAsk {
  readonly repository: Repository;
  readonly state: RegistryState;
}

/** Of what serves now and was decided lately, by whatever hand, each once. */
export async function showMissing(desk: Desk, { repository, state }: MissingAsk): Promise<void> {
  const now = Date.parse(desk.now());
  for (const known of state.models.values()) {
    for (const deployed of lately(known, now)) {
      const key = `deployment-${repository.id}/${known.model}/${deployed.seq}`;
      if (desk.steps.recall(key) !== undefined) continue;
      const ask = { place: desk.place(repository), deployed, branch: repository.defaultBranch };
      const was = await tried(desk, key, ask);
      if (was !== 'put off') await desk.steps.note({ key, at: desk.now(), value: was });
    }
  }
}

/** Decoration: what GitHub does not answer now, the next look asks again. */
async function tried(desk: Desk, key: string, ask: ShowAsk): Promise<'shown' | 'refused' | 'put off'> {
  try {
    return (await alone(desk, ask.place, { key, act: () => showDeployment(desk, ask) }))
      ? 'shown'
      : 'put off';
  } catch (error) {
    desk.remark(`deployment: ${error instanceof Error ? error.message : String(error)}`);
    return error instanceof FettleError && error.code === githubRefused.code ? 'refused' : 'put off';
  }
}

function lately(known: ModelState, now: number): readonly Deployed[] {
  return servingIn(known).flatMap(([channel, version]) => {
    const deployed = deployedOf(known, { version, channel, reason: '' });
    const decision = known.decisions.find(({ seq }) => seq === deployed.seq);
    const age = now - Date.parse(decision?.at ?? '');
    return age >= AT_WORK_MS && age <= FRESH_MS ? [deployed] : [];
  });
}

interface Alone {
  readonly key: string;
  act(): Promise<void>;
}

/** Two processes of the app may look at the same moment. @returns whether it was done here */
async function alone(desk: Desk, place: Place, { key, act }: Alone): Promise<boolean> {
  const name = key.replaceAll('/', '-');
  const [since, claim] = [desk.now(), randomUUID()];
  const owner = { id: 0, login: desk.self.login };
  const mine = { name, owner, reason: 'shows a Deployment', claim, since };
  const before = await findLock(place, name);
  if (before.kind === 'held' && Date.parse(since) - Date.parse(before.lock.since) > STALE_MS) {
    await releaseLock(place, before.lock);
  }
  const found = await claimLock(place, mine);
  if (found.kind !== 'held' || found.lock.claim !== claim) return false;
  try {
    await act();
    return true;
  } finally {
    await releaseLock(place, mine);
  }
}
