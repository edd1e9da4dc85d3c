/** A comparison of solvers as one self-contained page with pictures: no script, nothing fetched. */
import type { Optimisation, SolverKind } from '../schema/optimisation.ts';
import { bothOf, HUES, keyPicture } from './chart.ts';
import {
  behindText,
  comparisonRows,
  KIND_WORDS,
  READING,
  termsText,
  verdictText,
} from './comparison-words.ts';
import { shellOf } from './shell.ts';
import { chanceChart, KIND_MARKS, standingText, timeChart } from './solver-chart.ts';
import { html, timeText } from './words.ts';

/** Names of solvers have hyphens, and are not broken there. */
const OWN = '.solvers tbody th { white-space: nowrap; } .solvers td:nth-child(2) { text-align: left; }';

export interface ComparisonPlace {
  /** Where it was recorded; null for a comparison that was not. */
  readonly origin: string | null;
  readonly at: string;
}

export function comparisonPage(found: Optimisation, { origin, at }: ComparisonPlace): string {
  const behind = behindText(found);
  return shellOf({
    title: 'Solvers compared',
    eyebrow: 'Solvers compared',
    heading: verdictText(found),
    below: `${html(termsText(found))} As of ${timeText(at)}.`,
    main: `${behind === '' ? '' : `<p class="lead">${html(behind)}</p>`}
<section class="card"><h3>Time to solution</h3>${bothOf((breadth) => timeChart(found, breadth))}${legendOf(found)}</section>
<section class="card"><h3>One attempt</h3>${bothOf((breadth) => chanceChart(found, breadth))}
<p class="soft small">The bar is the chance that one attempt finds the best; the line across it is the mean ratio.</p></section>
<section class="card"><h3>All of them</h3>${tableOf(comparisonRows(found))}</section>
<section class="card"><h3>Problem by problem</h3>${tableOf(standingRows(found))}
<p class="soft small">Time to solution, and how often one attempt finds the best.</p></section>
<section class="card"><h3>How to read it</h3><ul class="gates">${READING.map((each) => `<li>${html(each)}</li>`).join('')}</ul></section>`,
    footer:
      origin === null
        ? ''
        : `<footer><p>Every number here stands in the log of registry <code>${html(origin)}</code>.</p></footer>`,
    style: OWN,
  });
}

function legendOf({ rows }: Optimisation): string {
  const kinds = [...new Set(rows.map(({ kind }) => kind))];
  const item = (kind: SolverKind): string => {
    const standing = KIND_MARKS[kind];
    return `<li class="${HUES[standing]}">${keyPicture(standing)}<span>${KIND_WORDS[kind]}</span></li>`;
  };
  return `<ul class="legend">${kinds.map(item).join('')}</ul>`;
}

/** Problems down, solvers across. */
function standingRows({ problems, rows }: Optimisation): readonly (readonly string[])[] {
  return [
    ['problem', 'variables', ...rows.map(({ by }) => by)],
    ...problems.map(({ name, n }, at) => [
      name,
      String(n),
      ...rows.map(({ standings }) => (standings[at] === undefined ? '–' : standingText(standings[at]))),
    ]),
  ];
}

function tableOf([header = [], ...rows]: readonly (readonly string[])[]): string {
  const head = header.map((name) => `<th scope="col">${html(name)}</th>`).join('');
  const body = rows.map(([first = '', ...cells]) => {
    return `<tr><th scope="row">${html(first)}</th>${cells.map((cell) => `<td>${html(cell)}</td>`).join('')}</tr>`;
  });
  return `<div class="scroll" tabindex="0"><table class="labels solvers"><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}
