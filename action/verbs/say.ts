/** `fettle say`: a comment in the local world, as one of its people, and what the bot answers. */
import path from 'node:path';
import * as z from 'zod';
import { markdownText } from './markdown-text.ts';
import { converseIn, type Answered } from './say-aloud.ts';
import { defineVerb, EXIT, type Paint } from './verb.ts';
import { placeIn, worldFolder } from './world-place.ts';

const FACES: Readonly<Record<string, string>> = {
  eyes: '👀',
  rocket: '🚀',
  confused: '😕',
  '+1': '👍',
  '-1': '👎',
};

export const say = defineVerb({
  name: 'say',
  says: 'Comments in the local world as one of its people, and shows what the bot answers.',
  words: ['text'],
  input: z.strictObject({
    text: z.string().min(1).max(65_536).describe('the comment, such as "/fettle status"'),
    as: z.string().default('ada').describe('who says it'),
    on: z.coerce.number().int().positive().optional().describe('the issue or pull request; else the first'),
    yes: z.boolean().default(false).describe('answer the bot’s question, if it asks one, with 👍'),
    at: z.string().optional().describe('folder of the file by which the world is found'),
  }),
  writes: false,
  examples: [
    'fettle say "/fettle status"',
    'fettle say "/fettle promote digits@1.1.0 to production" --as grace',
    'fettle say "/fettle rollback production" --yes',
  ],

  async run(context, { text, as, on, yes, at }) {
    const place = await placeIn(worldFolder(at === undefined ? null : path.resolve(context.folder, at)));
    const answered = await converseIn(place, {
      text,
      as,
      on: on ?? place.thread,
      yes,
      tell: (line) => context.progress.say(line),
    });
    const isRefused = answered.reactions.includes('confused');
    return {
      data: answered,
      text: (paint) => textOf(answered, paint),
      exit: isRefused ? EXIT.refused : EXIT.done,
    };
  },
});

function textOf({ said, reactions, answers, bot }: Answered, paint: Paint): string {
  const faces = reactions.map((one) => FACES[one] ?? one).join(' ');
  const lines = said.text.split('\n').map((line) => `  ${line}`);
  return [
    '',
    `${paint.bold(said.by)} ${paint.dim(`on #${said.on}`)}`,
    ...lines,
    ...(faces === '' ? [] : ['', `  ${faces}`]),
    ...answers.flatMap((body) => ['', paint.bold(bot), ...indented(markdownText(body, paint))]),
    ...(answers.length === 0 ? ['', paint.dim(SILENCE)] : []),
    '',
  ].join('\n');
}

const SILENCE = 'No answer: it was no command, or the bot keeps silent before whoever may ask nothing.';

function indented(text: string): readonly string[] {
  return text.split('\n').map((line) => (line === '' ? '' : `  ${line}`));
}
