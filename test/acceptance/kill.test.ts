/** Kills the demo at fifty random points and lets it go on: what it ends with must not tell that it was ever killed. */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { randomOf } from '../../pipelines/maths/random.ts';
import { BUNDLE, cleanEnvironment } from '../action/fettle.ts';
import { git, temporaryFolder } from '../temporary.ts';

const KILLS = 50;
const SEED = 20_261_121;

const Story = z.object({
  verified: z.boolean(),
  serving: z.record(z.string(), z.string()),
  versions: z.array(
    z.object({ version: z.string(), model: z.string(), answer: z.string(), rolledBack: z.boolean() }),
  ),
  decisions: z.array(z.object({ what: z.string(), version: z.string(), before: z.string().nullable() })),
});

function demoOf(at: string): readonly string[] {
  return [BUNDLE, 'demo', '--at', at, '--json'];
}

function tellWhole(at: string): z.infer<typeof Story> {
  const out = execFileSync(process.execPath, demoOf(at), {
    encoding: 'utf8',
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return z.object({ data: Story }).parse(JSON.parse(out)).data;
}

/** @returns true when the demo had ended by itself before the blow came */
async function killAfter(at: string, afterMs: number): Promise<boolean> {
  const child = spawn(process.execPath, demoOf(at), { env: cleanEnvironment(), stdio: 'ignore' });
  const ended = new Promise<boolean>((resolve) => child.once('exit', (code) => resolve(code === 0)));
  const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
  const done = await ended;
  clearTimeout(timer);
  return done;
}

function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** Every artifact that can be seen is whole: its bytes are those of its name. */
function halfWritten(at: string): readonly string[] {
  return filesBelow(path.join(at, 'digits-demo/.fettle/artifacts/sha256')).filter((file) => {
    const name = path.basename(path.dirname(file)) + path.basename(file);
    if (path.basename(file).startsWith('.tmp-')) return false;
    return createHash('sha256').update(readFileSync(file)).digest('hex') !== name;
  });
}

describe('the demo, killed at any point', () => {
  it(`ends as an unbroken one after ${KILLS} kills`, { timeout: 300_000 }, async () => {
    const whole = tellWhole(path.join(temporaryFolder(), 'whole'));
    const random = randomOf(SEED);
    let at = path.join(temporaryFolder(), 'broken');
    let kills = 0;
    while (kills < KILLS) {
      const done = await killAfter(at, 100 + random.nextBelow(900));
      expect(halfWritten(at)).toEqual([]);
      // One that came to its end is compared, and the rest of the kills fall on another.
      if (done) {
        expect(tellWhole(at)).toEqual(whole);
        at = path.join(temporaryFolder(), 'broken');
      } else {
        kills += 1;
      }
    }
    expect(tellWhole(at)).toEqual(whole);
    expect(whole.verified).toBe(true);
    for (const repository of ['digits-demo', 'origin.git']) {
      expect(git(path.join(at, repository), 'fsck', '--strict', '--no-dangling')).toBe('');
    }
  });
});
