/** A version that service took back gets an issue of its own, once: whoever made it must hear of it. */
import { codeSpan, markdown } from '../../registry/report/words.ts';
import type { ModelName } from '../../registry/schema/model.ts';
import type { Decision, RegistryState } from '../../registry/schema/state.ts';
import { issueMarked, openIssue } from '../github/issues.ts';
import type { Place } from '../github/place.ts';
import type { Desk } from './event.ts';

/** What is older was told of when it happened, or nobody waits for it any more. */
const TOLD_WITHIN_MS = 86_400_000;

interface TakenBack {
  readonly model: ModelName;
  readonly decision: Decision;
}

export async function tellRolledBack(desk: Desk, place: Place, state: RegistryState): Promise<void> {
  for (const taken of takenBack(state, Date.parse(desk.now()))) {
    const marker = `<!-- fettle:rolled-back ${taken.model} ${taken.decision.seq} -->`;
    // One that somebody closed was told of too.
    const told = await issueMarked(place, { self: desk.self, marker, state: 'all' });
    if (told !== null) continue;
    await openIssue(place, { title: titleOf(taken), body: `${marker}\n${bodyOf(taken)}` });
  }
}

/** By the gates of service alone: what a person took back, that person knows of. */
function takenBack(state: RegistryState, nowMs: number): readonly TakenBack[] {
  return [...state.models.values()].flatMap(({ model, decisions }) =>
    decisions
      .filter(({ what, automatic }) => what === 'rolled-back' && automatic)
      .filter(({ at }) => nowMs - Date.parse(at) < TOLD_WITHIN_MS)
      .map((decision) => ({ model, decision })),
  );
}

function titleOf({ model, decision }: TakenBack): string {
  return `${model}@${decision.before ?? ''} failed in service: ${decision.version ?? ''} serves again`;
}

function bodyOf({ model, decision }: TakenBack): string {
  const { version, before, channel, reason, evidence } = decision;
  const [back, failed] = [`${model}@${version ?? ''}`, `${model}@${before ?? ''}`];
  const numbers =
    evidence === null
      ? []
      : [
          '',
          '| live outcomes | wrong | promised at most | e-value | noticed after |',
          '|---:|---:|---:|---:|---:|',
          `| ${evidence.n} | ${evidence.errors} | ${percentOf(evidence.expectedErrorMax)} | ${evidence.eValue} | ${evidence.detectedAt} |`,
        ];
  return [
    `${codeSpan(failed)} broke its promise on ${channel ?? 'its channel'}, and ${codeSpan(back)} serves again.`,
    '',
    `> ${markdown(reason)}`,
    ...numbers,
    '',
    'What to do next:',
    '',
    '```',
    `/fettle why ${failed}`,
    `/fettle hold ${model} --reason "until it is understood"`,
    `/fettle train ${model}`,
    '```',
  ].join('\n');
}

function percentOf(share: string): string {
  return `${(Number(share) * 100).toFixed(1)}%`;
}
