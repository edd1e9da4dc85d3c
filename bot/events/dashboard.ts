/** The dashboard issue of a repository that asked for one: found or made, and rewritten from the registry. */
import { settingsOf } from '../../pipelines/settings/read.ts';
import { SETTINGS_FILE, type Settings } from '../../pipelines/settings/settings.ts';
import type { RegistryState } from '../../registry/schema/state.ts';
import { rulesOf } from '../github/contents.ts';
import { issueAt, issueMarked, openIssue, rewriteIssue } from '../github/issues.ts';
import type { Place } from '../github/place.ts';
import { DASHBOARD_MARK, dashboardText, type Board } from './dashboard-text.ts';
import type { Desk } from './event.ts';

export function isDashboard(body: string): boolean {
  return body.startsWith(DASHBOARD_MARK);
}

/** Null where nobody asked for a dashboard; settings that cannot be read ask for nothing. */
async function settingsThatWant(place: Place): Promise<Settings | null> {
  const { settings: text } = await rulesOf(place, SETTINGS_FILE);
  try {
    const settings = settingsOf(text ?? '');
    return settings.bot.dashboard ? settings : null;
  } catch {
    return null;
  }
}

export async function tellDashboard(desk: Desk, place: Place, state: RegistryState): Promise<void> {
  const settings = await settingsThatWant(place);
  if (settings !== null) await write(desk, place, { state, settings, now: desk.now() });
}

async function write(desk: Desk, place: Place, board: Board): Promise<void> {
  const body = dashboardText(board);
  const found = await issueMarked(place, { self: desk.self, marker: DASHBOARD_MARK });
  if (found === null) {
    await openIssue(place, { title: 'Fettle dashboard', body });
    return;
  }
  // Somebody may have checked a box since: what was not seen yet is not written over.
  const now = await issueAt(place, found.number);
  if (now === null || now.body !== found.body) return;
  if (withoutTime(now.body) !== withoutTime(body)) await rewriteIssue(place, found.number, body);
}

function withoutTime(body: string): string {
  return body.replace(/^<sub>As of .*$/m, '');
}
