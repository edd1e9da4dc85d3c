/** Facts that cannot all be true and that no strategy settles: one issue for people, rewritten until none is left. */
import { examined } from '../../pipelines/contradictions/examine.ts';
import type { Resolution } from '../../pipelines/contradictions/resolve.ts';
import { settingsOf } from '../../pipelines/settings/read.ts';
import { SETTINGS_FILE, type Settings } from '../../pipelines/settings/settings.ts';
import { digestOf } from '../../registry/base/digest.ts';
import { counted, markdown } from '../../registry/report/words.ts';
import type { RegistryState } from '../../registry/schema/state.ts';
import { rulesOf } from '../github/contents.ts';
import { issueMarked, openIssue, rewriteIssue } from '../github/issues.ts';
import type { Place } from '../github/place.ts';
import type { Desk } from './event.ts';

const MARK = '<!-- fettle:contradictions -->';

/** Of a body that a person can still read. */
const TOLD_MOST = 20;

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
  const body = open.length === 0 ? `${MARK}\nNothing is left to decide; close this.` : bodyOf(open);
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

function bodyOf(open: readonly Resolution[]): string {
  const more = open.length - TOLD_MOST;
  return [
    MARK,
    `${counted(open.length, 'contradiction')} between what the registry and the settings say, which only people can settle:`,
    ...open.slice(0, TOLD_MOST).map(sectionOf),
    ...(more > 0 ? [`And ${more} more; \`fettle contradictions\` lists them.`] : []),
    'Change what is wrong where it stands. This is written again whenever the registry changes.',
  ].join('\n\n');
}

function sectionOf({ contradiction: { law, facts }, reason }: Resolution): string {
  return [
    `**${law.says}** (${law.kind})`,
    ...facts.map(({ says, where }) => `- ${markdown(says)} (${markdown(where)})`),
    '',
    `Open because ${markdown(reason)}.`,
  ].join('\n');
}
