/** Facts that cannot all be true and that no strategy settles: one issue for people, rewritten until none is left. */
import { examined } from '../../pipelines/contradictions/examine.ts';
import { settingsOf } from '../../pipelines/settings/read.ts';
import { SETTINGS_FILE, type Settings } from '../../pipelines/settings/settings.ts';
import { digestOf } from '../../registry/base/digest.ts';
import type { RegistryState } from '../../registry/schema/state.ts';
import { rulesOf } from '../github/contents.ts';
import { issueMarked, openIssue, rewriteIssue } from '../github/issues.ts';
import type { Place } from '../github/place.ts';
import { contradictionsText, MARK } from './contradiction-text.ts';
import type { Desk } from './event.ts';

export interface ContradictionsAsk {
  readonly place: Place;
  readonly repository: number;
  readonly state: RegistryState;
}

/** Written again only when something changed since it was written last. */
export async function tellContradictions(
  desk: Desk,
  { place, repository, state }: ContradictionsAsk,
): Promise<void> {
  const settings = await settingsAt(place);
  if (settings === null) return;
  const { open } = examined({ state, settings, now: desk.now() });
  const body = contradictionsText(open);
  const key = `contradictions-${repository}`;
  const mark = digestOf(body);
  if (desk.steps.recall(key) === mark) return;
  const found = await issueMarked(place, { self: desk.self, marker: MARK });
  if (found !== null) await rewriteIssue(place, found.number, body);
  else if (open.length > 0) {
    await openIssue(place, { title: 'Facts that contradict each other', body });
  }
  await desk.steps.note({ key, at: desk.now(), value: mark });
}

/** Null where they cannot be read, which a check on the file tells of. */
async function settingsAt(place: Place): Promise<Settings | null> {
  const { settings } = await rulesOf(place, SETTINGS_FILE);
  try {
    return settingsOf(settings ?? '');
  } catch {
    return null;
  }
}
