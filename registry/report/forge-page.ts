/** The phases of a lineage as one self-contained page: what was asked and measured, its tables and its plots. */
import { bothOf } from './chart.ts';
import { shellOf } from './shell.ts';
import { plot, type PlotAsk } from './plot.ts';
import { html } from './words.ts';

export interface ForgePhase {
  readonly name: string;
  /** Rows of what was asked: claim, asked, measured, verdict. */
  readonly asked: readonly (readonly [string, string, string, string])[];
  readonly tables: readonly {
    readonly title: string;
    readonly columns: readonly string[];
    readonly rows: readonly (readonly (string | number)[])[];
  }[];
  readonly plots: readonly PlotAsk[];
  readonly notes: readonly string[];
}

export interface ForgeStory {
  readonly title: string;
  readonly phases: readonly ForgePhase[];
  /** Steps with the digests of what each made. */
  readonly lineage: readonly (readonly [string, string])[];
  /** Why it ended before its last phase; null where it did not. */
  readonly stopped: string | null;
}

export function forgePage({ title, phases, lineage, stopped }: ForgeStory): string {
  const end = stopped === null ? '' : `<p><strong>Stopped:</strong> ${html(stopped)}</p>`;
  return shellOf({
    title: `${title} · forge`,
    eyebrow: 'Forge',
    heading: title,
    below: '',
    main: `<section>
<h2>Phases</h2>
${end}
${table(
  ['phase', 'gate', 'asked', 'measured', 'verdict'],
  phases.flatMap(({ name, asked }) => asked.map((row) => [name, ...row])),
)}
</section>
${phases.map(section).join('\n')}
<section>
<h2>Lineage</h2>
${table(['step', 'made'], lineage)}
</section>`,
    footer: '',
  });
}

function section({ name, tables, plots, notes }: ForgePhase): string {
  return [
    '<section>',
    `<h2>${html(name)}</h2>`,
    ...notes.map((note) => `<p class="soft">${html(note)}</p>`),
    ...plots.map(
      (each) => `<h3>${html(each.title)}</h3><figure>${bothOf((breadth) => plot(each, breadth))}</figure>`,
    ),
    ...tables.map(({ title, columns, rows }) => `<h3>${html(title)}</h3>${table(columns, rows)}`),
    '</section>',
  ].join('\n');
}

function table(columns: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = (row: readonly (string | number)[], tag: string): string =>
    `<tr>${row.map((cell) => `<${tag}>${html(textOf(cell))}</${tag}>`).join('')}</tr>`;
  return `<div class="scroll"><table><thead>${cells(columns, 'th')}</thead><tbody>${rows.map((row) => cells(row, 'td')).join('')}</tbody></table></div>`;
}

function textOf(cell: string | number): string {
  return typeof cell === 'string' ? cell : String(Number(cell.toPrecision(4)));
}
