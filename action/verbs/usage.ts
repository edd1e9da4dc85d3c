/** What help says of verbs, as text; the tables of the documents come from here too. */
import * as z from 'zod';
import { VERBS } from './index.ts';
import { EXIT, EXIT_SAYS, type Paint, type Verb } from './verb.ts';

/** One word or option of a verb, as its schema tells it. */
export interface Asked {
  readonly key: string;
  /** `--from`, or `<recipe>` for a word. */
  readonly flag: string;
  readonly says: string;
  readonly kind: 'flag' | 'value' | 'list';
  readonly required: boolean;
  readonly choices: readonly string[];
  readonly fallback: string | null;
}

const Property = z.object({
  description: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.string()).optional(),
  default: z.unknown().optional(),
});
const ObjectSchema = z.object({
  properties: z.record(z.string(), Property).default({}),
  required: z.array(z.string()).default([]),
});

/** Options that every verb takes. */
export const COMMON: readonly Pick<Asked, 'flag' | 'says'>[] = [
  { flag: '--json', says: 'print one JSON object, faults included' },
  { flag: '-C, --folder <path>', says: 'work there instead of here' },
  { flag: '--quiet', says: 'no progress' },
  { flag: '--no-color', says: 'no colours, as when the output is no terminal' },
  { flag: '--help', says: 'everything about this verb' },
];

export function askedOf({ input, words }: Verb): readonly Asked[] {
  const schema = ObjectSchema.parse(z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }));
  return Object.entries(schema.properties).map(([key, property]) => {
    const kebab = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return {
      key,
      flag: words.includes(key) ? `<${kebab}>` : `--${kebab}`,
      says: property.description ?? '',
      kind: property.type === 'boolean' ? 'flag' : property.type === 'array' ? 'list' : 'value',
      required: schema.required.includes(key),
      choices: property.enum ?? [],
      fallback: fallbackOf(property.default),
    };
  });
}

function fallbackOf(value: unknown): string | null {
  if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) return null;
  return String(value);
}

export function overview(paint: Paint): string {
  const verbs = VERBS.map(({ name, says }) => `  ${paint.bold(name.padEnd(11))} ${says}`);
  return [
    `${paint.bold('fettle')} keeps the models in a repository in fine fettle.`,
    '',
    'Usage: fettle <verb> [words] [options]',
    '',
    ...verbs,
    '',
    'Every verb takes:',
    ...COMMON.map(({ flag, says }) => `  ${flag.padEnd(20)} ${says}`),
    `  ${'--dry-run'.padEnd(20)} with verbs that write: decide and tell, but write nothing`,
    '',
    'Exit codes:',
    ...exitLines(),
    '',
    paint.dim('Begin with: fettle demo. Everything about a verb: fettle help <verb>.'),
  ].join('\n');
}

export function usageOf(verb: Verb, paint: Paint): string {
  const asked = askedOf(verb);
  const words = asked.filter(({ flag }) => flag.startsWith('<'));
  const options = asked.filter(({ flag }) => !flag.startsWith('<'));
  const line = (one: Asked): string => `  ${labelOf(one).padEnd(26)} ${one.says}${detailsOf(one)}`;
  const dry = verb.writes ? [`  ${'--dry-run'.padEnd(26)} decide and tell, but write nothing`] : [];
  const shown = words.map((word) => (word.required ? word.flag : `[${word.flag}]`));
  return [
    `Usage: ${['fettle', verb.name, ...shown].join(' ')} [options]`,
    '',
    verb.says,
    '',
    ...words.map(line),
    ...(words.length > 0 ? [''] : []),
    ...options.map(line),
    ...dry,
    ...COMMON.map(({ flag, says }) => `  ${flag.padEnd(26)} ${says}`),
    '',
    'Examples:',
    ...verb.examples.map((example) => `  ${paint.dim('$')} ${example}`),
  ].join('\n');
}

function labelOf({ flag, kind, key }: Asked): string {
  return flag.startsWith('<') || kind === 'flag' ? flag : `${flag} <${key.toLowerCase()}>`;
}

function detailsOf({ choices, fallback, kind }: Asked): string {
  const parts = [
    ...(choices.length > 0 ? [`one of ${choices.join(', ')}`] : []),
    ...(kind === 'list' ? ['may be repeated'] : []),
    ...(fallback === null ? [] : [`default ${fallback}`]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

function exitLines(): readonly string[] {
  return exitCodes().map(({ code, says }) => `  ${String(code).padEnd(4)} ${says}`);
}

export function exitCodes(): readonly { readonly code: number; readonly says: string }[] {
  const { done, fault, usage, refused, broken, damaged, interrupted } = EXIT_SAYS;
  return [
    { code: EXIT.done, says: done },
    { code: EXIT.fault, says: fault },
    { code: EXIT.usage, says: usage },
    { code: EXIT.refused, says: refused },
    { code: EXIT.broken, says: broken },
    { code: EXIT.damaged, says: damaged },
    { code: EXIT.interrupted, says: interrupted },
  ];
}
