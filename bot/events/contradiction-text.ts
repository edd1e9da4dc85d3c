/** The issue of what contradicts each other, as Markdown: what strangers wrote is plain text in it, and it is never too long. */
import type { Resolution } from '../../pipelines/contradictions/resolve.ts';
import { counted, markdown } from '../../registry/report/words.ts';

export const MARK = '<!-- fettle:contradictions -->';

/** Of a body that a person can still read. */
const TOLD_MOST = 20;
/** GitHub takes 65,536, and refuses the whole issue beyond. */
const CHARACTERS_MOST = 60_000;
/** Of one sentence, whose every character may become five. */
const SENTENCE_MOST = 300;

export function contradictionsText(open: readonly Resolution[]): string {
  if (open.length === 0) return `${MARK}\nNothing is left to decide; close this.`;
  const sections: string[] = [];
  let left = CHARACTERS_MOST;
  for (const section of open.slice(0, TOLD_MOST).map(sectionOf)) {
    left -= section.length + 2;
    if (left < 0) break;
    sections.push(section);
  }
  const more = open.length - sections.length;
  return [
    MARK,
    `${counted(open.length, 'contradiction')} between what the registry and the settings say, which only people can settle:`,
    ...sections,
    ...(more > 0 ? [`And ${more} more; \`fettle contradictions\` lists them.`] : []),
    'Change what is wrong where it stands. This is written again whenever the registry changes.',
  ].join('\n\n');
}

function sectionOf({ contradiction: { law, facts }, reason }: Resolution): string {
  return [
    `**${law.says}** (${law.kind})`,
    ...facts.map(({ says, where }) => `- ${sentence(says)} (${sentence(where)})`),
    '',
    `Open because ${sentence(reason)}.`,
  ].join('\n');
}

function sentence(text: string): string {
  return markdown(text.length > SENTENCE_MOST ? `${text.slice(0, SENTENCE_MOST)}…` : text);
}
