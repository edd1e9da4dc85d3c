/** The inbox on GitHub's API: the promises of every inbox, then what lost answers, limits and rules add. */
import { describe, expect, it } from 'vitest';
import { remoteBusy, remoteRefused, remoteUnreachable } from '../../registry/faults.ts';
import { githubInbox } from '../../registry/store/github-inbox.ts';
import { PARCEL_FILE, parcelRef } from '../../registry/store/inbox.ts';
import { describeInbox } from '../conformance/inbox.ts';
import type { Fault } from '../fakes/github/answers.ts';
import { git, gitWith, writeBranch } from '../fixtures/git.ts';
import { openGitHub } from '../fixtures/github.ts';

const DAY = '2026-11-20';

describeInbox('github-inbox', async () => {
  const { folder, place } = await openGitHub();
  return { folder, inbox: githubInbox(place()), again: async () => githubInbox(place()) };
});

describeInbox('github-inbox without updateRefs', async () => {
  const { folder, place } = await openGitHub({ withoutUpdateRefs: true });
  return { folder, inbox: githubInbox(place()), again: async () => githubInbox(place()) };
});

/** After these the caller cannot know whether the request was carried out; before some of them it was. */
const UNSURE: readonly Fault[] = [
  { kind: 'drop' },
  { kind: 'lose' },
  { kind: 'truncate' },
  { kind: 'mask', status: 502 },
  { kind: 'html', status: 503 },
];

describe('github-inbox when answers are lost', () => {
  it.each(UNSURE)('leaves one parcel whichever call it is that ends so: $kind', async (fault) => {
    for (let position = 0; ; position++) {
      const { folder, github, place } = await openGitHub();
      github.fail(({ index }) => (index === position ? fault : null));
      const inbox = githubInbox(place());
      const ref = await inbox.offer(DAY, 'one\n');
      const met = github.requests.length > position;
      github.fail(() => null);
      expect(await inbox.list()).toMatchObject([{ ref, text: 'one\n' }]);
      expect(git(folder, 'for-each-ref').trim().split('\n')).toHaveLength(1);
      git(folder, 'fsck', '--strict');
      if (!met) break;
      expect(position).toBeLessThan(20);
    }
  });

  it.each(UNSURE)('removes what was asked for whichever call it is that ends so: $kind', async (fault) => {
    for (let position = 0; ; position++) {
      const { github, place } = await openGitHub();
      const inbox = githubInbox(place());
      for (const text of ['one\n', 'two\n', 'three\n']) await inbox.offer(DAY, text);
      const [kept, ...others] = await inbox.list();
      const from = github.requests.length;
      github.fail(({ index }) => (index === from + position ? fault : null));
      await inbox.discard(others);
      const met = github.requests.length > from + position;
      github.fail(() => null);
      expect(await inbox.list()).toEqual([kept]);
      if (!met) break;
    }
  });

  it('says when GitHub cannot be reached, after trying for a while, and forgets nothing', async () => {
    const { github, pauses, place } = await openGitHub();
    github.fail(({ what }) => (what === 'git/refs' ? { kind: 'lose' } : null));
    const inbox = githubInbox(place());
    // The ref was made by the first call, whose answer was lost, and is found when it is looked for.
    await inbox.offer(DAY, 'one\n');
    github.fail(({ what }) => (what === 'git/refs' ? { kind: 'drop' } : null));
    await expect(inbox.offer(DAY, 'two\n')).rejects.toThrowFault(remoteUnreachable);
    expect(pauses).toEqual([1000, 4000, 10_000]);
    github.fail(() => null);
    await inbox.offer(DAY, 'two\n');
    expect(await inbox.list()).toHaveLength(2);
  });
});

