/** Where the local world lies and how it is found again: a small file that `fettle world` writes and `fettle say` reads. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { worldClosed, worldMissing } from '../faults.ts';

/** Of Fettle itself, whether it runs from its sources or from its bundle. */
const TOP = path.resolve(import.meta.dirname, '../..');

const Place = z.object({
  api: z.url(),
  app: z.url(),
  repository: z.string(),
  thread: z.int(),
  tokens: z.record(z.string(), z.string()),
});
/** The stand-in's own tokens, which open nothing else. */
export type Place = z.infer<typeof Place>;

/** @param at  null: beside Fettle itself */
export function worldFolder(at: string | null): string {
  return at ?? path.join(TOP, '.fettle', 'world');
}

/** What `fettle world` starts. @throws worldMissing where Fettle came as a package, without its tests */
export function worldScript(top = TOP): string {
  const script = path.join(top, 'test', 'world', 'main.ts');
  if (!existsSync(script)) throw worldMissing({ lacks: 'test/world' });
  if (!existsSync(path.join(top, 'node_modules', 'emulate'))) {
    throw worldMissing({ lacks: 'node_modules/emulate' });
  }
  return script;
}

/** @throws worldClosed */
export async function placeIn(folder: string): Promise<Place> {
  const file = path.join(folder, 'world.json');
  try {
    return Place.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw worldClosed({ found: `no ${file}` }, error);
  }
}
