/** What `fettle doctor` says of what others could do to the registry: to its branch, and to the tags that GTO obeys. */
import { describe, expect, it } from 'vitest';
import { ruleFindings } from '../../action/verbs/registry-guards.ts';
import { credentialsOf } from '../../pipelines/artifacts/credentials.ts';
import { openGitHub } from '../fixtures/github.ts';
import { git, temporaryRepository } from '../temporary.ts';
import { emptyRegistry, filledRegistry } from '../exports/registry.ts';
import { fettle } from './fettle.ts';

interface Finding {
  readonly check: string;
  readonly answer: string;
  readonly says: string;
}

function found(folder: string, check: string): readonly Finding[] {
  const findings: readonly Finding[] = JSON.parse(fettle(folder, ['doctor', '--json']).stdout).data.findings;
  return findings.filter((one) => one.check === check);
}

describe('the rules on the registry’s branch', () => {
  const SHARED = { remote: 'origin', through: 'git' } as const;
  const secretsFor = (environment: Readonly<Record<string, string>>) => ({
    secrets: { keys: null, stores: credentialsOf(environment) },
  });
  const worldOf = (url: string) =>
    secretsFor({ GITHUB_TOKEN: 'writer', GITHUB_REPOSITORY: 'octo/models', GITHUB_API_URL: url });

  it.each([
    ['are missed', [], 'note', /not there: restrict deletions, block force pushes/],
    ['are missed one by one', ['deletion'], 'note', /not there: block force pushes/],
    ['are found', ['non_fast_forward', 'deletion'], 'ok', /^restrict deletions, block force pushes$/],
    [
      'that keep every writer out are told of',
      ['deletion', 'pull_request'],
      'note',
      /require a pull request.*bypass/,
    ],
  ])('%s', async (_, types, answer, says) => {
    const { github } = await openGitHub({ rules: { 'fettle/registry': types } });
    expect(await ruleFindings(SHARED, worldOf(github.url))).toEqual([
      { check: 'branch rules', answer, says: expect.stringMatching(says) },
    ]);
  });

  it('are unknown without a token, and where GitHub does not say', async () => {
    expect(await ruleFindings(SHARED, secretsFor({}))).toMatchObject([
      { answer: 'note', says: expect.stringMatching(/^unknown: .*GITHUB_TOKEN/) },
    ]);
    for (const kind of ['drop', 'truncate'] as const) {
      const { github } = await openGitHub({ fault: () => ({ kind }) });
      expect(await ruleFindings(SHARED, worldOf(github.url))).toMatchObject([
        { answer: 'note', says: expect.stringMatching(/^unknown: ./) },
      ]);
    }
    const { github } = await openGitHub({
      fault: () => ({ kind: 'answer', answer: { status: 429, body: {}, headers: { 'retry-after': '60' } } }),
    });
    expect(await ruleFindings(SHARED, worldOf(github.url))).toMatchObject([
      { answer: 'note', says: expect.stringMatching(/^unknown: ./) },
    ]);
  });

  it('are nobody’s business where the registry stays in one clone', async () => {
    expect(await ruleFindings({ remote: null, through: 'git' }, secretsFor({}))).toEqual([]);
    expect(found(temporaryRepository(), 'branch rules')).toEqual([]);
  });
});

describe('the tags that GTO obeys', () => {
  it('are compared with the log once somebody exported them', async () => {
    const { folder } = await filledRegistry();
    expect(found(folder, 'tags')).toEqual([]);
    fettle(folder, ['export', '--gto']);
    expect(found(folder, 'tags')).toMatchObject([{ answer: 'ok' }]);
    git(folder, 'tag', '--delete', 'digits@v1.0.0');
    expect(found(folder, 'tags')).toMatchObject([{ answer: 'note', says: expect.stringMatching(/^1 tag/) }]);
  });

  // The tag says that another version serves; its date is far ahead, so that GTO takes it for the newest.
  it('mislead nobody of ours when they are moved or forged, and are told of', async () => {
    const { folder } = await filledRegistry();
    fettle(folder, ['export', '--gto']);
    const before = fettle(folder, ['status', '--json']).stdout;
    const branch = git(folder, 'rev-parse', 'fettle/registry');
    git(folder, 'tag', '--force', '--annotate', '--message', 'mine', 'digits@v1.1.0', 'HEAD');
    git(
      folder,
      '-c',
      'user.name=M',
      'tag',
      '--annotate',
      '--message',
      'mine',
      'digits#production#99',
      'HEAD',
    );
    expect(found(folder, 'tags')).toMatchObject([
      { answer: 'wrong', says: expect.stringMatching(/^1 moved, 1 extra/) },
    ]);
    expect(fettle(folder, ['status', '--json']).stdout).toBe(before);
    fettle(folder, ['export', '--gto', '--repair']);
    expect(git(folder, 'rev-parse', 'fettle/registry')).toBe(branch);
    expect(found(folder, 'tags')).toMatchObject([{ answer: 'ok' }]);
  });

  it('are none of the log’s where it never exported any', () => {
    const { folder } = emptyRegistry();
    git(folder, 'tag', '--annotate', '--message', 'mine', 'digits#production#1', 'HEAD');
    expect(found(folder, 'tags')).toEqual([]);
  });
});

describe('a branch `fettle` in the way', () => {
  it('is told of by the doctor, with what to do', () => {
    const folder = temporaryRepository();
    git(folder, 'branch', 'fettle');
    const before = git(folder, 'for-each-ref');
    expect(found(folder, 'branch')).toMatchObject([
      { answer: 'wrong', says: expect.stringMatching(/git branch -m fettle/) },
    ]);
    expect(git(folder, 'for-each-ref')).toBe(before);
  });
});
