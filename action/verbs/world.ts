/** `fettle world`: a GitHub stand-in with a repository, the bot and its page on this machine, for meeting the bot. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import * as z from 'zod';
import { defineVerb, EXIT } from './verb.ts';
import { worldFolder, worldScript } from './world-place.ts';

export const world = defineVerb({
  name: 'world',
  says: 'Opens a GitHub of your own on this machine, with a repository and the bot, until Ctrl-C.',
  words: [],
  input: z.strictObject({
    for: z.coerce.number().positive().optional().describe('end by itself after so many seconds'),
    at: z.string().optional().describe('folder of the file by which `fettle say` finds it'),
  }),
  writes: false,
  examples: ['fettle world', 'fettle world --for 60'],

  async run(context, { for: seconds, at }) {
    const folder = worldFolder(at === undefined ? null : path.resolve(context.folder, at));
    const lasting = seconds === undefined ? [] : ['--for', String(seconds)];
    const child = spawn(process.execPath, [worldScript(), '--at', folder, ...lasting], {
      // The channel tells it when whoever started it is gone.
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    // The world closes what it opened, and this process waits for it rather than ending at once.
    process.removeAllListeners('SIGINT').on('SIGINT', () => void child.kill('SIGINT'));
    const [code] = z.tuple([z.int().nullable(), z.string().nullable()]).parse(await once(child, 'exit'));
    return {
      data: { folder, ended: code },
      text: (paint) => (code === 0 ? paint.dim('The world is closed.') : 'The world broke.'),
      exit: code === 0 ? EXIT.done : EXIT.broken,
    };
  },
});
