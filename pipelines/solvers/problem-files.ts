/** Reads problems as others publish them: graphs of the Gset, QUBO files of qbsolv, CNF and WCNF of DIMACS. */
import { problemUnfit } from '../faults.ts';
import { cutOf, quboOfCut } from './max-cut.ts';
import { brokenBy, quboOfMaxSat, type Clause } from './max-sat.ts';
import { energyOf, quboOf, VARIABLES_MOST, type Bits, type Coupling, type Qubo } from './qubo.ts';

/** What bits are worth in the words of the problem. */
export interface Worth {
  /** Such as `cut`. */
  readonly figure: string;
  readonly value: number;
  /** Whether nothing that must hold is broken. */
  readonly allowed: boolean;
}

export interface PublishedProblem {
  readonly kind: 'cut' | 'qubo' | 'max-sat';
  /** What it is, with its sizes. */
  readonly says: string;
  readonly qubo: Qubo;
  /** How many of its variables are the problem's own; they come first. */
  readonly variables: number;
  readonly worthOf: (bits: Bits) => Worth;
}

interface Line {
  readonly where: string;
  readonly words: readonly string[];
}

/**
 * The problem in a text, told apart by its first line that is no comment: `p qubo`, `p cnf`, `p wcnf`, a WCNF of 2022
 * (which has no `p`, and whose name ends in .wcnf), else a graph: `n m` and then `i j weight`, counted from 1.
 *
 * @param name  of the file, for messages and its ending
 * @param text  its contents
 * @returns     a function to minimize, and what its bits are worth
 * @throws      problemUnfit with the line that is not as its format has it
 * @cost        one pass, and that of `quboOf`
 * @source      qbsolv's README; MaxSAT Evaluation, rules of 2011 and 2022; G. Rinaldi's rudy for graphs
 */
export function readProblem(name: string, text: string): PublishedProblem {
  const lines = text
    .split('\n')
    .map((line, at) => ({ where: `${name}:${at + 1}`, words: line.trim().split(/\s+/) }))
    .filter(({ words: [first = ''] }) => first !== '' && first !== 'c' && !first.startsWith('#'));
  const [head, ...rows] = lines;
  if (head === undefined) throw problemUnfit({ where: name, wanted: 'a problem', found: 'nothing' });
  const [first, format = ''] = head.words;
  if (first === 'p' && format === 'qubo') return quboIn(head, rows);
  if (first === 'p' && (format === 'cnf' || format === 'wcnf')) {
    const top = format === 'cnf' || head.words[4] === undefined ? null : numberAt(head, 4);
    checkCount(head.where, { wanted: numberAt(head, 3), found: rows.length, noun: 'clauses' });
    const declared = wholeAt(head, 2, { least: 0, most: VARIABLES_MOST });
    return clausesIn(rows, { top, weighted: format === 'wcnf', declared });
  }
  if (first === 'p') {
    throw problemUnfit({ where: head.where, wanted: '`p qubo`, `p cnf` or `p wcnf`', found: format });
  }
  const weighted = first === 'h' || name.endsWith('.wcnf');
  if (weighted) return clausesIn(lines, { top: null, weighted, declared: 0 });
  return graphIn(head, rows);
}

function numberAt({ where, words }: Line, at: number): number {
  const found = words[at] ?? 'the end of the line';
  const value = Number(found);
  if (Number.isFinite(value)) return value;
  throw problemUnfit({ where, wanted: `a finite number as word ${at + 1}`, found });
}

/** A whole number within bounds; a count of variables or an index. */
function wholeAt(line: Line, at: number, { least, most }: { least: number; most: number }): number {
  const value = numberAt(line, at);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  const wanted = `a whole number from ${least} to ${most} as word ${at + 1}`;
  throw problemUnfit({ where: line.where, wanted, found: String(value) });
}

function checkCount(
  where: string,
  { wanted, found, noun }: { wanted: number; found: number; noun: string },
): void {
  if (wanted !== found) throw problemUnfit({ where, wanted: `${wanted} ${noun}`, found: `${found}` });
}

function graphIn(head: Line, rows: readonly Line[]): PublishedProblem {
  const n = wholeAt(head, 0, { least: 0, most: VARIABLES_MOST });
  checkCount(head.where, { wanted: numberAt(head, 1), found: rows.length, noun: 'edges' });
  const vertex = { least: 1, most: n };
  const edges = rows.map((row): Coupling => {
    const weight = row.words.length === 2 ? 1 : numberAt(row, 2);
    return { i: wholeAt(row, 0, vertex) - 1, j: wholeAt(row, 1, vertex) - 1, weight };
  });
  const graph = { n, edges };
  return {
    kind: 'cut',
    says: `the heaviest cut of ${n} vertices and ${edges.length} edges`,
    qubo: quboOfCut(graph),
    variables: n,
    worthOf: (bits) => ({ figure: 'cut', value: cutOf(graph, bits), allowed: true }),
  };
}

function quboIn(head: Line, rows: readonly Line[]): PublishedProblem {
  const n = wholeAt(head, 3, { least: 0, most: VARIABLES_MOST });
  const terms = numberAt(head, 4) + numberAt(head, 5);
  checkCount(head.where, { wanted: terms, found: rows.length, noun: 'diagonal and coupling terms together' });
  const variable = { least: 0, most: n - 1 };
  const couplings = rows.map((row) => ({
    i: wholeAt(row, 0, variable),
    j: wholeAt(row, 1, variable),
    weight: numberAt(row, 2),
  }));
  const qubo = quboOf({ n, couplings });
  return {
    kind: 'qubo',
    says: `the smallest value over ${n} bits with ${rows.length} terms`,
    qubo,
    variables: n,
    worthOf: (bits) => ({ figure: 'value', value: energyOf(qubo, bits), allowed: true }),
  };
}

interface ClauseForm {
  /** The weight of what must not be broken, where the file names one. */
  readonly top: number | null;
  readonly weighted: boolean;
  /** How many variables the head names, of which not all have to be used. */
  readonly declared: number;
}

function clausesIn(rows: readonly Line[], form: ClauseForm): PublishedProblem {
  const clauses = rows.map((row) => clauseIn(row, form));
  const variables = clauses.reduce(
    (most, { literals }) => literals.reduce((so, literal) => Math.max(so, Math.abs(literal)), most),
    form.declared,
  );
  const problem = { variables, clauses, offset: 0 };
  return {
    kind: 'max-sat',
    says: `the least weight of broken clauses, of ${clauses.length} over ${variables} variables`,
    qubo: quboOfMaxSat(problem).qubo,
    variables,
    worthOf: (bits) => {
      const { cost, hardBroken } = brokenBy(problem, bits);
      return { figure: 'broken weight', value: cost, allowed: hardBroken === 0 };
    },
  };
}

function clauseIn(row: Line, { top, weighted }: ClauseForm): Clause {
  const hard = row.words[0] === 'h';
  const weight = hard ? null : weighted ? numberAt(row, 0) : 1;
  const numbers = row.words.slice(weighted ? 1 : 0).map((_, at) => {
    const bound = { least: -VARIABLES_MOST, most: VARIABLES_MOST };
    return wholeAt(row, at + (weighted ? 1 : 0), bound);
  });
  if (numbers.at(-1) !== 0 || numbers.indexOf(0) !== numbers.length - 1) {
    throw problemUnfit({ where: row.where, wanted: 'one clause ended by 0', found: row.words.join(' ') });
  }
  return { literals: numbers.slice(0, -1), weight: weight !== null && weight === top ? null : weight };
}
