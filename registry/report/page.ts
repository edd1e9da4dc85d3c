/** The whole state as one self-contained page: no script, nothing fetched, readable from the disk and on a phone. */
import type { Metric } from '../schema/metric.ts';
import type { Decision, ModelState, RegistryState, RunState, VersionState } from '../schema/state.ts';
import {
  confusionChart,
  durationChart,
  durationLegend,
  LEGEND,
  metricChart,
  timelineChart,
} from './chart.ts';
import { STYLE } from './page-style.ts';
import {
  bytesText,
  clauseOf,
  counted,
  durationText,
  html,
  metricNamed,
  percent,
  shareText,
  standingOf,
  timeText,
  type Standing,
} from './words.ts';

export interface PageAsk {
  readonly title: string;
  readonly origin: string;
  readonly size: number;
  readonly madeAt: string;
}

/** Enough to read; a larger matrix is told by its worst pairs. */
const LABELS_MOST = 20;
const DECISIONS_MOST = 20;

export function pageOf(state: RegistryState, { title, origin, size, madeAt }: PageAsk): string {
  const models = [...state.models.values()].sort((a, b) => (a.model < b.model ? -1 : 1));
  const body =
    models.length === 0
      ? emptyPage()
      : [...(models.length > 1 ? [indexOf(models)] : []), ...models.map(modelPart)].join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${html(title)} · model registry</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>${html(title)}</h1><p class="soft">Model registry: ${counted(models.length, 'model')}, ${counted(size, 'event')}</p></header>
<main>
${body}
</main>
<footer>Written by Fettle at ${timeText(madeAt)} from registry <code>${html(origin)}</code>. Everything here is in the log on the branch <code>fettle/registry</code>; check it with <code>fettle verify</code>.</footer>
</body>
</html>
`;
}

function emptyPage(): string {
  return '<div class="card"><p>No model has been trained yet.</p><pre>fettle run train-and-promote --from data.csv --model my-model</pre></div>';
}

function indexOf(models: readonly ModelState[]): string {
  const items = models.map(
    (known) =>
      `<li><a href="#${html(known.model)}">${html(known.model)}</a> <span class="soft">${html(headline(known))}</span></li>`,
  );
  return `<nav class="card"><h3>Models</h3><ul>${items.join('')}</ul></nav>`;
}

function champion(known: ModelState): VersionState | null {
  return known.versions.find(({ version }) => version === known.serving.production) ?? null;
}

function headline(known: ModelState): string {
  const version = champion(known);
  if (known.retired !== null) return `retired ${timeText(known.retired.at)}: ${known.retired.reason}`;
  if (version === null) return 'nothing serves production yet';
  const accuracy = metricNamed(version, 'accuracy');
  return `${version.version} serves production: accuracy ${shareText(accuracy)}`;
}

function modelPart(known: ModelState): string {
  const version = champion(known);
  return [
    `<section id="${html(known.model)}">`,
    `<h2>${html(known.model)}</h2>`,
    `<p class="lead">${leadOf(known, version)}</p>`,
    version === null ? '' : numbersOf(known, version),
    timelinePart(known),
    metricPart(known, 'accuracy', 'Accuracy by version'),
    metricPart(known, 'macro_f1', 'Macro-F1 by version'),
    storyPart(known),
    versionsPart(known),
    version === null ? '' : confusionPart(version),
    version === null ? '' : lineagePart(version),
    durationsPart(known),
    undoPart(known, version),
    '</section>',
  ].join('\n');
}

function leadOf(known: ModelState, version: VersionState | null): string {
  if (known.retired !== null) return `Retired ${timeText(known.retired.at)}: ${html(known.retired.reason)}`;
  if (version === null) return 'Nothing serves production yet.';
  const since =
    known.tenures.findLast(({ until, channel }) => until === null && channel === 'production')?.from ??
    version.at;
  const accuracy = metricNamed(version, 'accuracy');
  return `<b>${html(version.version)}</b> serves production since ${timeText(since)}: ${shareText(accuracy)} accuracy on ${counted(accuracy?.n ?? 0, 'held-out item')}.`;
}

function numbersOf(known: ModelState, version: VersionState): string {
  const asked: readonly (readonly [string, string])[] = [
    ['accuracy', 'accuracy'],
    ['macro_f1', 'macro-F1'],
    ['ece', 'calibration error'],
    ['cv_macro_f1', 'cross-validated macro-F1'],
    ['size', 'model file'],
    ['latency_p99', 'latency, 99th percentile'],
  ];
  const boxes = asked.flatMap(([name, says]) => {
    const metric = metricNamed(version, name);
    return metric === null ? [] : [numberBox(metric, says)];
  });
  const rows = `<div class="number"><span class="soft small">trained on</span><b>${version.lineage.dataRows}</b><span class="soft small">rows; ${counted(known.versionCount, 'version')} so far</span></div>`;
  return `<div class="numbers">${boxes.join('')}${rows}</div>`;
}

function numberBox({ value, unit, interval, n }: Metric, says: string): string {
  const shown =
    unit === 'ratio'
      ? percent(Number(value))
      : unit === 'bytes'
        ? bytesText(Number(value))
        : `${Number(value).toFixed(2)} ms`;
  const detail =
    interval === null
      ? unit === 'ms'
        ? `over ${n}`
        : ''
      : `95% CI ${(Number(interval.low) * 100).toFixed(1)} to ${(Number(interval.high) * 100).toFixed(1)}`;
  return `<div class="number"><span class="soft small">${says}</span><b>${shown}</b><span class="soft small">${detail}&nbsp;</span></div>`;
}

function timelinePart(known: ModelState): string {
  if (known.tenures.length === 0) return '';
  const channels = [...new Set(known.tenures.map(({ channel }) => channel))];
  return channels
    .map(
      (channel) =>
        `<div class="card"><h3>Who served ${channel}</h3><div class="wide">${timelineChart(known, channel)}</div></div>`,
    )
    .join('');
}

function metricPart(known: ModelState, name: string, title: string): string {
  if (!known.versions.some((version) => metricNamed(version, name) !== null)) return '';
  const stands = new Set<Standing>(known.versions.map((version) => standingOf(version, known)));
  const keys = LEGEND.filter(({ standing }) => stands.has(standing)).map(
    ({ says, picture }) => `<li>${picture}${says}</li>`,
  );
  return `<div class="card"><h3>${title}, with 95% intervals</h3><div class="wide">${metricChart(known, name)}</div><ul class="legend">${keys.join('')}</ul></div>`;
}

const TAGS: Readonly<Record<Decision['what'], string>> = {
  promoted: 'serving',
  refused: 'refused',
  held: 'held',
  'rolled-back': 'back',
  retired: 'served',
};

function storyPart({ decisions, model }: ModelState): string {
  if (decisions.length === 0) return '';
  const items = decisions
    .slice(-DECISIONS_MOST)
    .reverse()
    .map((decision) => decisionItem(decision, model));
  return `<div class="card"><h3>Decisions</h3><ol class="story">${items.join('')}</ol></div>`;
}

function decisionItem(
  { at, what, version, before, channel, reason, automatic, by }: Decision,
  model: string,
): string {
  const instead =
    before === null || before === version
      ? ''
      : what === 'rolled-back'
        ? ` in place of ${before}`
        : ` · before: ${before}`;
  const where = channel === null ? '' : ` ${channel}`;
  const who = automatic ? 'decided by the gates' : `decided by ${html(by)}`;
  const name = version === null ? html(model) : version;
  const told = what === 'rolled-back' ? 'rolled back to' : what;
  return `<li><span class="tag ${TAGS[what]}">${told}</span> <b>${name}</b><span class="soft">${where}${instead}</span><p>${html(clauseOf(reason))}</p>${restOf(reason)}<p class="soft small">${timeText(at)}, ${who}</p></li>`;
}

function restOf(reason: string): string {
  const rest = reason.slice(clauseOf(reason).length).replace(/^; /, '');
  return rest === '' ? '' : `<p class="soft small">${html(rest)}</p>`;
}

const STANDS: Readonly<Record<Standing, string>> = {
  serving: 'serving',
  served: 'served',
  passed: 'served',
  held: 'held',
  refused: 'refused',
  'rolled back': 'back',
};

function versionsPart(known: ModelState): string {
  const rows = known.versions.toReversed().map((version) => {
    const standing = standingOf(version, known);
    const open = version.verdict?.gates.find(({ answer }) => answer !== 'pass');
    const why =
      version.rolledBack ?? (open === undefined ? 'every gate passed' : `${open.gate}: ${open.reason}`);
    const cells = [
      `<td><b>${version.version}</b></td>`,
      `<td><span class="tag ${STANDS[standing]}">${standing}</span></td>`,
      `<td class="n">${shareText(metricNamed(version, 'accuracy'))}</td>`,
      `<td class="n">${shareText(metricNamed(version, 'macro_f1'))}</td>`,
      `<td class="n">${version.lineage.dataRows}</td>`,
      `<td class="why" title="${html(why)}">${html(clauseOf(why))}</td>`,
    ];
    return `<tr>${cells.join('')}</tr>`;
  });
  const head =
    '<tr><th>version</th><th>stands</th><th class="n">accuracy (95% CI)</th><th class="n">macro-F1 (95% CI)</th><th class="n">trained on</th><th>what decided</th></tr>';
  return `<div class="card"><h3>Versions</h3><div class="wide"><table>${head}${rows.join('')}</table></div></div>`;
}

function confusionPart({ version, evaluation }: VersionState): string {
  if (evaluation === null) return '';
  const { labels, confusion } = evaluation;
  const picture =
    labels.length <= LABELS_MOST ? `<div class="wide matrix">${confusionChart(labels, confusion)}</div>` : '';
  return `<div class="card"><h3>Where ${version} errs</h3><p class="soft small">Rows are the truth, columns what the model said.</p>${picture}${worstPairs(labels, confusion)}</div>`;
}

function worstPairs(labels: readonly string[], confusion: readonly (readonly number[])[]): string {
  const pairs = confusion.flatMap((row, truth) =>
    row.flatMap((count, said) => (count > 0 && truth !== said ? [{ count, truth, said }] : [])),
  );
  const worst = pairs.sort((a, b) => b.count - a.count).slice(0, 3);
  if (worst.length === 0) return '<p class="small">No held-out item was called wrong.</p>';
  const told = worst.map(({ count, truth, said }) =>
    `<b>${html(labels[truth] ?? '')}</b> called <b>${html(labels[said] ?? '')}</b> ${count} times`.replace(
      ' 1 times',
      ' once',
    ),
  );
  return `<p class="small">Most often: ${told.join(', ')}.</p>`;
}

function lineagePart({ version, lineage, artifacts }: VersionState): string {
  const files = Object.entries(artifacts).map(
    ([name, { digest, sizeBytes }]) =>
      `<dt>${html(name)}</dt><dd><code>${html(digest)}</code> (${bytesText(sizeBytes)})</dd>`,
  );
  const params = Object.entries(lineage.params).map(
    ([name, value]) => `<dt>${html(name)}</dt><dd><code>${html(value)}</code></dd>`,
  );
  return `<div class="card"><h3>What ${version} was made of</h3><dl>
<dt>run</dt><dd><code>${lineage.run}</code>, recipe ${html(lineage.recipe)}</dd>
<dt>data</dt><dd><code>${html(lineage.data)}</code>, ${counted(lineage.dataRows, 'row')} trained on</dd>
<dt>code</dt><dd>${lineage.commit === null ? 'no commit yet' : `commit <code>${html(lineage.commit)}</code>`}, Fettle ${html(lineage.code)}</dd>
<dt>seed</dt><dd>${lineage.seed}</dd>
<dt>compared with</dt><dd>${lineage.parents.length === 0 ? 'nothing: it was the first' : lineage.parents.join(', ')}</dd>
${files.join('')}</dl><details><summary class="small">Parameters</summary><dl>${params.join('')}</dl></details></div>`;
}

function durationsPart({ runs, versions }: ModelState): string {
  const done = runs.filter(({ records }) => records.length > 0);
  if (done.length === 0) return '';
  const nameOf = (run: RunState): string =>
    versions.find(({ lineage }) => lineage.run === run.run)?.version ?? run.run.slice(0, 10);
  const keys = durationLegend(runs).map(
    ({ step, kind }) => `<li><span class="swatch ${kind}"></span>${html(step)}</li>`,
  );
  const total = done.reduce(
    (sum, { records }) => sum + records.reduce((all, { tookMs }) => all + tookMs, 0),
    0,
  );
  return `<div class="card"><h3>How long runs took</h3><div class="wide">${durationChart(runs, nameOf)}</div><ul class="legend">${keys.join('')}</ul><p class="soft small">${durationText(total)} in the ${counted(done.length, 'last run')}.</p></div>`;
}

function undoPart({ model }: ModelState, version: VersionState | null): string {
  if (version === null) return '';
  return `<div class="card"><h3>Undo</h3><pre>fettle rollback ${html(model)}                 # the version before serves again
fettle rollback ${html(model)} --to &lt;version&gt;  # any version that has served
fettle retire ${html(model)}                   # nothing serves</pre></div>`;
}
