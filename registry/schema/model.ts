/** What a model is called: its name, its versions, the channels that serve it. */
import * as z from 'zod';

/**
 * Letters, digits, `-`, `_` and `/`, begun and ended by a letter or digit; no dots, so that a version tag can be
 * made of it (the grammar of GTO, without its directory form).
 */
export const ModelName = z
  .string()
  .max(100)
  .regex(/^[a-z0-9]([a-z0-9_/-]*[a-z0-9])?$/, 'a model name: small letters, digits, "-", "_" and "/"')
  .refine((name) => !name.includes('//'), 'a model name has no empty part')
  .brand<'ModelName'>();
export type ModelName = z.infer<typeof ModelName>;

/** Semantic Versioning 2.0.0 without pre-release or build parts. */
export const Version = z
  .string()
  .max(40)
  .regex(/^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/, 'a version such as 1.4.0')
  .brand<'Version'>();
export type Version = z.infer<typeof Version>;

export const CHANNELS = ['candidate', 'staging', 'production'] as const;
export const Channel = z.enum(CHANNELS);
export type Channel = z.infer<typeof Channel>;

/** `model@version`, as people write it. */
export const VersionRef = z
  .string()
  .regex(/^[^@]+@[^@]+$/, 'model@version, such as digits@1.4.0')
  .transform((text) => {
    const [model, version] = text.split('@');
    return { model, version };
  })
  .pipe(z.strictObject({ model: ModelName, version: Version }));
export type VersionRef = z.infer<typeof VersionRef>;

/** Negative when a is older. */
export function compareVersions(a: Version, b: Version): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  for (let part = 0; part < 3; part++) {
    const gap = (left[part] ?? 0) - (right[part] ?? 0);
    if (gap !== 0) return gap;
  }
  return 0;
}

/** A retrained model is a new minor version; the first is 1.0.0. */
export function versionAfter(last: Version | null): Version {
  if (last === null) return Version.parse('1.0.0');
  const [major, minor] = last.split('.').map(Number);
  return Version.parse(`${major}.${(minor ?? 0) + 1}.0`);
}