describe('github-inbox under limits and rules', () => {
  it('waits as told, and says for how long when that is too long', async () => {
    const { github, pauses, place } = await openGitHub();
    const busy = (seconds: string): Fault => ({
      kind: 'answer',
      answer: {
        status: 403,
        body: { message: 'You have exceeded a secondary rate limit.' },
        headers: { 'retry-after': seconds },
      },
    });
    github.fail(({ index }) => (index === 1 ? busy('17') : null));
    await githubInbox(place()).offer(DAY, 'one\n');
    expect(pauses).toEqual([17_000]);
    github.fail(() => busy('3600'));
    await expect(githubInbox(place()).offer(DAY, 'two\n')).rejects.toThrowFault(remoteBusy);
    expect(pauses).toEqual([17_000]);
  });

  it('says that it is not let in, or that a rule forbids it', async () => {
    const reader = { may: 'read', who: 'reader <reader@example.org>' } as const;
    const { place } = await openGitHub({ callers: { reader } });
    await expect(githubInbox(place('reader')).offer(DAY, 'one\n')).rejects.toThrowFault(remoteRefused);
    await expect(githubInbox(place('nobody')).list()).rejects.toThrowFault(remoteRefused);
    const ruled = await openGitHub({
      rule: () => 'Cannot create this ref due to creations being restricted.',
    });
    await expect(githubInbox(ruled.place()).offer(DAY, 'one\n')).rejects.toThrow(
      /creations being restricted/,
    );
  });

  it('takes nothing else for its parcel where somebody was first under its name', async () => {
    const { folder, place } = await openGitHub();
    const ref = parcelRef(DAY, 'one\n');
    writeBranch(folder, ref.slice('refs/heads/'.length), new Map([[PARCEL_FILE, 'two\n']]));
    await expect(githubInbox(place()).offer(DAY, 'one\n')).rejects.toThrowFault(remoteRefused);
    expect(await githubInbox(place()).list()).toMatchObject([{ ref, text: null }]);
  });

  it('reads no parcel that is too large or no text, and offers none that is too large', async () => {
    const { folder, github, place } = await openGitHub();
    const large = 'x'.repeat((1 << 20) + 1);
    writeBranch(folder, parcelRef(DAY, large).slice('refs/heads/'.length), new Map([[PARCEL_FILE, large]]));
    const head = `commit ${parcelRef(DAY, 'odd')}\ncommitter M <m@m> 1800000000 +0000\ndata 1\nx\n`;
    const file = Buffer.concat([
      Buffer.from(`M 100644 inline ${PARCEL_FILE}\ndata 2\n`),
      Buffer.of(0xff, 0xfe),
    ]);
    await github.bare.run(['fast-import', '--quiet'], Buffer.concat([Buffer.from(head), file]));
    const inbox = githubInbox(place());
    expect(await inbox.list()).toMatchObject([{ text: null }, { text: null }]);
    expect(github.requests.filter(({ what }) => what.startsWith('git/blobs'))).toHaveLength(1);
    await expect(inbox.offer(DAY, large)).rejects.toThrow(TypeError);
  });

  it('lists 230 parcels in the pages that GitHub gives, with few calls', async () => {
    const { folder, github, place } = await openGitHub();
    const parcels = Array.from({ length: 230 }, (_, index) => `parcel ${index}\n`);
    const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
    const commits = parcels.map((text) => {
      const who = 'Mallory <mallory@example.org> 1800000000 +0000';
      const head = `commit ${parcelRef(DAY, text)}\ncommitter ${who}\n${data('parcel')}`;
      return `${head}M 100644 inline ${PARCEL_FILE}\n${data(text)}\n`;
    });
    gitWith({ folder, input: commits.join('') }, 'fast-import', '--quiet');
    const inbox = githubInbox(place());
    const listed = await inbox.list();
    expect(listed.map(({ text }) => text).toSorted()).toEqual(parcels.toSorted());
    // Three pages of refs and five of texts.
    expect(github.requests).toHaveLength(8);
    await inbox.discard(listed);
    expect(git(folder, 'for-each-ref')).toBe('');
  });
});
