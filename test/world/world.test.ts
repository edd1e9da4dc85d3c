/** The local world as a newcomer meets it: two verbs at a terminal, and nothing else. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { paintFor } from '../../action/paint.ts';
import { markdownText } from '../../action/verbs/markdown-text.ts';
import { placeIn, worldScript } from '../../action/verbs/world-place.ts';
import { worldClosed, worldMissing, worldRefused } from '../../action/faults.ts';
import '../matchers.ts';
import { cleanEnvironment } from '../action/fettle.ts';
import { temporaryFolder } from '../temporary.ts';

const CLI = path.resolve(import.meta.dirname, '../../action/cli.ts');
const folder = temporaryFolder();
const told: string[] = [];

function start(words: readonly string[]): ChildProcess {
  return spawn(process.execPath, [CLI, ...words, '--at', folder], {
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

let world: ChildProcess;
beforeAll(async () => {
  world = start(['world', '--for', '600']);
  await new Promise<void>((resolve, reject) => {
    world.on('exit', () => reject(new Error(told.join('\n'))));
    if (world.stdout === null) return;
    createInterface({ input: world.stdout }).on('line', (line) => {
      told.push(line);
      if (line.startsWith('Ctrl-C')) resolve();
    });
  });
});
afterAll(() => void world.kill('SIGKILL'));

interface Said {
  readonly code: unknown;
  readonly text: string;
}

/** The same two verbs that a person types, each in a process of its own. */
async function said(...words: readonly string[]): Promise<Said> {
  const child = start(['say', ...words]);
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (part: string) => (text += part));
  const [code] = await once(child, 'close');
  return { code, text };
}

describe('fettle world', () => {
  it('says where everything is, who there is, and what to type', () => {
    expect(told.join('\n')).toMatch(/Page +http:.*octo\/models\n.*Clone +git clone http:/);
    expect(told.join('\n')).toContain('ada admin');
    expect(told.join('\n')).toContain('npx fettle say "/fettle status"');
  });

  it('has a page that shows what serves', async () => {
    const place = await placeIn(folder);
    const page = await fetch(`${place.app}/${place.repository}`).then((answer) => answer.text());
    expect(page).toContain('1.0.0');
  });
});

describe('fettle say', () => {
  it('shows what the bot answers to a question', async () => {
    const { code, text } = await said('/fettle status');
    expect(text).toContain('👀 🚀');
    expect(text).toContain('digits@1.0.0 serves production');
    expect(code).toBe(0);
  });

  it('speaks as whom it is told to, on the thread that it is told', async () => {
    const { text } = await said('/fettle help', '--as', 'tara', '--on', '2');
    expect(text).toContain('tara on #2');
    expect(text).toMatch(/\/fettle promote <version> to <channel> +Lets a version serve/);
  });

  it('lets a maintainer promote, and take it back with a thumb', async () => {
    const promoted = await said('/fettle promote digits@1.1.0 to production', '--as', 'grace');
    expect(promoted.text).toContain('digits@1.1.0 now serves production');
    const back = await said('/fettle rollback production', '--as', 'grace', '--yes');
    expect(back.text).toContain('digits@1.0.0 serves production again');
  });

  it('waits for a training that it asked for, which the Action performs', async () => {
    const { text } = await said('/fettle train digits', '--as', 'linus');
    expect(text).toContain('The newest, 1.2.0, passed');
  });

  it('ends with the code of a refusal where the bot refuses', async () => {
    const { code, text } = await said('/fettle promote digits@1.1.0 to production', '--as', 'tara');
    expect(text).toContain('👀 😕');
    expect(code).toBe(3);
  });

  it('hears nothing where the bot keeps silent', async () => {
    const { code, text } = await said('/fettle status', '--as', 'rita');
    expect(text).toContain('No answer');
    expect(code).toBe(0);
  });

  it('names people and threads that there are not', async () => {
    for (const words of [
      ['--as', 'nobody'],
      ['--on', '99'],
    ]) {
      const { code, text } = await said('/fettle status', ...words, '--json');
      expect(JSON.parse(text)).toMatchObject({ error: { code: worldRefused.code } });
      expect(code).toBe(1);
    }
  });
});

describe('without a world', () => {
  it('says so, and how to open one', async () => {
    await expect(placeIn(temporaryFolder())).rejects.toThrowFault(worldClosed);
  });

  it('is opened only where Fettle has its tests', () => {
    expect(() => worldScript(temporaryFolder())).toThrowFault(worldMissing);
  });

  it('is left when it ends', async () => {
    world.kill('SIGINT');
    await once(world, 'exit');
    expect(existsSync(path.join(folder, 'world.json'))).toBe(false);
  });
});

describe('a comment on a terminal', () => {
  it('has neither marks nor tags, and breaks long cells', () => {
    const body = [
      '<!-- fettle:sticky model=- answered=1 -->',
      '### ✅ **`a@1.0.0` serves**: \\*so\\*',
      '',
      '```',
      '/fettle why a',
      '```',
      '',
      '<details><summary>Details</summary>',
      '',
      '| gate | why |',
      '|---|---|',
      `| \`x\` | ${'word '.repeat(20).trim()} |`,
      '',
      '</details>',
      '',
      '<sub>done · <code>x</code></sub>',
    ].join('\n');
    expect(markdownText(body, paintFor(false)).split('\n')).toEqual([
      '✅ a@1.0.0 serves: *so*',
      '',
      '  /fettle why a',
      '',
      'Details:',
      '',
      'gate  why',
      `x     ${'word '.repeat(14).trim()}`,
      `      ${'word '.repeat(6).trim()}`,
      '',
      'done · x',
    ]);
  });
});
