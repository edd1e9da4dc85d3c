import { describe, expect, it } from 'vitest';
import { ArtifactSettings, chosenStore } from '../../pipelines/artifacts/chosen-store.ts';
import { credentialsOf } from '../../pipelines/artifacts/credentials.ts';
import {
  settingsMisshapen,
  storeAddressRefused,
  storeNotTold,
  storeUnreachable,
} from '../../pipelines/faults.ts';
import { settingsOf } from '../../pipelines/settings/read.ts';
import { digestOf } from '../../registry/base/digest.ts';

const NOBODY = credentialsOf({});

function chosen(text: string, credentials = NOBODY) {
  const { artifacts } = settingsOf(text);
  const patience = { attempts: 2, waitMsMax: 60_000, wait: async () => undefined };
  return chosenStore(artifacts, { credentials, now: () => '2025-06-01T00:00:00.000Z', patience });
}

describe('the settings of artifacts', () => {
  it('choose none by themselves', () => {
    expect(chosen('')).toBeNull();
    expect(chosen('artifacts: { releases: false }')).toBeNull();
  });

  it.each([
    ['artifacts: { oci: { repository: ghcr.io/ada/models } }', 'ghcr.io/ada/models'],
    ['artifacts: { oci: { repository: docker.io/ada/models } }', 'registry-1.docker.io/ada/models'],
    ['artifacts: { oci: { repository: "localhost:5000/models" } }', 'localhost:5000/models'],
    ['artifacts: { s3: { bucket: models } }', 's3://models/fettle at s3.us-east-1.amazonaws.com'],
    [
      'artifacts: { s3: { bucket: models, endpoint: "https://r2.example", prefix: a/b } }',
      's3://models/a/b at r2.example',
    ],
    ['artifacts: { releases: { repository: ada/engine } }', 'the releases of ada/engine'],
  ])('%s', (text, where) => {
    expect(chosen(text)?.where).toBe(where);
  });

  it('take the repository of the job for its releases, and say when there is none', () => {
    const credentials = credentialsOf({ GITHUB_REPOSITORY: 'ada/engine' });
    expect(chosen('artifacts: { releases: true }', credentials)?.where).toBe('the releases of ada/engine');
    expect(() => chosen('artifacts: { releases: true }')).toThrowFault(storeNotTold);
  });

  it.each([
    ['two stores at once', 'artifacts: { releases: true, s3: { bucket: models } }'],
    ['a repository without a registry', 'artifacts: { oci: { repository: models } }'],
    ['capitals, which registries do not know', 'artifacts: { oci: { repository: ghcr.io/Ada/models } }'],
    ['a way out of the bucket', 'artifacts: { s3: { bucket: models, prefix: ../other } }'],
    ['a way out of the repository', 'artifacts: { oci: { repository: ghcr.io/../other } }'],
    ['a way to another API', 'artifacts: { releases: { repository: ada/engine/../../x } }'],
    ['a bucket that is an address', 'artifacts: { s3: { bucket: evil.example/x } }'],
  ])('refuse %s', (_, text) => {
    expect(() => settingsOf(text)).toThrowFault(settingsMisshapen);
  });

  it.each([
    'artifacts: { s3: { bucket: models, endpoint: "http://minio.example" } }',
    'artifacts: { s3: { bucket: models, endpoint: "https://169.254.169.254" } }',
    'artifacts: { oci: { repository: 169.254.169.254/models } }',
    'artifacts: { oci: { repository: 999.1.1.1/models } }',
  ])('refuse an address that bytes may not go to: %s', (text) => {
    expect(() => chosen(text)).toThrowFault(storeAddressRefused);
  });

  it('say that nobody answers for a name that nobody has', async () => {
    const store = chosen('artifacts: { s3: { bucket: models, endpoint: "https://nowhere.invalid" } }');
    await expect(store?.has(digestOf('x'))).rejects.toThrowFault(storeUnreachable);
  });
});

describe('credentials', () => {
  it('are nobody’s in an empty environment, where empty words count as none', () => {
    const none = {
      github: { token: null, api: 'https://api.github.com', repository: null },
      oci: [],
      s3: null,
    };
    expect(NOBODY).toEqual(none);
    expect(credentialsOf({ GITHUB_TOKEN: '', AWS_ACCESS_KEY_ID: ' ' })).toEqual(none);
  });

  it('belong to the host that they were made for', () => {
    const { oci } = credentialsOf({
      GITHUB_TOKEN: 'ghs_1',
      GITHUB_ACTOR: 'ada',
      FETTLE_OCI_HOST: 'registry.example',
      FETTLE_OCI_USER: 'lovelace',
      FETTLE_OCI_PASSWORD: 'secret',
    });
    expect(oci).toEqual([
      { host: 'registry.example', user: 'lovelace', password: 'secret' },
      { host: 'ghcr.io', user: 'ada', password: 'ghs_1' },
    ]);
  });

  it('of S3 are whole or none', () => {
    expect(credentialsOf({ AWS_ACCESS_KEY_ID: 'a' }).s3).toBeNull();
    expect(credentialsOf({ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }).s3).toEqual({
      accessKeyId: 'a',
      secretAccessKey: 'b',
      sessionToken: null,
    });
  });
});

it('the default settings are whole', () => {
  expect(ArtifactSettings.parse({})).toEqual({ releases: false });
});
