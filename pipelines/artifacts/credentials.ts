/** What a door's environment tells of shared stores and of services: who we are there, and where GitHub is. */
import * as z from 'zod';
import type { Login } from './oci-auth.ts';
import type { S3Key } from './s3-sign.ts';

const word = z
  .string()
  .optional()
  .transform((text) => (text === undefined || text.trim() === '' ? null : text.trim()));

const Environment = z.object({
  GITHUB_TOKEN: word,
  GH_TOKEN: word,
  GITHUB_API_URL: word,
  GITHUB_REPOSITORY: word,
  GITHUB_ACTOR: word,
  FETTLE_OCI_HOST: word,
  FETTLE_OCI_USER: word,
  FETTLE_OCI_PASSWORD: word,
  AWS_ACCESS_KEY_ID: word,
  AWS_SECRET_ACCESS_KEY: word,
  AWS_SESSION_TOKEN: word,
  QISKIT_IBM_TOKEN: word,
});

/** Never recorded and never printed. */
export interface Credentials {
  readonly github: {
    readonly token: string | null;
    readonly api: string;
    readonly repository: string | null;
  };
  /** A password is only ever given to the host that it was made for. */
  readonly oci: readonly (Login & { readonly host: string })[];
  readonly s3: S3Key | null;
  /** An API key of IBM Cloud; left out where there is none. */
  readonly ibmKey?: string;
}

export function credentialsOf(environment: Readonly<Record<string, string | undefined>>): Credentials {
  const told = Environment.parse(environment);
  const token = told.GITHUB_TOKEN ?? told.GH_TOKEN;
  return {
    github: {
      token,
      api: told.GITHUB_API_URL ?? 'https://api.github.com',
      repository: told.GITHUB_REPOSITORY,
    },
    oci: [...ownLogin(told), ...githubLogin(token, told.GITHUB_ACTOR)],
    s3: keyOf(told),
    ...(told.QISKIT_IBM_TOKEN === null ? {} : { ibmKey: told.QISKIT_IBM_TOKEN }),
  };
}

type Told = z.infer<typeof Environment>;

function ownLogin(told: Told): Credentials['oci'] {
  const { FETTLE_OCI_HOST: host, FETTLE_OCI_USER: user, FETTLE_OCI_PASSWORD: password } = told;
  return host === null || user === null || password === null ? [] : [{ host, user, password }];
}

/** GitHub's own registry takes the token of a workflow as a password. */
function githubLogin(token: string | null, actor: string | null): Credentials['oci'] {
  return token === null ? [] : [{ host: 'ghcr.io', user: actor ?? 'token', password: token }];
}

function keyOf(told: Told): S3Key | null {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = told;
  if (accessKeyId === null || secretAccessKey === null) return null;
  return { accessKeyId, secretAccessKey, sessionToken: told.AWS_SESSION_TOKEN };
}
