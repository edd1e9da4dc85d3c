/** `/fettle why`: why a version stands where it stands, with the numbers that decided. */
import * as z from 'zod';
import { caseOf, verdictSpan, type CaseFile } from '../../pipelines/gates/case-file.ts';
import { decisionLine } from '../../registry/report/markdown.ts';
import { champion, reasonOf, standingOf } from '../../registry/report/story.ts';
import { clauseOf, codeSpan, grouped, markdown, points, timeText } from '../../registry/report/words.ts';
import { ModelOrVersion } from '../../registry/schema/model.ts';
import type { ModelState, VersionState } from '../../registry/schema/state.ts';
import { lastVersion, versionOf } from '../../registry/state/query.ts';
import { defineCommand } from './command.ts';
import { isReply, lookedAt, modelMeant, NOTHING_YET } from './looking.ts';
import { done, gatesTable, metricsTable, named } from './told.ts';

export const why = defineCommand({
  name: 'why',
  usage: 'why [subject]',
  summary: 'Says why a version serves, was held, refused or taken back, with the numbers that decided.',
  examples: ['why', 'why digits', 'why digits@1.4.0'],
  level: 'triage',
  mutates: false,
  input: z.strictObject({ subject: ModelOrVersion.optional() }),

  about: ({ subject }) => (subject === undefined ? {} : { model: subject.model }),

  async handle(context, { subject }) {
    const view = await lookedAt(context);
    if (view === null) return NOTHING_YET;
    const known = modelMeant(view.state, subject?.model);
    if (isReply(known)) return known;
    const version = subject?.version == null ? newest(known) : versionOf(known, subject.version);
    if (version === null) return done(`${codeSpan(known.model)} has no version yet.`, { model: known.model });
    const reason = reasonOf(version, known);
    const { log } = await context.outside.registry();
    const file = caseOf(known, version, await log.entries(...verdictSpan(version)));
    return done(
      `**${named(known.model, version.version)}: ${standingOf(version, known)}.** ${markdown(clauseOf(reason))}.`,
      {
        model: known.model,
        details: detailsOf(known, version, file),
        next: `/fettle history ${known.model}`,
      },
    );
  },
});

/** What people ask about first is what was decided last. */
function newest(known: ModelState): VersionState | null {
  return lastVersion(known) ?? champion(known);
}

function detailsOf(known: ModelState, version: VersionState, file: CaseFile): string {
  const { lineage } = version;
  const against = known.versions.find((one) => one.version === version.verdict?.against) ?? null;
  const decisions = known.decisions.filter(
    (one) => one.version === version.version || one.before === version.version,
  );
  const made =
    lineage === null
      ? []
      : [
          `Made by ${markdown(version.by)} at ${timeText(version.at)} from ${lineage.dataRows} rows ` +
            `(${codeSpan(lineage.data.slice(0, 19))}), seed ${lineage.seed}, run ${codeSpan(lineage.run)}.`,
          '',
        ];
  return [
    gatesTable(version),
    '',
    ...derivedLines(file),
    metricsTable(version, against),
    '',
    ...made,
    ...decisions.slice(-8).reverse().map(decisionLine),
  ].join('\n');
}

/** What the registry alone says of it, judged again by the same gates. */
function derivedLines({
  rails,
  budget,
  comparison,
  itemsNeeded,
  rejudged,
  agrees,
  answer,
}: CaseFile): readonly string[] {
  if (answer === null) return [];
  const needed =
    itemsNeeded === null ? '' : `; the difference that was seen needs ${grouped(itemsNeeded)} items`;
  const visible =
    comparison === null
      ? []
      : [`Least visible difference ${points(comparison.detectable)} with 80% power${needed}.`];
  const spent =
    budget === null
      ? []
      : [
          `Budget of ${budget.most} false promotions in 30 days: ${budget.before.toFixed(4)} spent before, ${budget.after.toFixed(4)} after.`,
        ];
  const derived =
    rejudged === null
      ? 'It was recorded without what it was judged by, and cannot be derived again.'
      : agrees
        ? 'Derived again from the registry alone: every gate says the same.'
        : '**Derived again, it does not agree** with what is recorded.';
  return [
    `Rails: ${rails.map((one) => `${one.rail} ${one.answer}`).join(', ')}.`,
    ...visible,
    ...spent,
    derived,
    '',
  ];
}
