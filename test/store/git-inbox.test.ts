/** The inbox as branches: whatever anybody pushed there, a look at it reads no more than it can hold. */
import { describe, expect, it } from 'vitest';
import { gitInbox } from '../../registry/store/git-inbox.ts';
import { PARCEL_BYTES_MAX } from '../../registry/store/inbox.ts';
import { describeInbox } from '../conformance/inbox.ts';
import { cloneOf, git, gitWith, newRepository } from '../fixtures/git.ts';

const DAY = '2026-11-21';

/** A branch of the inbox that names a commit with a parcel of so many bytes. */
function pushed(folder: string, bytes: number, names: readonly string[]): void {
  const blob = gitWith({ folder, input: 'x'.repeat(bytes) }, 'hash-object', '-w', '--stdin').trim();
  const tree = gitWith({ folder, input: `100644 blob ${blob}\tparcel.json\n` }, 'mktree').trim();
  const commit = gitWith({ folder, input: 'x' }, 'commit-tree', tree).trim();
  for (const name of names) git(folder, 'update-ref', `refs/heads/fettle/inbox/${DAY}/${name}`, commit);
}

function nameOf(index: number): string {
  return index.toString(16).padStart(64, '0');
}

describe('an inbox', () => {
  it('gives what was left there, once, and forgets what was discarded', async () => {
    const inbox = gitInbox({ folder: newRepository(), remote: null });
    const ref = await inbox.offer(DAY, 'a parcel');
    expect(await inbox.offer(DAY, 'a parcel')).toBe(ref);
    const offered = await inbox.list();
    expect(offered).toMatchObject([{ ref, text: 'a parcel' }]);
    await inbox.discard(offered);
    expect(await inbox.list()).toEqual([]);
  });

  it('reads nothing that is no parcel, and names it', async () => {
    const folder = newRepository();
    const inbox = gitInbox({ folder, remote: null });
    pushed(folder, PARCEL_BYTES_MAX + 1, [nameOf(1)]);
    pushed(folder, 10, ['not-ours']);
    const tree = gitWith({ folder, input: '' }, 'mktree').trim();
    const commit = gitWith({ folder, input: 'x' }, 'commit-tree', tree).trim();
    git(folder, 'update-ref', `refs/heads/fettle/inbox/${DAY}/${nameOf(2)}`, commit);
    const offered = await inbox.list();
    expect(offered.map(({ ref, text }) => [ref.slice(-1), text])).toEqual([
      ['1', null],
      ['2', null],
    ]);
  });

  // One small push can name one large object as often as it likes.
  it('shows of a flood as much as can be read at once, and then the rest', async () => {
    const folder = newRepository();
    const inbox = gitInbox({ folder, remote: null });
    pushed(
      folder,
      PARCEL_BYTES_MAX,
      Array.from({ length: 40 }, (_, index) => nameOf(index)),
    );
    const first = await inbox.list();
    expect(first).toHaveLength(32);
    await inbox.discard(first);
    expect(await inbox.list()).toHaveLength(8);
  });
});

describeInbox('git-inbox of one repository', async () => {
  const folder = newRepository('--bare');
  const open = () => gitInbox({ folder, remote: null });
  return { folder, inbox: open(), again: async () => open() };
});

describeInbox('git-inbox of a remote', async () => {
  const folder = newRepository('--bare');
  const open = () => gitInbox({ folder: cloneOf(folder), remote: 'origin' });
  return { folder, inbox: open(), again: async () => open() };
});
