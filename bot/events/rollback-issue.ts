/** A version that its live outcomes took out of service: one issue per rollback, so that somebody looks into it. */
import { deedOf } from '../../registry/report/story.ts';
import { markdown } from '../../registry/report/words.ts';
import type { Decision, ModelState, RegistryState } from '../../registry/schema/state.ts';
import { issueMarked, openIssue } from '../github/issues.ts';
import type { Place } from '../github/place.ts';
import type { Desk } from './event.ts';

/** Older ones are history: an app that is installed late opens no issues about them. */
const FRESH_MS = 3 * 24 * 3600 * 1000;

export interface RollbacksAsk {
  readonly place: Place;
  readonly repository: number;
  readonly state: RegistryState;
}

/** Only of what nobody decided: whoever rolls back by hand knows that it was done. */
export async function tellRollbacks(desk: Desk, { place, repository, state }: RollbacksAsk): Promise<void> {
  const since = Date.parse(desk.now()) - FRESH_MS;
  for (const known of state.models.values()) {
    for (const decision of known.decisions) {
      const isFresh = Date.parse(decision.at) >= since;
      if (decision.what !== 'rolled-back' || !decision.automatic || !isFresh) continue;
      const key = `rollback-${repository}/${known.model}/${decision.seq}`;
      if (desk.steps.recall(key) !== undefined) continue;
      await openOnce(desk, place, { known, decision });
      await desk.steps.note({ key, at: desk.now(), value: true });
    }
  }
}

interface Rollback {
  readonly known: ModelState;
  readonly decision: Decision;
}

/** Found again by its marker and its author, closed or not, where the delivery log was lost. */
async function openOnce(desk: Desk, place: Place, { known, decision }: Rollback): Promise<void> {
  const marker = `<!-- fettle:rollback ${known.model} ${decision.seq} -->`;
  const found = await issueMarked(place, { self: desk.self, marker, state: 'all' });
  if (found !== null) return;
  const title = `${known.model}@${decision.before} broke its promise and was rolled back`;
  await openIssue(place, { title, body: `${marker}\n${wordsOf(known, decision)}` });
}

function wordsOf({ model }: ModelState, decision: Decision): string {
  const { before, channel, evidence, reason, version } = decision;
  const rows =
    evidence === null
      ? []
      : [
          '| outcomes | wrong | promised at most | e-value | seen after |\n|---|---|---|---|---|\n' +
            `| ${evidence.n} | ${evidence.errors} | ${evidence.expectedErrorMax} | ${evidence.eValue} | ${evidence.detectedAt} |`,
        ];
  return [
    `**${model}**: ${deedOf(decision)}.`,
    markdown(reason),
    ...rows,
    `\`${before}\` is not promoted automatically again. Compare the two, and promote it anew if it was not to blame:`,
    ['```', `/fettle compare ${model}@${version} ${model}@${before}`, '```'].join('\n'),
    ['```', `/fettle promote ${model}@${before} to ${channel}`, '```'].join('\n'),
  ].join('\n\n');
}
