/** Where the champion errs, what it was made of, and how long making it took. */
import type { EvaluationState, ModelState, RunState, VersionState } from '../schema/state.ts';
import { shortOf, type Digest } from '../base/digest.ts';
import { bothOf } from './chart.ts';
import { confusionChart } from './confusion-chart.ts';
import { durationChart, runName, stepHue, stepNames, timedRuns, totalOf } from './duration-chart.ts';
import { bytesText, clipped, counted, durationText, grouped, html, listed, percent } from './words.ts';

/** Enough to read; a larger matrix is told by its worst pairs and its table. */
const LABELS_MOST = 20;
/** A wider matrix leaves no room for the table beside it. */
const LABELS_BESIDE_MOST = 10;

export function confusionPart({ version, evaluation }: VersionState): string {
  if (evaluation === null) return '';
  const picture =
    evaluation.labels.length > LABELS_MOST
      ? ''
      : `<div class="scroll matrix">${bothOf((breadth) => confusionChart(evaluation, breadth))}</div>`;
  const classes = evaluation.labels.length > LABELS_BESIDE_MOST ? 'pair stacked' : 'pair';
  return `<div class="card"><h3>Where ${version} errs</h3><p>${worstPairs(evaluation)}</p><div class="${classes}">${picture}${labelTable(evaluation)}</div><p class="soft small">Rows are the truth, columns what ${version} said; the stronger a field, the larger its share of the row.</p></div>`;
}

const WORST_MOST = 3;

function worstPairs({ labels, confusion }: EvaluationState): string {
  const pairs = confusion.flatMap((row, truth) =>
    row.flatMap((count, said) => (count > 0 && truth !== said ? [{ count, truth, said }] : [])),
  );
  const worst = pairs.sort((a, b) => b.count - a.count).slice(0, WORST_MOST);
  if (worst.length === 0) return 'No held-out item was called wrong.';
  const told = worst.map(
    ({ count, truth, said }) =>
      `<b>${nameOf(labels, truth)}</b> as <b>${nameOf(labels, said)}</b> ${timesText(count)}`,
  );
  return `Most often it took ${listed(told)}.`;
}

function nameOf(labels: readonly string[], index: number): string {
  return html(clipped(labels[index] ?? '', 40));
}

function timesText(count: number): string {
  if (count === 1) return 'once';
  return count === 2 ? 'twice' : `${grouped(count)} times`;
}

/** Recall: the share of a label's items that were found. Precision: the share of what was called so that was right. */
function labelTable({ labels, confusion }: EvaluationState): string {
  const rows = labels.map((_, index) => {
    const right = confusion[index]?.[index] ?? 0;
    const there = (confusion[index] ?? []).reduce((sum, count) => sum + count, 0);
    const called = confusion.reduce((sum, row) => sum + (row[index] ?? 0), 0);
    const shares = [right / there, right / called].map((share) =>
      Number.isFinite(share) ? percent(share) : '–',
    );
    const cells = [...shares, grouped(there)].map((cell) => `<td>${cell}</td>`).join('');
    return `<tr><th scope="row">${nameOf(labels, index)}</th>${cells}</tr>`;
  });
  const head = ['label', 'recall', 'precision', 'items'].map((name) => `<th scope="col">${name}</th>`);
  return `<div class="scroll"><table class="labels"><thead><tr>${head.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

export function lineagePart({ version, by, lineage, imported, artifacts }: VersionState): string {
  if (lineage === null) return importPart(version, imported);
  const { run, recipe, data, dataRows, commit, code, seed, parents } = lineage;
  const files = Object.entries(artifacts).map(([name, { digest, sizeBytes }]) =>
    fact(html(name), `${digestText(digest)} <span class="soft">${bytesText(sizeBytes)}</span>`),
  );
  const params = Object.entries(lineage.params).map(([name, value]) =>
    fact(html(clipped(name, 60)), `<code>${html(clipped(value, 400))}</code>`),
  );
  const facts = [
    fact('data', `${digestText(data)} <span class="soft">${counted(dataRows, 'row')}</span>`),
    fact('code', commit === null ? 'no commit yet' : `commit <code>${html(commit.slice(0, 12))}</code>`),
    fact(
      'made by',
      `${html(by)}, with recipe <code>${html(clipped(recipe, 80))}</code> of Fettle ${html(code)}`,
    ),
    fact('run', `<code>${html(run)}</code>`),
    fact('seed', String(seed)),
    fact('compared with', parents.length === 0 ? 'nothing: it was the first' : listed(parents)),
    ...files,
  ];
  const folded =
    params.length === 0
      ? ''
      : `<details><summary>${counted(params.length, 'parameter')}</summary><dl class="facts">${params.join('')}</dl></details>`;
  return `<div class="card"><h3>What ${version} was made of</h3><dl class="facts">${facts.join('')}</dl>${folded}</div>`;
}

function importPart(version: string, imported: VersionState['imported']): string {
  const facts = [
    fact('made by', 'somebody before this registry: no run, data or file is known'),
    fact(
      'read from',
      `${html(imported?.source ?? '')} tag <code>${html(clipped(imported?.tag ?? '', 120))}</code>`,
    ),
    fact('code', `commit <code>${html((imported?.commit ?? '').slice(0, 12))}</code>`),
  ];
  return `<div class="card"><h3>What ${version} was made of</h3><dl class="facts">${facts.join('')}</dl></div>`;
}

function fact(name: string, value: string): string {
  return `<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

/** Short to read; the whole of it on hovering, and in `fettle show`. */
function digestText(digest: Digest): string {
  return `<code title="${html(digest)}">sha256:${shortOf(digest)}…</code>`;
}

export function durationsPart(known: ModelState): string {
  const runs = timedRuns(known);
  const broken = brokenRuns(known);
  if (runs.length === 0) return broken === '' ? '' : `<div class="card"><h3>Runs</h3>${broken}</div>`;
  const names = stepNames(runs);
  const keys = names.map(
    (step) => `<li><span class="swatch ${stepHue(names, step)}"></span>${html(clipped(step, 40))}</li>`,
  );
  const total = runs.reduce((sum, run) => sum + totalOf(run), 0);
  const note =
    runs.length === 1
      ? ''
      : `<p class="soft small">${durationText(total)} in the last ${runs.length} runs, newest first.</p>`;
  const pictures = bothOf((breadth) => durationChart(known, breadth));
  return `<div class="card"><h3>How long runs took</h3>${pictures}<ul class="legend">${keys.join('')}</ul>${note}${broken}</div>`;
}

/** Runs that failed, and those of which no end is known: still at work, or cut off. */
function brokenRuns(known: ModelState): string {
  const items = known.runs
    .filter(({ outcome }) => outcome?.kind !== 'completed')
    .map((run) => `<li><code>${html(runName(known, run))}</code> ${endOf(run)}</li>`);
  return items.length === 0
    ? ''
    : `<h4>Runs that gave no version</h4><ul class="gates">${items.join('')}</ul>`;
}

function endOf({ outcome }: RunState): string {
  if (outcome === null || outcome.kind === 'completed') return 'still at work, or cut off';
  const where = outcome.step === null ? '' : ` at ${html(outcome.step)}`;
  return `failed${where}: ${html(outcome.says)}`;
}
