/** The demo's own repository with a bare origin, in a folder that is surely ours. */
import { lstat, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { codeOf, writeDurably } from '../../pipelines/artifacts/durable.ts';
import { demoFolderTaken } from '../faults.ts';
import { SETTINGS_FILE } from '../../pipelines/settings/settings.ts';
import { digestOf } from '../../registry/base/digest.ts';
import { makeRepository } from '../../registry/store/repository.ts';

const SETTINGS = `# The demo's settings: one model, judged at a margin of one point.
models:
  digits:
    recipe: train-and-promote
    columns: { id: id, label: label }
    holdout: 0.33
    learner: { standardize: true, l2: 0.001 }
    gates:
      no-regression: { margin: 0.01 }
      metric-floor: { metric: accuracy, floor: 0.8 }
`;

const MARK = 'fettle-demo.txt';

export interface DemoFolder {
  readonly top: string;
  /** The repository that the demo works in; its origin is beside it. */
  readonly work: string;
}

export interface FolderAsk {
  /** Null: below the system's temporary folder. */
  readonly at: string | null;
  readonly fresh: boolean;
  readonly data: Uint8Array;
}

/**
 * Goes on in the folder of an earlier demo by the same Fettle with the same data; begins anew otherwise.
 *
 * @throws demoFolderTaken when the folder is not empty and no demo of this user's
 */
export async function openDemoFolder({ at, fresh, data }: FolderAsk): Promise<DemoFolder> {
  const top = at ?? path.join(tmpdir(), `fettle-demo-${userInfo().username}`);
  const identity = `fettle ${manifest.version}\n${digestOf(data)}\n${digestOf(SETTINGS)}\n`;
  const known = await markOf(top);
  const work = path.join(top, 'digits-demo');
  const origin = path.join(top, 'origin.git');
  if (known !== identity || fresh) {
    // The mark goes last and comes first: whatever stops the demo in between, the folder is known to be the demo's.
    await mkdir(top, { recursive: true, mode: 0o700 });
    await rm(work, { recursive: true, force: true });
    await rm(origin, { recursive: true, force: true });
    await writeDurably(path.join(top, MARK), identity);
  }
  await makeRepository({ work, origin });
  await writeDurably(path.join(work, SETTINGS_FILE), SETTINGS);
  return { top, work };
}

/** What the mark says; null where the folder is not there or empty. A link or another's folder is never entered. */
async function markOf(top: string): Promise<string | null> {
  try {
    const found = await lstat(top);
    const owner = process.getuid?.() ?? found.uid;
    if (!found.isDirectory() || found.uid !== owner) throw demoFolderTaken({ folder: top });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    return await readFile(path.join(top, MARK), 'utf8');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    if ((await readdir(top)).length === 0) return null;
    throw demoFolderTaken({ folder: top }, error);
  }
}
