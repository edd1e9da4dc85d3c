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
  // Events of the registry as a whole have this subject.
  .refine((name) => name !== 'registry', 'another model name than `registry`')
  .brand<'ModelName'>();
export type ModelName = z.infer<typeof ModelName>;

/**
 * Semantic Versioning 2.0.0 without pre-release or build parts. Larger numbers would not be counted on exactly: the
 * version after 1.9007199254740992.0 would be that one again.
 */
export const Version = z
  .string()
  .max(40)
  .regex(/^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/, 'a version such as 1.4.0')
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

/** `model`, or `model@version`; the version is null where none is named. */
export const ModelOrVersion = z
  .string()
  .regex(/^[^@]+(@[^@]+)?$/, 'a model, or model@version, such as digits@1.4.0')
  .transform((text) => {
    const [model, version = null] = text.split('@');
    return { model, version };
  })
  .pipe(z.strictObject({ model: ModelName, version: Version.nullable() }));

/** Negative when a is older. */
export function compareVersions(a: Version, b: Version): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  for (let part = 0; part < 3; part++) {
    const gap = (left[part] ?? 0) - (right[part] ?? 0);
    if (gap !== 0) return gap;
  }
  return 0;
}

/** A retrained model is a new minor version; the first is 1.0.0. Where a number cannot grow, the one before it does. */
export function versionAfter(last: Version | null): Version {
  if (last === null) return Version.parse('1.0.0');
  const [major = 0, minor = 0, patch = 0] = last.split('.').map(Number);
  const next = [`${major}.${minor + 1}.0`, `${major + 1}.0.0`, `${major}.${minor}.${patch + 1}`];
  return Version.parse(next.find((text) => Version.safeParse(text).success));
}
