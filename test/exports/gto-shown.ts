/** What the real GTO reads in a repository, and the same of our registry in its words. */
import * as z from 'zod';
import type { RegistryState } from '../../registry/schema/state.ts';
import { peer, peerCommand } from '../peers/peer.ts';
import type { Filled } from './registry.ts';

const Shown = z.record(
  z.string(),
  z.object({
    version: z.string().nullable(),
    stage: z.record(z.string(), z.string().nullable()),
    active: z.boolean(),
  }),
);
const Versions = z.array(z.object({ version: z.string() }));
const Past = z.array(z.object({ artifact: z.string(), event: z.string(), version: z.string().nullable() }));

function gto(folder: string, ...words: readonly string[]): unknown {
  return JSON.parse(peer([...words, '--json'], { folder, command: peerCommand('gto') }));
}

/** What GTO makes of the tags: by model the newest version and what each stage serves. */
export function shown(folder: string, ...words: readonly string[]) {
  return Shown.parse(gto(folder, 'show', '--deprecated', ...words));
}

export function versionsShown(folder: string, model: string): readonly string[] {
  return Versions.parse(gto(folder, 'show', model, '--deprecated')).map(({ version }) => version);
}

/** The same of the registry. */
export async function stateOf({ registry }: Filled): Promise<RegistryState> {
  const view = await registry.read();
  if (view === null) throw new Error('there is no registry');
  return view.state;
}

export function stagesOf(state: RegistryState): Record<string, Record<string, string>> {
  return Object.fromEntries(
    [...state.models.values()].map(({ model, serving }) => [
      model,
      Object.fromEntries(Object.entries(serving).map(([channel, version]) => [channel, `v${version}`])),
    ]),
  );
}

export function stagesShown(
  folder: string,
  ...words: readonly string[]
): Record<string, Record<string, string>> {
  return Object.fromEntries(
    Object.entries(shown(folder, ...words)).map(([model, { stage }]) => [
      model,
      Object.fromEntries(
        Object.entries(stage).flatMap(([name, version]) => (version === null ? [] : [[name, version]])),
      ),
    ]),
  );
}

export function pastShown(folder: string): z.infer<typeof Past> {
  return Past.parse(gto(folder, 'history', '--ascending'));
}
