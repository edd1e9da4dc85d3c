/** `/fettle help`: printed from the commands themselves. */
import * as z from 'zod';
import { closeTo } from '../../registry/base/closest.ts';
import { codeSpan } from '../../registry/report/words.ts';
import { neededFor } from '../policy/may-ask.ts';
import { defineCommand, type Command, type Setting } from './command.ts';
import { done, refused } from './told.ts';

/** @param all  asked for late: help is one of them */
export function helpOn(all: () => readonly Command[]): Command {
  return defineCommand({
    name: 'help',
    usage: 'help [command]',
    summary: 'Tells what can be asked, or everything about one command.',
    examples: ['help', 'help promote'],
    level: 'triage',
    mutates: false,
    input: z.strictObject({ command: z.string().max(40).optional() }),

    async handle(context, { command: name }) {
      if (name === undefined) {
        return done('**What can be asked**, at the start of a line of its own:', {
          details: commandsTable(all(), context),
          next: '/fettle status',
        });
      }
      const command = all().find((one) => one.name === name);
      if (command !== undefined) {
        return done(`\`/fettle ${command.usage}\`: ${command.summary}`, {
          details: pageOf(command, context),
        });
      }
      return refused('command_unclear', `There is no command ${codeSpan(name)}.${hintFor(name, all())}`, {
        next: '/fettle help',
      });
    },
  });
}

export function hintFor(name: string, commands: readonly Command[]): string {
  const near = closeTo(
    name,
    commands.map((one) => one.name),
  );
  return near === null ? '' : ` Did you mean \`/fettle ${near}\`?`;
}

/** Also what the documents print. */
export function commandsTable(
  commands: readonly Command[],
  { settings: { bot } }: Pick<Setting, 'settings'>,
): string {
  const rows = commands.map((command) => {
    const usage = `\`/fettle ${command.usage}\``;
    return `| ${usage} | ${command.summary} | ${neededFor({ bot, command, channel: null })} |`;
  });
  return ['| command | what it does | who |', '|---|---|---|', ...rows].join('\n');
}

function pageOf(command: Command, { settings: { bot } }: Setting): string {
  const slots = [...command.usage.matchAll(/[<[]([a-z]+)[>\]]/g)].map(([, slot]) => slot);
  const own = Object.keys(command.input.shape).filter((key) => !slots.includes(key));
  const flags = [
    ...own.map((flag) => `--${flag} …`),
    ...(command.mutates ? ['--reason "…"', '--dry-run'] : []),
  ];
  return [
    `Takes **${neededFor({ bot, command, channel: null })}**` +
      `${command.mutates ? '; one such command a comment' : ''}` +
      `${bot.confirm.includes(command.name) ? '; waits for your 👍' : ''}.`,
    ...(flags.length === 0 ? [] : ['', `Flags: ${flags.map((flag) => `\`${flag}\``).join(', ')}.`]),
    '',
    '```',
    ...command.examples.map((example) => `/fettle ${example}`),
    '```',
  ].join('\n');
}
