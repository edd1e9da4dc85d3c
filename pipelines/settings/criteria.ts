/** Criteria as a word of the settings and of the command line: read where they come in, with the place of what is wrong. */
import * as z from 'zod';
import { askOf, CRITERIA_NAMES, printCriteria, readCriteria, type CriteriaAsk } from '../gates/criteria.ts';
import { GATES } from '../gates/index.ts';
import type { Asked } from '../gates/court.ts';

/** Kept as it is printed, so that two ways to write one thing are one. */
export const Criteria = z
  .string()
  .transform((line, context) => {
    const read = readCriteria(line);
    if (read.ok) return printCriteria(read.value);
    const { at, wanted } = read.flaw;
    context.addIssue({ code: 'custom', message: `${wanted} at character ${at}` });
    return z.NEVER;
  })
  .describe(
    `criteria on one line, such as \`mdl:-100, f1:+0.01, latency_p99:<5ms\`: ${CRITERIA_NAMES.join(', ')}`,
  );

/** Of a line that was read before; null asks nothing. */
export function criteriaAsk(line: string | null): CriteriaAsk {
  const read = line === null ? null : readCriteria(line);
  return read === null || !read.ok ? { gates: {}, approvals: 0 } : askOf(read.value);
}

/** The gates of the settings, with what the criteria ask of each over it; a gate that is off is turned on by them. */
export function gatesWith<G extends Asked>(gates: G, line: string | null): G {
  const asked = criteriaAsk(line).gates;
  const changed = GATES.flatMap(({ name, params }) => {
    const more = asked[name];
    return more === undefined ? [] : [[name, params.parse({ ...gates[name], ...more })] as const];
  });
  return { ...gates, ...Object.fromEntries(changed) };
}
