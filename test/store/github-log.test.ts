/** The log on GitHub's API: the promises of every log, then what lost answers, limits and rules add. */
import { describe, expect, it } from 'vitest';
import {
  branchInTheWay,
  registryDamaged,
  registryForeign,
  remoteBusy,
  remoteRefused,
  remoteUnreachable,
} from '../../registry/faults.ts';
import { gitLog } from '../../registry/store/git-log.ts';
import { githubLog } from '../../registry/store/github-log.ts';
import { describeEventLog, problemsIn } from '../conformance/event-log.ts';
import type { Fault } from '../fakes/github/answers.ts';
import { eventOf } from '../fixtures/events.ts';
import { git, gitWith, newRepository, readBranch, writeBranch } from '../fixtures/git.ts';
import { begun, idemsOf, openGitHub, put, putAtLast } from '../fixtures/github.ts';

const BRANCH = 'fettle/registry';
const REF = `refs/heads/${BRANCH}`;

describeEventLog('github-log', async () => {
  const { folder, place } = await openGitHub();
  return {
    log: githubLog(place()),
    again: async () => githubLog(place()),
    files: async () => readBranch(folder, BRANCH),
    tamper: async (files) => writeBranch(folder, BRANCH, files),
  };
});

describe('github-log on a branch', () => {
  it('begins with a commit of its own, and goes on with one commit and three calls per append', async () => {
    const folder = newRepository('--bare');
    writeBranch(folder, 'main', new Map([['code.ts', 'export {};\n']]));
    const { github, log } = await begun({ folder });
    const first = github.requests.length;
    expect(github.requests.map(({ what }) => what)).toEqual([
      'FettleTop',
      'FettleTop',
      'git/trees',
      'git/commits',
      'git/refs',
    ]);
    const head = (await log.read([]))?.head ?? null;
    const judged = [eventOf('run.finished'), eventOf('model.promoted', { version: '1.4.0' })];
    await log.append({ expected: head, events: judged, view: new Map(), reducer: 1 });
    const calls = github.requests.slice(first).map(({ what }) => what);
    expect(calls).toEqual(['FettleTop', 'FettleTop', 'FettleFiles', 'FettleAppend']);
    expect(git(folder, 'log', '--format=%P|%B', BRANCH).split('\n').filter(Boolean)).toEqual([
      expect.stringMatching(/^[0-9a-f]{40}\|model\.promoted digits@1\.4\.0 -> production$/),
      'run.finished digits run-00112233445566aa completed',
      '|registry.created local/5f0c8a52e6d14b5c',
    ]);
    expect(() => git(folder, 'merge-base', 'main', BRANCH)).toThrow();
  });

  it('writes the same files as git does, and reads what git wrote', async () => {
    const events = [eventOf('registry.created'), eventOf('run.started'), eventOf('model.retired')];
    const view = new Map([
      ['README.md', '# Models\r\n'],
      ['state/aa/one.json', '{"ä":"é"}\n'],
    ]);
    const bare = newRepository('--bare');
    const local = gitLog({ folder: bare, remote: null, author: { name: 'Ada', email: 'ada@example.org' } });
    const { folder, place } = await openGitHub();
    for (const log of [local, githubLog(place())]) {
      const first = await log.append({ expected: null, events: events.slice(0, 2), view, reducer: 1 });
      await log.append({ expected: first, events: events.slice(2), view: new Map(), reducer: 1 });
    }
    expect(readBranch(folder, BRANCH)).toEqual(readBranch(bare, BRANCH));
    const there = githubLog((await openGitHub({ folder: bare })).place());
    expect(await there.read()).toEqual(await local.read());
    expect(await there.entries(1)).toEqual(await local.entries(1));
  });

  it('looks at the same things as git does, now and since an earlier look', async () => {
    const { folder, log } = await begun();
    const local = gitLog({ folder, remote: null, author: { name: 'Ada', email: 'ada@example.org' } });
    expect(await log.look(null)).toEqual(await local.look(null));
    const since = { mark: git(folder, 'rev-parse', BRANCH).trim(), size: 1 };
    const files = readBranch(folder, BRANCH);
    const changed = new Map([...files, ['state/aa/one.json', '{}\n'], ['README.md', 'one\n']] as const);
    writeBranch(folder, BRANCH, changed);
    const later = { mark: git(folder, 'rev-parse', BRANCH).trim(), size: 1 };
    writeBranch(folder, BRANCH, new Map([...files, ['README.md', 'two\n'], ['index/aa.json', '{}\n']]));
    for (const from of [since, later]) expect(await log.look(from)).toEqual(await local.look(from));
    expect((await log.look(later))?.gone).toEqual(['state/aa/one.json']);
    // A commit that the branch does not hold any more, as after a push by force.
    const lost = { mark: later.mark, size: 1 };
    git(folder, 'update-ref', REF, since.mark);
    expect(await log.look(lost)).toEqual(await local.look(null));
  });

  it('takes no links, no executables, no other bytes and no merges for its own', async () => {
    const { folder, github, log } = await begun();
    const tip = git(folder, 'rev-parse', BRANCH).trim();
    const commit = `commit ${REF}\ncommitter M <m@m> 1800000000 +0000\ndata 1\nx\nfrom ${tip}\n`;
    const link = `${commit}M 120000 inline state/link\ndata 4\n/etc\n`;
    gitWith({ folder, input: link }, 'fast-import', '--quiet', '--force');
    expect((await problemsIn(log)).map(({ code }) => code)).toEqual(['mode']);
    await expect(log.read()).rejects.toThrowFault(registryForeign);
    const bytes = Buffer.concat([
      Buffer.from(`${commit}M 100644 inline README.md\ndata 2\n`),
      Buffer.of(0xff, 0xfe),
    ]);
    await github.bare.run(['fast-import', '--quiet', '--force'], bytes);
    expect((await problemsIn(log)).map(({ code }) => code)).toContain('text');
    await expect(log.read()).rejects.toThrowFault(registryDamaged);
    const merge = `${commit}merge ${git(folder, 'commit-tree', '-m', 'y', `${tip}^{tree}`).trim()}\n`;
    gitWith({ folder, input: merge }, 'fast-import', '--quiet', '--force');
    expect((await problemsIn(log)).map(({ code }) => code)).toEqual(['history']);
  });

  it('reads whole what GitHub cuts off, and lists what it does not list at once', async () => {
    const { place, log } = await begun({ treeEntriesMax: 9 });
    const view = new Map([
      ['README.md', `${'é'.repeat(400_000)}\n`],
      ...Array.from({ length: 7 }, (_, index): [string, string] => [`state/aa/${index}.json`, `${index}\n`]),
    ]);
    const expected = (await log.read([]))?.head ?? null;
    await log.append({ expected, events: [eventOf('run.finished')], view, reducer: 1 });
    expect((await githubLog(place()).read())?.view).toEqual(view);
    expect(await problemsIn(log)).toEqual([]);
  });

  it('refuses a folder that is too wide to be listed rather than read half of it', async () => {
    const { log } = await begun({ treeEntriesMax: 3 });
    await expect(log.look(null)).rejects.toThrowFault(registryDamaged);
  });

  it('says that a branch is in its way', async () => {
    const { folder, place } = await openGitHub();
    writeBranch(folder, 'fettle', new Map([['a', 'b\n']]));
    expect(await githubLog(place()).read()).toBeNull();
    const refused = put(githubLog(place()), eventOf('registry.created'));
    await expect(refused).rejects.toThrowFault(branchInTheWay);
  });

  it('keeps all of 24 events from two writers that race, each once and in one chain', async () => {
    const { folder, place, log } = await begun();
    const events = [0, 1].map(() => Array.from({ length: 12 }, () => eventOf('run.finished')));
    await Promise.all(
      [githubLog(place()), githubLog(place())].map(async (writer, index) => {
        for (const event of events[index] ?? []) await putAtLast(writer, event);
      }),
    );
    const wanted = events.flat().map(({ idem }) => idem);
    expect((await idemsOf(log)).slice(1).toSorted()).toEqual(wanted.toSorted());
    expect(await problemsIn(log)).toEqual([]);
    git(folder, 'fsck', '--strict');
  });
});

