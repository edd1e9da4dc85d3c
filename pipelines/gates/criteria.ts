/**
 * Criteria on one line, such as `mdl:-100, f1:+0.01, latency_p99:<5ms, approvals:2`, read into parameters of the gates.
 *
 *     line      = criterion *( "," criterion )
 *     criterion = name ":" [ relation ] number [ unit ]
 *     relation  = "<" / "<=" / ">" / ">="      the metric itself; none where only one reads sensibly
 *               / "+" / "-"                    beside the version that serves
 *     number    = 1*12digit [ "." 1*6digit ]
 *     unit      = "ms" / "s" / "B" / "KB" / "MB" / "%"
 *
 * Blanks may stand between any two of these. KB and MB are 1,000 and 1,000,000 bytes. Each name stands at most once with
 * the same meaning. `<` and `>` exclude the bound itself, by the last digit that the registry records.
 */

export type Relation = '<' | '<=' | '>' | '>=' | '+' | '-' | '=';

export interface Criterion {
  readonly name: string;
  readonly relation: Relation;
  /** As it was written. */
  readonly number: string;
  readonly unit: string;
}

/** What they ask of the gates, by name, and how many people must agree first. */
export interface CriteriaAsk {
  readonly gates: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly approvals: number;
}

/** What is wrong with a line, where: characters counted from 1. */
export interface CriteriaFlaw {
  readonly at: number;
  readonly wanted: string;
  readonly found: string;
}

export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly flaw: CriteriaFlaw };

const LINE_MOST = 1000;
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  ms: 1,
  s: 1000,
  B: 1,
  KB: 1000,
  MB: 1_000_000,
  '%': 0.01,
};

