/** The settings of the store that machines share, and the store that they choose. */
import * as z from 'zod';
import { storeAddressRefused, storeNotTold } from '../faults.ts';
import { checkAddress, isLoopback } from './address.ts';
import type { Credentials } from './credentials.ts';
import { ociStore } from './oci-store.ts';
import type { Patience } from './patience.ts';
import { releaseStore } from './release-store.ts';
import { s3Store } from './s3-store.ts';
import type { ArtifactStore } from './store.ts';

const Oci = z.strictObject({
  repository: z
    .string()
    .max(255)
    .regex(
      /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+$/,
      'a registry and a repository, such as ghcr.io/owner/name',
    )
    .describe('where, such as ghcr.io/owner/name'),
});

const S3 = z.strictObject({
  bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket'),
  region: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'a region')
    .default('us-east-1'),
  endpoint: z.url().nullable().default(null).describe('another service than Amazon’s'),
  prefix: z
    .string()
    .regex(
      /^([A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*)?$/,
      'a prefix without slashes around it',
    )
    .default('fettle'),
  style: z
    .enum(['path', 'host'])
    .nullable()
    .default(null)
    .describe('where the bucket is named; null: `path` with an endpoint, else `host`'),
});

const Releases = z.union([
  z.boolean(),
  z.strictObject({
    repository: z.string().regex(/^[A-Za-z0-9-]+\/[A-Za-z0-9._-]+$/, 'owner/name'),
  }),
]);

/** None of them: `.fettle/artifacts` in this clone alone. */
export const ArtifactSettings = z
  .strictObject({
    oci: Oci.optional().describe('a container registry'),
    s3: S3.optional().describe('a bucket that speaks S3'),
    releases: Releases.default(false).describe(
      'the releases of this repository on GitHub, or of another: { repository: owner/name }',
    ),
  })
  .refine(
    ({ oci, s3, releases }) =>
      [oci !== undefined, s3 !== undefined, releases !== false].filter(Boolean).length < 2,
    'one shared store, not several',
  );
export type ArtifactSettings = z.infer<typeof ArtifactSettings>;

export interface Surroundings {
  readonly credentials: Credentials;
  readonly now: () => string;
  readonly patience?: Patience;
}

/** Null where the settings choose none. @throws storeNotTold, storeAddressRefused */
export function chosenStore(settings: ArtifactSettings, around: Surroundings): ArtifactStore | null {
  if (settings.oci !== undefined) return chosenOci(settings.oci, around);
  if (settings.s3 !== undefined) return chosenS3(settings.s3, around);
  return settings.releases === false ? null : chosenReleases(settings.releases, around);
}

function chosenOci({ repository: told }: z.infer<typeof Oci>, around: Surroundings): ArtifactStore {
  const { credentials, ...rest } = around;
  const slash = told.indexOf('/');
  const host = told.slice(0, slash);
  const address = urlFrom(`https://${host === 'docker.io' ? 'registry-1.docker.io' : host}`);
  const registry = isLoopback(address) ? urlFrom(`http://${host}`) : address;
  const login = credentials.oci.find((one) => one.host === host) ?? null;
  return ociStore({ ...rest, registry, repository: told.slice(slash + 1), login });
}

function chosenS3({ endpoint, style, ...told }: z.infer<typeof S3>, around: Surroundings): ArtifactStore {
  const { credentials, ...rest } = around;
  return s3Store({
    ...rest,
    ...told,
    endpoint: urlFrom(endpoint ?? `https://s3.${told.region}.amazonaws.com`),
    style: style ?? (endpoint === null ? 'host' : 'path'),
    key: credentials.s3,
  });
}

function chosenReleases(told: z.infer<typeof Releases>, around: Surroundings): ArtifactStore {
  const { credentials, ...rest } = around;
  const { api, token, repository: here } = credentials.github;
  const repository = typeof told === 'object' ? told.repository : here;
  if (repository === null) throw storeNotTold({ store: 'releases', variables: ['GITHUB_REPOSITORY'] });
  return releaseStore({ ...rest, api: urlFrom(api), repository, token });
}

/** @throws storeAddressRefused */
function urlFrom(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw storeAddressRefused({ wanted: 'an https: address', found: `\`${text}\`` });
  checkAddress(url);
  return url;
}