describe('github-log under limits and rules', () => {
  const limited = (
    headers: Record<string, string>,
    message = 'You have exceeded a secondary rate limit.',
  ) => {
    const fault: Fault = { kind: 'answer', answer: { status: 403, body: { message }, headers } };
    return fault;
  };

  it('waits as told before it sends the same call again', async () => {
    const { github, pauses, log } = await begun();
    const faults = [
      limited({ 'retry-after': '7' }),
      limited({
        date: 'Fri, 20 Nov 2026 12:00:00 GMT',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(Date.UTC(2026, 10, 20, 12, 0, 40) / 1000),
      }),
      limited({}),
    ];
    github.fail(({ what }) => (what === 'FettleAppend' ? (faults.shift() ?? null) : null));
    expect((await put(log, eventOf('model.retired'))).size).toBe(2);
    // The third answer says no time, for which the documentation asks for a minute.
    expect(pauses).toEqual([7000, 40_000, 60_000]);
  });

  it('says when to come back where its patience ends, having sent nothing more', async () => {
    const { github, pauses, log } = await begun();
    github.fail(() => limited({ 'retry-after': '900' }));
    const before = github.requests.length;
    const refused = log.read();
    await expect(refused).rejects.toThrowFault(remoteBusy);
    await expect(refused).rejects.toThrow(/pause of 900 s/);
    expect(github.requests).toHaveLength(before + 1);
    expect(pauses).toEqual([]);
    github.fail(() => limited({ 'retry-after': '50' }));
    await expect(log.read()).rejects.toThrowFault(remoteBusy);
    expect(pauses).toEqual([50_000, 50_000]);
  });

  it('says that it is not let in, is not let write, or that there is no such repository', async () => {
    const callers = {
      reader: { may: 'read', who: 'reader <reader@example.org>' },
      stranger: { may: 'none', who: 'stranger <stranger@example.org>' },
    } as const;
    const { folder } = await begun();
    const { place } = await openGitHub({ folder, callers });
    expect((await githubLog(place('reader')).read())?.head.size).toBe(1);
    for (const token of ['reader', 'stranger', 'wr0ng-s3cret']) {
      const refused = put(githubLog(place(token)), eventOf('model.retired'));
      await expect(refused).rejects.toThrowFault(remoteRefused);
      await expect(refused).rejects.toThrow(/^(?!.*s3cret)/);
    }
    expect(git(folder, 'rev-list', '--count', BRANCH).trim()).toBe('1');
  });

  it('says which rule forbids the append, to begin and to go on', async () => {
    const rule = (): string => 'Changes must be made through a pull request.';
    const { folder } = await begun();
    const there = await openGitHub({ folder, rule });
    const refused = put(githubLog(there.place()), eventOf('model.retired'));
    await expect(refused).rejects.toThrowFault(remoteRefused);
    await expect(refused).rejects.toThrow(/through a pull request/);
    const fresh = await openGitHub({ rule });
    const begin = put(githubLog(fresh.place()), eventOf('registry.created'));
    await expect(begin).rejects.toThrowFault(remoteRefused);
  });

  it('says that GitHub answers with pages or not at all, after trying for a while', async () => {
    const { github, pauses, log } = await begun();
    github.fail(() => ({ kind: 'html', status: 503 }));
    const failed = log.read();
    await expect(failed).rejects.toThrowFault(remoteUnreachable);
    await expect(failed).rejects.toThrow(/503 Unicorn!/);
    expect(pauses).toEqual([1000, 4000, 10_000]);
  });

  it('refuses bytes that are not those of their name', async () => {
    const { github, log } = await begun();
    const blob = { data: { repository: { f0: { oid: 'a'.repeat(40), byteSize: 3, text: 'lie' } } } };
    const content = {
      sha: 'a'.repeat(40),
      content: Buffer.from('lie').toString('base64'),
      encoding: 'base64',
    };
    github.fail(({ what }) => {
      if (what === 'FettleFiles') return { kind: 'answer', answer: { status: 200, body: blob } };
      return what.startsWith('git/blobs') ? { kind: 'answer', answer: { status: 200, body: content } } : null;
    });
    await expect(log.read(['state/aa/one.json'])).rejects.toThrowFault(registryDamaged);
  });
});
