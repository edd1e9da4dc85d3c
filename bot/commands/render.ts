/** Replies become the one sticky comment of a thread and a model: verdict first, then what to do, the rest folded. */
import { plain } from '../../registry/report/words.ts';
import type { Reply } from './command.ts';

/** GitHub takes 65,536; what comes after a comment was cut would not be seen. */
export const STICKY_MOST = 58_000;
/** Shorter details are shown at once. */
const OPEN_MOST = 900;
const CUT = '\n\n_The rest was left out, because a comment can hold no more._';

const SIGNS: Readonly<Record<Reply['state'], string>> = {
  done: '✅',
  refused: '🚫',
  started: '⏳',
  waiting: '✋',
};

/** @param marker  an HTML comment by which the bot finds its own comment again; beside its author, never alone */
export function renderSticky(replies: readonly Reply[], marker: string): string {
  const most = Math.floor((STICKY_MOST - marker.length - 200) / Math.max(1, replies.length));
  const parts = replies.map((reply) => partOf(reply, most));
  return `${[marker, parts.join('\n\n---\n\n')].join('\n')}\n`;
}

function partOf(reply: Reply, most: number): string {
  const { state, reason, next, details } = reply;
  const verdict = harmless(reply.verdict).replaceAll('\n', ' ');
  const head = `### ${SIGNS[state]} ${verdict.slice(0, 1500)}`;
  const controls = next === null ? [] : ['', 'Next:', '', '```', plain(next).replaceAll('`', ''), '```'];
  const code = reason === state ? '' : ` · <code>${reason}</code>`;
  const foot = `\n\n<sub>${state}${code}</sub>`;
  const above = [head, ...controls].join('\n');
  const room = most - above.length - foot.length - 100;
  return `${above}${folded(fitted(harmless(details).trim(), room))}${foot}`;
}

function folded(details: string): string {
  if (details === '') return '';
  if (details.length <= OPEN_MOST && !details.includes('<details>')) return `\n\n${details}`;
  return `\n\n<details><summary>Details</summary>\n\n${details}\n\n</details>`;
}

/** Whole lines only: half a row of a table would be read as a row. */
function fitted(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(0, Math.max(0, most - CUT.length));
  return `${cut.slice(0, Math.max(0, cut.lastIndexOf('\n')))}${CUT}`;
}

const TAGS = /<(?!\/?(details|summary|sub|code|br)>|!--)/gi;
/** A span that no reader could take for anything else: one backtick at each end, in one cell of one line. */
const CODE = /((?<![\\`])`(?!`)[^`\n|]+`(?!`))/;
const FENCED = /((?:^|\n)```[a-z]*\n[\s\S]*?\n```(?=\n|$))/;

/**
 * The last sieve, behind those that made each word harmless: no HTML but a few bare tags, no comment that could pass
 * for a marker, no picture from anywhere, nobody pinged, nothing that turns or hides what is written.
 */
export function harmless(text: string): string {
  const lines = text.split('\n').map((line) => plain(line));
  const parts = lines.join('\n').replaceAll('<!--', '&lt;!--').split(FENCED);
  return parts.map((part, index) => (index % 2 === 0 ? prose(part) : part.replaceAll(TAGS, '&lt;'))).join('');
}

function prose(text: string): string {
  const parts = text.split(CODE);
  return parts.map((part, index) => (index % 2 === 0 ? words(part) : part)).join('');
}

function words(text: string): string {
  return text
    .replaceAll(TAGS, '&lt;')
    .replaceAll('![', '!\\[')
    .replaceAll(/@(?=[\w-])/g, '@\u200B');
}
