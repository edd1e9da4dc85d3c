/** `fettle contradictions`: what registry and settings hold to be so and cannot all be true, and what to believe of it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { examined, type Examined } from '../../pipelines/contradictions/examine.ts';
import { Fact } from '../../pipelines/contradictions/fact.ts';
import type { Resolution } from '../../pipelines/contradictions/resolve.ts';
import { readSettings } from '../../pipelines/settings/read.ts';
import { EMPTY } from '../../registry/state/fold.ts';
import { fileUnreadable } from '../faults.ts';
import { defineVerb, EXIT, type Paint } from './verb.ts';
import { counted } from './words.ts';
import { openReader } from './workplace.ts';

export const contradictions = defineVerb({
  name: 'contradictions',
  says: 'Finds what registry and settings say that cannot all be true, and tells what to believe.',
  words: [],
  input: z.strictObject({
    facts: z.string().optional().describe('a file of more facts to hold beside them, one JSON value a line'),
  }),
  writes: false,
  examples: [
    'fettle contradictions',
    'fettle contradictions --json',
    'fettle contradictions --facts runs.jsonl',
  ],

  async run(context, { facts }) {
    const { registry, repository } = await openReader(context);
    const found = examined({
      state: (await registry.read())?.state ?? EMPTY,
      settings: await readSettings(repository.top),
      now: context.now(),
      beside: facts === undefined ? [] : await factsIn(path.resolve(context.folder, facts)),
    });
    const { resolutions, open } = found;
    return {
      data: dataOf(found),
      text: (paint) => textOf(found, paint),
      exit: open.length === 0 ? EXIT.done : EXIT.refused,
      reason: open.length > 0 ? 'open' : resolutions.length > 0 ? 'settled' : 'consistent',
    };
  },
});

/** @throws fileUnreadable, with the line that holds no fact */
async function factsIn(file: string): Promise<readonly Fact[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw fileUnreadable({ file, wanted: 'facts', found: String(error) });
  });
  return text.split('\n').flatMap((line, at) => {
    if (line.trim() === '') return [];
    const read = Fact.safeParse(jsonOr(line));
    if (read.success) return [read.data];
    const [issue] = read.error.issues;
    const found = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
    throw fileUnreadable({ file: `${file}:${at + 1}`, wanted: 'a fact', found });
  });
}

function jsonOr(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function dataOf({ facts, resolutions, open }: Examined): unknown {
  return {
    facts: facts.length,
    open: open.length,
    contradictions: resolutions.map(({ contradiction, strategy, reason, givenUp }) => ({
      law: contradiction.law.name,
      kind: contradiction.law.kind,
      says: contradiction.law.says,
      strategy,
      reason,
      facts: contradiction.facts.map((fact) => ({ ...fact, believed: !givenUp.includes(fact) })),
    })),
  };
}

function textOf({ facts, resolutions, open }: Examined, paint: Paint): string {
  if (resolutions.length === 0) {
    return paint.good(`No contradiction among ${counted(facts.length, 'fact')}.`);
  }
  const settled = resolutions.length - open.length;
  return [
    `${counted(resolutions.length, 'contradiction')} among ${counted(facts.length, 'fact')}: ${settled} settled, ${open.length} for people to decide.`,
    ...[...open, ...resolutions.filter((one) => !open.includes(one))].map((one) => lines(one, paint)),
  ].join('\n\n');
}

function lines({ contradiction, strategy, reason, givenUp }: Resolution, paint: Paint): string {
  const { law, facts } = contradiction;
  const isOpen = strategy === 'escalation';
  const mark = (fact: Fact): string =>
    givenUp.includes(fact) ? paint.bad('✘') : isOpen ? '?' : paint.good('✔');
  return [
    `${paint.bold(law.says)} ${paint.dim(`${law.name}, ${law.kind}`)}`,
    ...facts.map((fact) => `  ${mark(fact)} ${fact.says} ${paint.dim(`(${fact.where})`)}`),
    isOpen ? paint.warn(`  For people to decide: ${reason}.`) : `  By ${strategy}: ${reason}.`,
  ].join('\n');
}
