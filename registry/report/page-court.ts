/** What the court said of the newest version, to be understood in ten seconds: verdict, picture, gates, budget. */
import type { ModelState, VersionState } from '../schema/state.ts';
import type { Answer, GateVerdict } from '../schema/verdict.ts';
import { bothOf, keyPicture } from './chart.ts';
import { differenceChart } from './difference-chart.ts';
import { boundText, type Standing } from './story.ts';
import { clauseOf, counted, grouped, html } from './words.ts';

const MARKS: Readonly<Record<Answer, Standing>> = { pass: 'served', fail: 'refused', investigate: 'held' };
const HUES: Readonly<Record<Answer, string>> = { pass: 'serving', fail: 'refused', investigate: 'held' };
const SAYS: Readonly<Record<Answer, string>> = {
  pass: 'every gate passed',
  fail: 'refused',
  investigate: 'held: the evidence is too thin',
};

export function courtPart(known: ModelState): string {
  const version = known.versions.findLast(({ verdict }) => verdict !== null);
  const verdict = version?.verdict ?? null;
  if (version === undefined || verdict === null || verdict.gates.length === 0) return '';
  const { answer, against, gates } = verdict;
  const title = against === null ? version.version : `${version.version} against ${against}`;
  const worst = gates.find((gate) => gate.answer === answer && answer !== 'pass');
  const why = worst === undefined ? '' : `, by <b>${html(worst.gate)}</b>`;
  const passed = gates.filter((gate) => gate.answer === 'pass').length;
  const shown = answer === 'pass' ? boundText(verdict) : null;
  const plain = shown === null || against === null ? '' : ` Beside ${html(against)} it is ${shown}.`;
  return `<div class="card court"><h3>The court on ${html(title)}</h3><p><span class="tag ${HUES[answer]}">${markOf(answer)}${SAYS[answer]}</span>${why}; ${passed} of ${counted(gates.length, 'gate')} passed.${plain}</p>${picturePart(version, gates)}<ul>${gates.toSorted(byUrgency).map(gateItem).join('')}</ul>${budgetPart(gates)}</div>`;
}

const ORDER: readonly Answer[] = ['fail', 'investigate', 'pass'];

/** What stopped it comes first. */
function byUrgency(a: GateVerdict, b: GateVerdict): number {
  return ORDER.indexOf(a.answer) - ORDER.indexOf(b.answer);
}

function picturePart({ version, verdict }: VersionState, gates: readonly GateVerdict[]): string {
  const paired = verdict?.paired;
  const against = verdict?.against ?? null;
  if (paired === undefined || against === null) return '';
  const margin = gates.find((gate) => gate.margin !== undefined)?.margin ?? null;
  const row = (name: string, { estimate, low, high }: typeof paired.accuracy) => {
    return { name, estimate: Number(estimate), low: Number(low), high: Number(high) };
  };
  const differences = {
    title: `Difference of ${version} to ${against}`,
    challenger: version,
    champion: against,
    rows: [row('accuracy', paired.accuracy), row('macro-F1', paired.macroF1)],
    margin: margin === null ? null : Number(margin),
  };
  const { n, wins, losses } = paired;
  return `<h4>Difference, in points, with its 95% interval</h4>${bothOf((breadth) => differenceChart(differences, breadth))}<p class="soft small">On ${counted(n, 'item')} that both were scored on, ${grouped(wins)} only ${html(version)} had right and ${grouped(losses)} only ${html(against)}.</p>`;
}

/** A check mark, a cross or a warning: its shape says as much as its colour. */
function markOf(answer: Answer): string {
  if (answer !== 'pass') return keyPicture(MARKS[answer], HUES[answer]);
  return `<svg viewBox="-10 -10 20 20" class="key serving" role="img" aria-label="pass"><path d="M-6 0l4 5l8 -10" class="cross"/></svg>`;
}

function gateItem({ gate, answer, reason, found, wanted }: GateVerdict): string {
  const number =
    found === undefined
      ? `<span class="soft small">${html(clauseOf(reason))}</span>`
      : `<span><span class="number">${html(found)}</span> <span class="soft small">asked: ${html(wanted ?? '–')}</span></span>`;
  return `<li class="${answer === 'pass' ? '' : HUES[answer]}">${markOf(answer)}<span>${html(gate)}</span>${number}</li>`;
}

/** How much of the month's false promotions is left for whoever comes next. */
function budgetPart(gates: readonly GateVerdict[]): string {
  const kept = gates.find(({ budget }) => budget !== undefined);
  if (kept?.budget === undefined) return '';
  const [most, spent] = [Number(kept.budget.most), Number(kept.budget.spent) + Number(kept.alpha ?? 0)];
  const left = Math.max(0, most - spent);
  const share = most === 0 ? 0 : Math.round((100 * left) / most);
  return `<p class="soft small">Budget of false promotions: <b>${share}% left</b> (${left.toFixed(3)} of ${most} in 30 days).</p>`;
}