interface Meaning {
  readonly relations: readonly Relation[];
  readonly units: readonly string[];
  /** The number is in the first unit; strict relations have been moved by one step already. */
  readonly step: number;
  readonly least: number;
  readonly most: number;
  readonly asks: (
    value: number,
    relation: Relation,
  ) => Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const SHARE = { units: ['', '%'], step: 1e-6, least: 0, most: 1 } as const;

function metric(name: 'accuracy' | 'macro_f1'): Meaning {
  const asks: Meaning['asks'] = (value, relation) => {
    if (relation === '+' || relation === '-') {
      return { bounds: { gain: { [name]: relation === '+' ? value : 0 - value } } };
    }
    return { bounds: { least: { [name]: value } } };
  };
  return { ...SHARE, relations: ['>=', '>', '+', '-'], asks };
}

const MEANINGS: Readonly<Record<string, Meaning>> = {
  accuracy: metric('accuracy'),
  f1: metric('macro_f1'),
  mdl: {
    relations: ['-', '+'],
    units: [''],
    step: 1,
    least: 0,
    most: 1e9,
    asks: (bits, relation) => ({ 'description-length': { shorter: relation === '-' ? bits : 0 - bits } }),
  },
  latency_p99: {
    relations: ['<', '<='],
    units: ['', 'ms', 's'],
    step: 0.001,
    least: 0.001,
    most: 1e9,
    asks: (p99Ms) => ({ 'latency-budget': { p99Ms } }),
  },
  size: {
    relations: ['<', '<='],
    units: ['', 'B', 'KB', 'MB'],
    step: 1,
    least: 1,
    most: 1e12,
    asks: (most) => ({ 'size-budget': { most } }),
  },
  items: {
    relations: ['>=', '>'],
    units: [''],
    step: 1,
    least: 1,
    most: 1e9,
    asks: (least) => ({ 'enough-samples': { least } }),
  },
  false_promotions: {
    relations: ['<='],
    units: [''],
    step: 0.001,
    least: 0.001,
    most: 100,
    asks: (falsePromotions) => ({ improvement: { falsePromotions } }),
  },
  slices: {
    relations: ['<='],
    units: ['', '%'],
    step: 1e-6,
    least: 0.000001,
    most: 0.5,
    asks: (q) => ({ slices: { q } }),
  },
  approvals: {
    relations: ['='],
    units: [''],
    step: 1,
    least: 1,
    most: 16,
    asks: () => ({}),
  },
};

/** Every name, for help and for flaws. */
export const CRITERIA_NAMES = Object.keys(MEANINGS);

const TOKENS = /\s*(?:([A-Za-z][A-Za-z0-9_]*)|([<>]=?|[+-])|(\d+(?:\.\d+)?)|([:,%]))/y;

interface Token {
  readonly kind: 'word' | 'relation' | 'number' | 'mark' | 'end' | 'strange';
  readonly text: string;
  readonly at: number;
}

function tokensOf(line: string): readonly Token[] {
  const tokens: Token[] = [];
  TOKENS.lastIndex = 0;
  for (;;) {
    const from = TOKENS.lastIndex;
    const match = TOKENS.exec(line);
    if (match === null) {
      const at = from + (/^\s*/.exec(line.slice(from))?.[0].length ?? 0);
      const text = line.slice(at)[0] ?? '';
      return [...tokens, { kind: text === '' ? 'end' : 'strange', text, at: at + 1 }];
    }
    const [whole, word, relation, number, mark] = match;
    const text = word ?? relation ?? number ?? mark ?? '';
    const kind =
      word !== undefined
        ? 'word'
        : relation !== undefined
          ? 'relation'
          : number !== undefined
            ? 'number'
            : 'mark';
    tokens.push({ kind, text, at: from + whole.length - text.length + 1 });
  }
}

/**
 * Reads a line.
 *
 * @param line  at most 1,000 characters
 * @returns     the criteria in the order written, or the first flaw with its place
 * @throws      never, whatever the line is
 * @cost        linear
 * @source      the grammar above
 */
export function readCriteria(line: string): Read<readonly Criterion[]> {
  if (line.length > LINE_MOST) {
    return flaw(LINE_MOST + 1, `at most ${LINE_MOST} characters`, `${line.length}`);
  }
  const tokens = tokensOf(line);
  const criteria: Criterion[] = [];
  let place = 0;
  for (;;) {
    const one = readOne(tokens, place, criteria);
    if (!one.ok) return one;
    criteria.push(one.value.criterion);
    const after = tokens[one.value.next];
    if (after === undefined || after.kind === 'end') return { ok: true, value: criteria };
    if (after.text !== ',') return flawAt(after, 'a comma or the end');
    place = one.value.next + 1;
  }
}

function readOne(
  tokens: readonly Token[],
  from: number,
  before: readonly Criterion[],
): Read<{ readonly criterion: Criterion; readonly next: number }> {
  const END: Token = tokens.at(-1) ?? { kind: 'end', text: '', at: 1 };
  const token = (offset: number): Token => tokens[from + offset] ?? END;
  const name = token(0);
  const meaning =
    name.kind === 'word' && Object.hasOwn(MEANINGS, name.text) ? MEANINGS[name.text] : undefined;
  if (meaning === undefined) return flawAt(name, `one of ${CRITERIA_NAMES.join(', ')}`);
  if (token(1).text !== ':') return flawAt(token(1), 'a colon');

  const sign = token(2);
  const silent = meaning.relations[0] === '=';
  const relation: Relation | undefined = silent ? '=' : meaning.relations.find((one) => one === sign.text);
  if (relation === undefined) return flawAt(sign, `one of ${meaning.relations.join(' ')}`);
  const at = silent ? 2 : 3;
  const number = token(at);
  if (number.kind !== 'number' || !/^\d{1,12}(\.\d{1,6})?$/.test(number.text)) {
    return flawAt(number, 'a number of at most 12 digits and 6 decimals');
  }
  const next = token(at + 1);
  const hasUnit = next.kind === 'word' || next.text === '%';
  const unit = hasUnit ? next.text : '';
  if (!meaning.units.includes(unit)) return flawAt(next, unitsText(meaning));
  const criterion = { name: name.text, relation, number: number.text, unit };
  const value = valueOf(criterion);
  if (value < meaning.least || value > meaning.most || (meaning.step === 1 && !Number.isInteger(value))) {
    const kind = meaning.step === 1 ? 'a whole number' : 'a number';
    return flawAt(number, `${kind} from ${meaning.least} to ${meaning.most} for \`${name.text}\``);
  }
  if (before.some((one) => one.name === criterion.name && sideOf(one) === sideOf(criterion))) {
    return flawAt(name, `\`${name.text}\` once`);
  }
  return { ok: true, value: { criterion, next: from + at + (hasUnit ? 2 : 1) } };
}

/** A metric may be bounded by itself and beside the champion at once. */
function sideOf({ relation }: Criterion): 'beside' | 'itself' {
  return relation === '+' || relation === '-' ? 'beside' : 'itself';
}

function unitsText({ units }: Meaning): string {
  const named = units.filter((unit) => unit !== '');
  return named.length === 0 ? 'no unit' : `one of the units ${named.join(', ')}`;
}

/** In the first unit, with strict bounds moved by one step of what is recorded. */
function valueOf({ name, relation, number, unit }: Criterion): number {
  const step = MEANINGS[name]?.step ?? 0;
  const value = Number((Number(number) * (UNITS[unit] ?? 1)).toFixed(9));
  const moved = relation === '<' ? value - step : relation === '>' ? value + step : value;
  return Number(moved.toFixed(9));
}

function flaw(
  at: number,
  wanted: string,
  found: string,
): { readonly ok: false; readonly flaw: CriteriaFlaw } {
  return { ok: false, flaw: { at, wanted, found } };
}

function flawAt({ kind, text, at }: Token, wanted: string) {
  return flaw(at, wanted, kind === 'end' ? 'the end' : `\`${text.slice(0, 40)}\``);
}

/** The same criteria as a line: reading it gives them again. */
export function printCriteria(criteria: readonly Criterion[]): string {
  return criteria
    .map(({ name, relation, number, unit }) => `${name}:${relation === '=' ? '' : relation}${number}${unit}`)
    .join(', ');
}

/** What the criteria ask of the gates. */
export function askOf(criteria: readonly Criterion[]): CriteriaAsk {
  const gates: Record<string, Record<string, unknown>> = {};
  let approvals = 0;
  for (const criterion of criteria) {
    const value = valueOf(criterion);
    if (criterion.name === 'approvals') approvals = value;
    const asked = MEANINGS[criterion.name]?.asks(value, criterion.relation) ?? {};
    for (const [gate, params] of Object.entries(asked)) gates[gate] = merged(gates[gate] ?? {}, params);
  }
  return { gates, approvals };
}

/** Bounds of two metrics stand side by side. */
function merged(
  before: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const both = Object.entries(more).map(([key, value]) => {
    const old = before[key];
    const isMap = typeof old === 'object' && old !== null && typeof value === 'object' && value !== null;
    return [key, isMap ? { ...old, ...value } : value] as const;
  });
  return { ...before, ...Object.fromEntries(both) };
}
