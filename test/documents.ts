/** The tables of the documents, printed from the code between their markers. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { exitCodes } from '../action/verbs/usage.ts';
import { VERBS } from '../action/verbs/index.ts';
import { commandsTable } from '../bot/commands/help.ts';
import { COMMANDS } from '../bot/commands/index.ts';
import { GATES } from '../pipelines/gates/index.ts';
import { limitText } from '../action/verbs/forge-run.ts';
import { ASKED } from '../pipelines/forge/asked.ts';
import { everyRecipe } from '../pipelines/recipes/index.ts';
import { settingsOf } from '../pipelines/settings/read.ts';

export const README = path.resolve(import.meta.dirname, '../README.md');

/** Each table by the name of its markers. */
export const TABLES: Readonly<Record<string, string>> = {
  verbs: tableOf(
    ['verb', 'what it does'],
    VERBS.map(({ name, says }) => [`\`${name}\``, says]),
  ),
  commands: commandsTable(COMMANDS, { settings: settingsOf('') }),
  recipes: tableOf(
    ['recipe', 'what it does', 'steps'],
    (await everyRecipe()).map(({ name, says, steps }) => [
      `\`${name}\``,
      says,
      steps.map((step) => step.name).join(' → '),
    ]),
  ),
  forge: tableOf(
    ['phase', 'what is measured', 'asked', 'stops'],
    ASKED.map((asked) => [asked.phase, asked.says, limitText(asked), asked.stops ? 'yes' : 'no']),
  ),
  gates: tableOf(
    ['gate', 'what a candidate must show'],
    GATES.map(({ name, says }) => [`\`${name}\``, says]),
  ),
  'exit-codes': tableOf(
    ['code', 'meaning'],
    exitCodes().map(({ code, says }) => [String(code), says]),
  ),
};

function tableOf(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

export function readmeText(): string {
  return readFileSync(README, 'utf8');
}

/** The text with every table as the code would print it now. @throws Error when a marker is missing */
export function withTables(text: string): string {
  return Object.entries(TABLES).reduce((now, [name, table]) => {
    const between = new RegExp(`(<!-- fettle:${name} -->\n)[\\s\\S]*?(<!-- /fettle:${name} -->)`);
    if (!between.test(now)) throw new Error(`README.md has no markers for the table \`${name}\``);
    return now.replace(between, (_, open: string, close: string) => `${open}${table}\n${close}`);
  }, text);
}
