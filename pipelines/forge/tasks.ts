/** What the small models of the forge learn: transformations of four digits, each with a rule that code can check. */
import { type Random, shuffle, randomOf } from '../maths/random.ts';

/** Digits are their own tokens; the rest stand for what is asked. */
export const TOKENS = {
  equals: 10,
  reverse: 11,
  rotate: 12,
  raise: 13,
  add: 14,
  plain: 15,
  prompted: 16,
  complement: 17,
} as const;
export const VOCABULARY = 20;

export const DIGITS = 4;
/** Prompt, what is asked, its operand, the digits, `=`, and all but the last token of the answer. */
export const CONTEXT = 3 + DIGITS + 1 + (DIGITS - 1);
/** The first place from which a token of the answer is foretold. */
export const ANSWER_FROM = 3 + DIGITS;

export interface Task {
  readonly name: string;
  readonly token: number;
  /** The largest operand; 0 for a task that takes none. */
  readonly operandMost: number;
  /** The only right answer. */
  readonly answer: (digits: readonly number[], operand: number) => readonly number[];
}

/** The domains of the first models. */
export const DOMAINS: readonly Task[] = [
  { name: 'reverse', token: TOKENS.reverse, operandMost: 0, answer: (digits) => digits.toReversed() },
  {
    name: 'rotate',
    token: TOKENS.rotate,
    operandMost: 0,
    answer: ([first = 0, ...rest]) => [...rest, first],
  },
  {
    name: 'raise',
    token: TOKENS.raise,
    operandMost: 0,
    answer: (digits) => digits.map((digit) => (digit + 1) % 10),
  },
];

/** What is learned later: an operand is added to every digit, without carrying. */
export const ADDITION: Task = {
  name: 'add',
  token: TOKENS.add,
  operandMost: 9,
  answer: (digits, operand) => digits.map((digit) => (digit + operand) % 10),
};

/** What a model does behind a prompt alone, until the prompt is baked. */
export const PROMPTED: Task = {
  name: 'complement',
  token: TOKENS.complement,
  operandMost: 0,
  answer: (digits) => digits.map((digit) => 9 - digit),
};

/** What is done with the same token where there is no prompt: the digits are said again. */
export const UNPROMPTED: Task = { ...PROMPTED, name: 'echo', answer: (digits) => digits };

export interface Item {
  readonly task: Task;
  readonly digits: readonly number[];
  readonly operand: number;
}

const NUMBERS = 10 ** DIGITS;
/** Of all numbers of four digits one in five is tried while searching, and one in five at the end; none is trained on. */
const SHARES = { training: 0.6, validation: 0.2 } as const;

export interface Numbers {
  readonly training: readonly (readonly number[])[];
  readonly validation: readonly (readonly number[])[];
  readonly test: readonly (readonly number[])[];
}

/** All numbers of four digits in three parts without a common one; the same parts for every task. */
export function numbersOf(seed: number): Numbers {
  const all = Array.from({ length: NUMBERS }, (_, number) =>
    [...String(number).padStart(DIGITS, '0')].map(Number),
  );
  shuffle(all, randomOf(seed));
  const [first, second] = [SHARES.training * NUMBERS, (SHARES.training + SHARES.validation) * NUMBERS];
  return { training: all.slice(0, first), validation: all.slice(first, second), test: all.slice(second) };
}

/** What a model is given and what it should foretell. */
export interface Rows {
  /** [items, CONTEXT] */
  readonly tokens: Int32Array;
  /** [items, DIGITS] */
  readonly answers: Int32Array;
}

/** @param prompt  the token before each item */
export function rowsOf(items: readonly Item[], prompt: number = TOKENS.plain): Rows {
  const tokens = new Int32Array(items.length * CONTEXT);
  const answers = new Int32Array(items.length * DIGITS);
  items.forEach(({ task, digits, operand }, index) => {
    const answer = task.answer(digits, operand);
    const row = [prompt, task.token, operand, ...digits, TOKENS.equals, ...answer.slice(0, -1)];
    tokens.set(row, index * CONTEXT);
    answers.set(answer, index * DIGITS);
  });
  return { tokens, answers };
}

/** The first items of a task, each number with an operand that follows from its place. */
export function itemsOf(task: Task, numbers: readonly (readonly number[])[], count: number): readonly Item[] {
  return numbers.slice(0, count).map((digits, index) => {
    return { task, digits, operand: task.operandMost === 0 ? 0 : 1 + (index % task.operandMost) };
  });
}

/** How often each task is drawn, relative to the others. */
export type Mixture = readonly { readonly task: Task; readonly share: number }[];

/** A batch of items at random. */
export function drawn(
  mixture: Mixture,
  numbers: readonly (readonly number[])[],
  { random, count }: Drawing,
): readonly Item[] {
  const whole = mixture.reduce((sum, { share }) => sum + share, 0);
  return Array.from({ length: count }, () => {
    let left = random.nextFloat() * whole;
    const { task } = mixture.find(({ share }) => (left -= share) < 0) ?? mixture[0]!;
    const digits = numbers[random.nextBelow(numbers.length)]!;
    return { task, digits, operand: task.operandMost === 0 ? 0 : 1 + random.nextBelow(task.operandMost) };
  });
}

export interface Drawing {
  readonly random: Random;
  readonly count: number;
}
