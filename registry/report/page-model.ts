/** One model's part of the page: a sentence, its numbers, what to do next, then pictures, tables and where it came from. */
import type { Metric } from '../schema/metric.ts';
import type { ModelState, VersionState } from '../schema/state.ts';
import { bothOf, HUES, KEYS, keyPicture } from './chart.ts';
import { CHARTED_MOST, metricChart } from './metric-chart.ts';
import { courtPart } from './page-court.ts';
import { confusionPart, durationsPart, lineagePart } from './page-origin.ts';
import { storyPart, versionsPart } from './page-tables.ts';
import { champion, metricNamed, newestWord, nextSteps, servesSince, servingIn, standingOf } from './story.ts';
import { stretchesOf, stretchKey, timelineChart, TENURES_MOST } from './timeline-chart.ts';
import { bytesText, counted, grouped, html, intervalText, shareText, timeText, valueText } from './words.ts';

/** Model names are letters, digits, `-`, `_` and `/`: as they stand, a fragment. */
export function anchorOf({ model }: ModelState): string {
  return `model-${html(model)}`;
}

export function modelPart(known: ModelState): string {
  const version = champion(known);
  return [
    `<section class="model" id="${anchorOf(known)}">`,
    `<h2>${html(known.model)}</h2>`,
    `<p class="lead">${leadOf(known, version)}</p>`,
    version === null ? '' : numbersPart(known, version),
    courtPart(known),
    nextPart(known),
    timelinePart(known),
    metricsPart(known),
    versionsPart(known),
    storyPart(known),
    version === null ? '' : confusionPart(version),
    version === null ? '' : lineagePart(version),
    durationsPart(known),
    '</section>',
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function leadOf(known: ModelState, version: VersionState | null): string {
  if (known.retired !== null) {
    const { at, reason } = known.retired;
    return `Retired on ${timeText(at)}, so nothing serves: ${html(reason)}`;
  }
  const others = servingIn(known).filter(([channel]) => channel !== 'production');
  const channels = others.map(([channel, served]) => `<b>${served}</b> serves ${channel}.`);
  const more = [...channels, newestWord(known)].filter((told) => told !== '').map((told) => ` ${told}`);
  const elsewhere = more.join('');
  if (version === null) return `Nothing serves production yet.${elsewhere}`;
  const since = servesSince(known, 'production');
  const told = `<b>${html(known.model)} ${version.version}</b> serves production${since === null ? '' : ` since ${timeText(since)}`}`;
  const accuracy = metricNamed(version, 'accuracy');
  if (accuracy === null) return `${told}; its accuracy was not measured.${elsewhere}`;
  return `${told}: <b>${shareText(accuracy)}</b> right on ${counted(accuracy.n, 'held-out item')}.${elsewhere}`;
}

const NUMBERS: readonly (readonly [string, string])[] = [
  ['accuracy', 'accuracy'],
  ['macro_f1', 'macro-F1'],
  ['cv_macro_f1', 'cross-validated macro-F1'],
  ['prequential_macro_f1', 'macro-F1 on the way'],
  ['ece', 'calibration error'],
  ['latency_p99', 'latency, 99th percentile'],
];

function numbersPart(known: ModelState, version: VersionState): string {
  const measured = NUMBERS.flatMap(([name, says]) => {
    const metric = metricNamed(version, name);
    return metric === null ? [] : [numberOf(says, valueText(metric), detailOf(metric))];
  });
  const size = version.artifacts['model']?.sizeBytes;
  const { lineage } = version;
  const rows = lineage === null ? '' : numberOf('trained on', grouped(lineage.dataRows), 'rows');
  const count = numberOf('versions so far', grouped(known.versionCount), '');
  const file = size === undefined ? '' : numberOf('model file', bytesText(size), '');
  return `<div class="card"><dl class="numbers">${[...measured, rows, file, count].join('')}</dl></div>`;
}

function numberOf(says: string, value: string, detail: string): string {
  const more = detail === '' ? '' : `<dd class="soft small">${detail}</dd>`;
  return `<div><dt class="soft small">${says}</dt><dd class="value">${value}</dd>${more}</div>`;
}

function detailOf({ unit, interval, n }: Metric): string {
  if (interval !== null) return `95% CI ${intervalText(interval)}`;
  return unit === 'ms' ? `over ${counted(n, 'prediction')}` : `on ${counted(n, 'item')}`;
}

/** Before the long parts, or nobody finds it when it is needed. */
function nextPart(known: ModelState): string {
  const steps = nextSteps(known);
  const served = champion(known);
  const alone =
    served === null || steps.some(({ command }) => command === `fettle rollback ${known.model}`)
      ? ''
      : `<p class="soft small">Nothing that can be trusted served before ${served.version}, so there is nothing to roll back to.</p>`;
  if (steps.length === 0) return '';
  const lines = steps.map(
    ({ command, does }) => `<div><dt><code>${html(command)}</code></dt><dd>${html(does)}</dd></div>`,
  );
  return `<div class="card"><h3>What you can do</h3><dl class="steps">${lines.join('')}</dl>${alone}</div>`;
}

function timelinePart(known: ModelState): string {
  const channels = [...new Set(known.tenures.map(({ channel }) => channel))];
  return channels
    .map((channel) => {
      const shown = stretchesOf(known, channel);
      const all = known.tenures.filter((tenure) => tenure.channel === channel).length;
      const cut = all > TENURES_MOST ? `, the last ${TENURES_MOST} of ${all} stretches` : '';
      const first = shown[0]?.tenure.from;
      const began = first === undefined ? '' : timeText(first);
      const note =
        shown.length === 1
          ? `From ${began} on.`
          : `In order; below each, how long it served. The first began ${began}.`;
      const pictures = bothOf((breadth) => timelineChart(known, channel, breadth));
      return `<div class="card"><h3>Who served ${channel}${cut}</h3>${pictures}${timelineKeys(shown)}<p class="soft small">${note}</p></div>`;
    })
    .join('\n');
}

function timelineKeys(shown: ReturnType<typeof stretchesOf>): string {
  const there = new Set(shown.map(({ stretch }) => stretch));
  const back = shown.some(({ tenure }) => tenure.by === 'rollback');
  const keys = [
    ...(there.has('now') ? [`<li>${stretchKey('now')}serves now</li>`] : []),
    ...(there.has('over') ? [`<li>${stretchKey('over')}served until replaced</li>`] : []),
    ...(there.has('taken back') ? [`<li>${stretchKey('taken back')}rolled back</li>`] : []),
    ...(back ? [`<li>${stretchKey('back again')}served again after a rollback</li>`] : []),
  ];
  return keys.length < 2 ? '' : `<ul class="legend">${keys.join('')}</ul>`;
}

function metricsPart(known: ModelState): string {
  const charted: readonly (readonly [string, string])[] = [
    ['accuracy', 'Accuracy'],
    ['macro_f1', 'Macro-F1'],
  ];
  const measured = (name: string): number =>
    known.versions.filter((version) => metricNamed(version, name) !== null).length;
  // One version makes no trend: its numbers are told already.
  const pictures = charted
    .filter(([name]) => measured(name) > 1)
    .map(
      ([name, title]) =>
        `<h4>${title}</h4>${bothOf((breadth) => metricChart(known, { name, title, breadth }))}`,
    );
  if (pictures.length === 0) return '';
  const cut = known.versions.length > CHARTED_MOST ? `, the last ${CHARTED_MOST}` : '';
  return `<div class="card"><h3>Quality by version${cut}</h3>${pictures.join('')}${standingKeys(known)}<p class="soft small">Whiskers: 95% intervals on held-out items.${bandNote(known)}</p></div>`;
}

function standingKeys(known: ModelState): string {
  const stands = new Set(known.versions.slice(-CHARTED_MOST).map((version) => standingOf(version, known)));
  const keys = KEYS.filter(({ standing }) => stands.has(standing)).map(
    ({ standing, says }) => `<li class="${HUES[standing]}">${keyPicture(standing)}<span>${says}</span></li>`,
  );
  return `<ul class="legend">${keys.join('')}</ul>`;
}

function bandNote(known: ModelState): string {
  const version = champion(known);
  return version === null ? '' : ` Band: the interval of ${version.version}, which serves.`;
}
