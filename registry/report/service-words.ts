/** What a stretch of service was, in words: how long, by whose word, on what evidence, and why it ended. */
import type { Service, Stopped } from '../state/services.ts';
import { clauseOf, counted, durationText, shareText } from './words.ts';

/** Clocks may have gone back: a stretch never lasted less than nothing. */
function lastedMs({ from, ended }: Service, now: string): number {
  return Math.max(0, Date.parse(ended?.at ?? now) - Date.parse(from.at));
}

export function lastedText(service: Service, now: string): string {
  return durationText(lastedMs(service, now));
}

/** `promoted by the gates (run by ada)`, `promoted by ada, waiving no-regression`, `brought back by ada` */
export function cameText({ by, login, automatic, waived }: Service): string {
  if (by === 'rollback') {
    return automatic ? `brought back by live outcomes (${login})` : `brought back by ${login}`;
  }
  if (automatic) return `promoted by the gates (${login})`;
  return `promoted by ${login}${waived.length === 0 ? '' : `, waiving ${waived.join(', ')}`}`;
}

/** What spoke for it: gates, and the difference to what served before with its interval. */
export function evidenceText(service: Service): string {
  const { verdict, reason, automatic, by } = service;
  const gates = verdict === null ? [] : [gatesText(verdict.gates)];
  const change = verdict?.gates.find(({ gate }) => gate === 'no-regression');
  const delta = change === undefined ? [] : [clauseOf(change.reason)];
  const alone = change === undefined ? [scoreText(service)].filter((text) => text !== '') : [];
  const said = automatic || by === 'rollback' || reason === '' ? [] : [`“${reason}”`];
  return [...said, ...gates, ...delta, ...alone].join('; ');
}

function gatesText(gates: NonNullable<Service['verdict']>['gates']): string {
  const passed = gates.filter(({ answer }) => answer === 'pass').length;
  return `${passed} of ${counted(gates.length, 'gate')} passed`;
}

/** `accuracy 97.9% (96.2 to 98.8) on 517 items`; empty where it was not measured. */
export function scoreText({ metrics }: Pick<Service, 'metrics'>): string {
  const metric = metrics.find(({ unit, interval }) => unit === 'ratio' && interval !== null);
  return metric === undefined ? '' : `${metric.name} ${shareText(metric)} on ${counted(metric.n, 'item')}`;
}

/** `rolled back to 1.8.0 by ada: 109 of 120 live outcomes wrong`; empty while it serves. */
export function endedText({ ended }: Service): string {
  if (ended === null) return '';
  const { how, next, login, reason } = ended;
  switch (how) {
    case 'replaced':
      return `replaced by ${next}`;
    case 'rolled back':
      return `rolled back to ${next} by ${login}: ${clauseOf(reason)}`;
    case 'retired':
      return `retired by ${login}: ${clauseOf(reason)}`;
  }
}

/** `refused` or `held`, and by which gate. */
export function stoppedText({ answer, reason }: Stopped): string {
  return `${answer === 'fail' ? 'refused' : 'held'} by ${clauseOf(reason)}`;
}
