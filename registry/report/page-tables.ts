/** The page's two long lists: every version with how it was judged, and every decision with its reason. */
import type { Decision, ModelState, VersionState } from '../schema/state.ts';
import { HUES, keyPicture } from './chart.ts';
import { deciderOf, deedOf, metricNamed, reasonOf, standingOf, type Standing } from './story.ts';
import { clauseOf, counted, grouped, html, restOf, shareText, timeText } from './words.ts';

const DECISIONS_OPEN = 6;

const COLUMNS = ['version', 'stands', 'accuracy (95% CI)', 'macro-F1 (95% CI)', 'trained on', 'why'] as const;

export function versionsPart(known: ModelState): string {
  if (known.versions.length === 0) return '';
  const older = known.versionCount - known.versions.length;
  const head = COLUMNS.map((name) => `<th scope="col">${name}</th>`).join('');
  const rows = known.versions.toReversed().map((version) => versionRow(version, known));
  const rest =
    older > 0
      ? `<p class="soft small">${counted(older, 'older version')} in the log: <code>fettle history</code>.</p>`
      : '';
  return `<div class="card"><h3>Versions</h3><table class="versions"><thead><tr>${head}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table>${rest}</div>`;
}

function versionRow(version: VersionState, known: ModelState): string {
  const standing = standingOf(version, known);
  const cells = [
    `<b>${version.version}</b>`,
    tag(standing, standing),
    shareText(metricNamed(version, 'accuracy')),
    shareText(metricNamed(version, 'macro_f1')),
    version.lineage === null ? '–' : grouped(version.lineage.dataRows),
    whyCell(version, known),
  ];
  const told = cells.map((cell, index) => `<td data-name="${COLUMNS[index] ?? ''}">${cell}</td>`).join('');
  return `<tr>${told}</tr>`;
}

function tag(standing: Standing, says: string): string {
  return `<span class="tag ${HUES[standing]}">${keyPicture(standing)}${says}</span>`;
}

/** The reason in one clause; behind it, folded, what each gate said. */
function whyCell(version: VersionState, known: ModelState): string {
  const reason = html(clauseOf(reasonOf(version, known)));
  const gates = version.verdict?.gates ?? [];
  if (gates.length === 0) return reason;
  const items = gates.map(
    ({ gate, answer, reason: says }) => `<li><b>${html(gate)}: ${answer}</b>. ${html(says)}</li>`,
  );
  return `<details><summary>${reason}</summary><ul class="gates">${items.join('')}</ul></details>`;
}

export function storyPart({ decisions }: ModelState): string {
  if (decisions.length === 0) return '';
  const items = decisions.toReversed().map(decisionItem);
  const [open, folded] = [items.slice(0, DECISIONS_OPEN), items.slice(DECISIONS_OPEN)];
  const earlier =
    folded.length === 0
      ? ''
      : `<details class="earlier"><summary>${counted(folded.length, 'earlier decision')}</summary><ol class="story">${folded.join('')}</ol></details>`;
  return `<div class="card"><h3>Decisions</h3><ol class="story">${open.join('')}</ol>${earlier}</div>`;
}

const MARKS: Readonly<Record<Decision['what'], Standing>> = {
  promoted: 'served',
  refused: 'refused',
  held: 'held',
  'rolled-back': 'rolled back',
  retired: 'not judged',
  imported: 'served',
};

function decisionItem(decision: Decision): string {
  const { at, what, reason } = decision;
  const by = html(deciderOf(decision));
  const mark = what === 'promoted' ? keyPicture('served', HUES.serving) : keyPicture(MARKS[what]);
  return `<li>${mark}<div><p><b>${upper(deedOf(decision))}</b></p>${reasonLines(reason)}<p class="soft small"><time datetime="${at}">${timeText(at)}</time>, decided by ${by}</p></div></li>`;
}

function upper(text: string): string {
  return html(`${text.slice(0, 1).toUpperCase()}${text.slice(1)}`);
}

function reasonLines(reason: string): string {
  const rest = restOf(reason);
  const first = `<span>${html(clauseOf(reason))}</span>`;
  if (rest === '') return `<p class="reason">${first}</p>`;
  return `<details class="reason"><summary>${first}</summary><p class="soft small">${html(rest)}</p></details>`;
}
