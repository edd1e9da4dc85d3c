/** A comment comes in, replies go out: what is addressed to the bot is read, judged by who asks, and done. */
import { codeSpan, listed } from '../../registry/report/words.ts';
import { isMember } from '../policy/may-ask.ts';
import type { Asked, Reply, Setting } from './command.ts';
import { answerFor, permissionRefusal } from './guard.ts';
import { hintFor } from './help.ts';
import { COMMANDS } from './index.ts';
import { mentions } from './lines.ts';
import { parseComment, type Line, type Unclear } from './parse.ts';
import { faultReply, refused } from './told.ts';

/** `silent` where nobody asked anything, or a stranger did. */
export async function converse(comment: string, setting: Setting): Promise<readonly Reply[] | 'silent'> {
  const { asker } = setting;
  // Programs are not conversed with: two of them would go on for ever.
  if (asker.kind === 'Bot' || !mentions(comment) || mayNothing(setting)) return 'silent';
  const parsed = parseComment(comment);
  if (parsed.kind === 'nothing') return 'silent';
  if (parsed.kind === 'too-long') {
    return toMembers(setting, refused('comment_too_long', `Not read: ${parsed.wrong}.`));
  }

  const read = parsed.lines.map((line) => ({ line, asked: readLine(line) }));
  const unclear = read.flatMap(({ line, asked }) =>
    'command' in asked ? [] : [unclearReply(line, asked.wrong)],
  );
  if (unclear.length > 0) return toMembers(setting, unclear[0]);
  const asked = read.flatMap((one) => ('command' in one.asked ? [one.asked] : []));
  const denied = asked.map((one) => denialOf(one, setting)).find((denial) => denial !== null);
  if (denied !== undefined) return denied === 'silent' ? 'silent' : [denied];
  const changing = asked.filter(({ command }) => command.mutates);
  if (changing.length > 1) return [tooManyReply(changing)];
  return allDone(asked, setting);
}

/** Whoever may ask nothing at all costs no parsing. */
function mayNothing(setting: Setting): boolean {
  const { level } = setting.asker;
  if (level === 'unknown' || isMember(level)) return false;
  return COMMANDS.every((command) => !answerFor(setting, command, null).may);
}

/** One after the other, so that what is told last was so last. */
async function allDone(asked: readonly Asked[], setting: Setting): Promise<readonly Reply[]> {
  const replies: Reply[] = [];
  for (const { dryRun, reason, model, handle } of asked) {
    replies.push(
      await handle({ ...setting, dryRun, reason }).catch((error: unknown) => faultReply(error, model)),
    );
  }
  return replies;
}

function readLine(line: Line | Unclear): Asked | { readonly wrong: string } {
  if ('wrong' in line) return line;
  const command = COMMANDS.find(({ name }) => name === line.name);
  if (command === undefined) {
    return { wrong: `there is no command ${codeSpan(line.name)}.${hintFor(line.name, COMMANDS)}` };
  }
  const asked = command.read(line);
  return typeof asked === 'string' ? { wrong: asked } : asked;
}

/** All of it or nothing: what was meant by half a comment is anybody's guess. */
function denialOf({ command, channel }: Asked, setting: Setting): Reply | 'silent' | null {
  const answer = answerFor(setting, command, channel);
  if (answer.may) return null;
  const { asker } = setting;
  if (asker.level !== 'unknown' && !isMember(asker.level)) return 'silent';
  return permissionRefusal(asker, command, answer);
}

function toMembers({ asker }: Setting, reply: Reply | undefined): readonly Reply[] | 'silent' {
  return reply !== undefined && isMember(asker.level) ? [reply] : 'silent';
}

function unclearReply({ shown }: Pick<Line, 'shown'>, wrong: string): Reply {
  const end = /[.?!]$/.test(wrong) ? '' : '.';
  return refused('command_unclear', `Not understood: ${wrong}${end} Nothing of the comment was done.`, {
    details: `It was ${codeSpan(shown)}.`,
    next: '/fettle help',
  });
}

function tooManyReply(changing: readonly Asked[]): Reply {
  const names = listed(changing.map(({ command }) => `\`${command.name}\``));
  const verdict = `Not done: ${names} each change something, and a comment may change one thing. Nothing was done.`;
  return refused('command_too_many', verdict, {
    details: 'Write them in comments of their own, in the order you want.',
  });
}
