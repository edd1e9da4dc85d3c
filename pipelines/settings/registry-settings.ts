/** How the registry is reached: the part of the settings that every verb needs, and the only one that most of them do. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';

/** Where the settings lie, from the top of the repository. */
export const SETTINGS_FILE = '.github/fettle.yml';

export const RegistrySettings = z.strictObject({
  // git would take a name that begins with a dash for an option.
  remote: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/, 'the name of a remote')
    .nullable()
    .default('auto')
    .describe('remote that the registry is pushed to; `auto`: origin where there is one; null: none'),
  through: z
    .enum(['git', 'api'])
    .default('git')
    .describe('how it is reached: git, or GitHub’s API, which needs no clone of it but a token'),
  inbox: z
    .boolean()
    .default(false)
    .describe('leave events in the inbox when another writer was first: for where `fettle fold` runs often'),
  witnesses: z
    // git would take an address that begins with a dash for an option.
    .array(
      z.string().regex(/^[A-Za-z0-9./~]\S*$/, 'an address that git knows, a folder, or the name of a remote'),
    )
    .default([])
    .describe('other repositories that remember the newest checkpoint, which `fettle verify` asks too'),
});
export type RegistrySettings = z.infer<typeof RegistrySettings>;

const Whole = z.object({ registry: RegistrySettings.prefault({}) });

/** Null where there is no more to it than can be said without all the rest: whoever asks then reads the whole file. */
export async function readRegistrySettings(top: string): Promise<RegistrySettings | null> {
  try {
    const text = await readFile(path.join(top, SETTINGS_FILE), 'utf8');
    return Whole.parse(mayNameRegistry(text) ? await valueOf(text) : {}).registry;
  } catch {
    return null;
  }
}

/**
 * Whether `registry` may be a key of this YAML. To parse it costs more than all the rest of reading, and most files do
 * not have that key: a word that stands nowhere is no key, unless something is written in escapes. A line that looks
 * like a comment is one if it has no quotes, for what was quoted before it would end there.
 */
export function mayNameRegistry(text: string): boolean {
  return /registry|\\/.test(text.replaceAll(/(?<=^|[\r\n])[ \t]*#[^\r\n'"]*(?=$|[\r\n])/g, ''));
}

async function valueOf(text: string): Promise<unknown> {
  const { parse } = await import('yaml');
  const found: unknown = parse(text, { maxAliasCount: 100 });
  return found ?? {};
}
