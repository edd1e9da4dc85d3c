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
  const foot = `\n\n<sub>${state} · <code>${reason}</code></sub>`;
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

/**
 * The last sieve, behind those that made each word harmless: no HTML but a few bare tags, no comment that could pass
 * for a marker, no picture from anywhere, nobody pinged, nothing that turns or hides what is written.
 */
export function harmless(text: string): string {
  return text
    .split('\n')
    .map((line) => plain(line))
    .join('\n')
    .replaceAll('<!--', '&lt;!--')
    .replaceAll(TAGS, '&lt;')
    .replaceAll('![', '!\\[')
    .split(/(```[\s\S]*?```|`[^`\n]*`)/)
    .map((part, index) => (index % 2 === 0 ? part.replaceAll(/@(?=[\w-])/g, '@\u200B') : part))
    .join('');
}
