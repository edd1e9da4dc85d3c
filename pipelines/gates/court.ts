/** The court: every gate that is asked judges the evidence, and a recorded judgement is made again from the record alone. */
import { answerOf, type Answer, type GateVerdict, type Judged } from '../../registry/schema/verdict.ts';
import { evidenceFrom, isPairSound, type Evidence, type Recorded } from '../scores/evidence.ts';
import { RAILS, type RailName } from './gate.ts';
import { GATES } from './index.ts';

/** Parameters by the name of the gate; null for one that is not asked. */
export type Asked = Readonly<Record<string, object | null>>;

export function verdictsOf(asked: Asked, evidence: Evidence): readonly GateVerdict[] {
  return GATES.flatMap((gate) => {
    const params = asked[gate.name] ?? null;
    return params === null ? [] : [gate.judge(evidence, params)];
  });
}

/** Whether the candidate is to be trained a second time: some gate would pass it near its margin, and none fails it. */
export function wantsRerun(asked: Asked, evidence: Evidence): boolean {
  if (verdictsOf(asked, evidence).some(({ answer }) => answer === 'fail')) return false;
  return GATES.some(({ name, wantsRerun: wants }) => {
    const params = asked[name] ?? null;
    return params !== null && wants(evidence, params);
  });
}

/** The parameters as the log keeps them: text, because an event holds no fractions as numbers. */
export function askedText(asked: Asked): Judged['asked'] {
  const there = Object.entries(asked).filter(([, params]) => params !== null);
  return Object.fromEntries(there.map(([name, params]) => [name, JSON.stringify(params)]));
}

export interface Rejudged {
  readonly gates: readonly RejudgedGate[];
  /** The verdict as it was recorded, and as it follows from the evidence now. */
  readonly answer: Answer;
  readonly again: Answer;
  readonly agrees: boolean;
}

export interface RejudgedGate {
  readonly recorded: GateVerdict;
  readonly rail: RailName | null;
  /** What the gate says now; null where no gate of that name is known, or its parameters are not recorded. */
  readonly again: GateVerdict | null;
  readonly agrees: boolean;
}

export interface JudgedRecord extends Recorded {
  readonly judged: Judged;
  readonly answer: Answer;
  readonly gates: readonly GateVerdict[];
}

/**
 * Judges again by the same pure functions, on the numbers that the log keeps and on nothing else.
 *
 * @param record  an evaluation and its verdict, as recorded
 * @returns       each gate's recorded and derived answer; they agree when every field is the same
 * @throws        never: parameters that cannot be read are a gate that does not agree
 * @cost          one pass over the gates
 * @source        definition
 */
export function judgedAgain(record: JudgedRecord): Rejudged {
  const evidence = evidenceFrom(record);
  const gates = record.gates.map((recorded): RejudgedGate => {
    const gate = GATES.find(({ name }) => name === recorded.gate);
    const again = gate === undefined ? null : againBy(gate, evidence, record.judged.asked[recorded.gate]);
    return { recorded, rail: gate?.rail ?? null, again, agrees: isSame(recorded, again) };
  });
  const derived = gates.flatMap(({ again }) => (again === null ? [] : [again]));
  const again = answerOf(derived);
  return {
    gates,
    answer: record.answer,
    again,
    agrees: again === record.answer && isPairSound(record) && gates.every(({ agrees }) => agrees),
  };
}

function againBy(
  gate: (typeof GATES)[number],
  evidence: Evidence,
  asked: string | undefined,
): GateVerdict | null {
  try {
    return asked === undefined ? null : gate.judge(evidence, JSON.parse(asked));
  } catch {
    return null;
  }
}

function isSame(recorded: GateVerdict, again: GateVerdict | null): boolean {
  if (again === null) return false;
  const keys = [...new Set([...Object.keys(recorded), ...Object.keys(again)])] as (keyof GateVerdict)[];
  return keys.every((key) => JSON.stringify(recorded[key]) === JSON.stringify(again[key]));
}

export interface Rail {
  readonly rail: RailName | 'synthesis';
  readonly answer: Answer;
  /** Share of its gates that passed; 1 for a lane without gates. */
  readonly score: number;
  /** What its worst gates said; empty where none was asked. */
  readonly reasons: readonly string[];
}

/**
 * The lanes one by one, then what follows from all of them: a lane answers as its worst gate does, each lane has one
 * vote, and whoever says `fail` has a veto.
 *
 * @param gates  verdicts of gates, in any order; those of unknown gates count in the synthesis alone
 * @returns      the five lanes in order, then `synthesis`, whose answer is that of the verdict
 * @throws       never
 * @cost         one pass a lane
 * @source       definition
 */
export function railsOf(gates: readonly GateVerdict[]): readonly Rail[] {
  const lanes = RAILS.map((rail): Rail => {
    const names = new Set(GATES.filter((gate) => gate.rail === rail).map(({ name }) => name));
    return laneOf(
      rail,
      gates.filter(({ gate }) => names.has(gate)),
    );
  });
  const answer = answerOf(gates);
  const agree = lanes.filter((lane) => lane.answer === 'pass').length;
  const reasons = lanes.filter((lane) => lane.answer === answer && answer !== 'pass').map(({ rail }) => rail);
  return [...lanes, { rail: 'synthesis', answer, score: agree / lanes.length, reasons }];
}

function laneOf(rail: RailName, gates: readonly GateVerdict[]): Rail {
  const answer = answerOf(gates);
  const worst = gates.filter((one) => one.answer === answer);
  return {
    rail,
    answer,
    score: gates.length === 0 ? 1 : gates.filter((one) => one.answer === 'pass').length / gates.length,
    reasons: worst.map(({ gate, reason }) => `${gate}: ${reason}`),
  };
}
