/** What every inbox promises, whatever way its parcels travel. */
import { describe, expect, it } from 'vitest';
import { PARCEL_FILE, parcelRef, type Inbox } from '../../registry/store/inbox.ts';
import { git, writeBranch } from '../fixtures/git.ts';

export interface OpenedInbox {
  readonly inbox: Inbox;
  /** Another door to the same parcels. */
  again(): Promise<Inbox>;
  /** The bare repository that keeps them. */
  readonly folder: string;
}

const DAY = '2026-11-20';
const HEADS = 'refs/heads/';
const PREFIX = `${HEADS}fettle/inbox/`;

/** What lies under the prefix, by ref, as git itself tells it. */
function refsIn(folder: string): ReadonlyMap<string, string> {
  const out = git(folder, 'for-each-ref', '--format=%(refname) %(objectname)', PREFIX);
  const lines = out.split('\n').filter((line) => line !== '');
  return new Map(lines.map((line): [string, string] => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? '']));
}

/** Puts a commit by somebody else there; on top of what was there, as a push without force would. */
function leaveBy(folder: string, ref: string, files: Readonly<Record<string, string>>): string {
  writeBranch(folder, ref.slice(HEADS.length), new Map(Object.entries(files)));
  return git(folder, 'rev-parse', ref).trim();
}

export function describeInbox(name: string, open: () => Promise<OpenedInbox>): void {
  describe(`${name}, as any inbox`, () => {
    it('is empty before anything was offered', async () => {
      const { inbox } = await open();
      expect(await inbox.list()).toEqual([]);
      await inbox.discard([]);
    });

    it('takes the same text twice as one parcel, from whoever offers it', async () => {
      const { inbox, again, folder } = await open();
      const ref = await inbox.offer(DAY, 'one\n');
      expect(ref).toBe(parcelRef(DAY, 'one\n'));
      const before = refsIn(folder);
      expect(await inbox.offer(DAY, 'one\n')).toBe(ref);
      expect(await (await again()).offer(DAY, 'one\n')).toBe(ref);
      expect(refsIn(folder)).toEqual(before);
      expect(before.size).toBe(1);
    });

    it('takes a parcel that came another way, in another commit, for the same', async () => {
      const { inbox, folder } = await open();
      const mark = leaveBy(folder, parcelRef(DAY, 'one\n'), { [PARCEL_FILE]: 'one\n' });
      expect(await inbox.offer(DAY, 'one\n')).toBe(parcelRef(DAY, 'one\n'));
      expect(await inbox.list()).toEqual([{ ref: parcelRef(DAY, 'one\n'), mark, text: 'one\n' }]);
    });

    it('gives every text back byte for byte', async () => {
      const { inbox, again } = await open();
      const texts = [
        '{"a":1}\n',
        'no line feed at the end',
        'zurückgezogen – 退役 – 🧪\u2028"\\\n',
        'one\r\ntwo\r\n',
        '\ttab, \u0001 and \u007f\n',
        `${'x'.repeat(600_000)}\n`,
      ];
      for (const text of texts) await inbox.offer(DAY, text);
      const found = (await (await again()).list()).map(({ text }) => text);
      expect(found.toSorted()).toEqual(texts.toSorted());
    });

    it('lists by day and then by name', async () => {
      const { inbox } = await open();
      const days = ['2026-11-21', '2026-11-20', '2027-01-01', '2026-11-20', '2026-11-20'];
      const refs: string[] = [];
      for (const [index, day] of days.entries()) refs.push(await inbox.offer(day, `parcel ${index}\n`));
      expect((await inbox.list()).map(({ ref }) => ref)).toEqual(refs.toSorted());
    });

    it('keeps all of 25 parcels that are offered at the same moment', async () => {
      const { inbox, again } = await open();
      const doors = [inbox, await again(), await again()];
      const texts = Array.from({ length: 25 }, (_, index) => `parcel ${index}\n`);
      await Promise.all(texts.map((text, index) => doors[index % doors.length]?.offer(DAY, text)));
      const found = (await inbox.list()).map(({ text }) => text);
      expect(found.toSorted()).toEqual(texts.toSorted());
    });

    it('neither lists nor removes what has a name that Fettle does not give', async () => {
      const { inbox, folder } = await open();
      const foreign = [`${PREFIX}${DAY}/notes`, `${PREFIX}elsewhere/x`, `${PREFIX}${DAY}/${'0'.repeat(63)}`];
      const marks = foreign.map((ref) => leaveBy(folder, ref, { [PARCEL_FILE]: 'mine\n' }));
      const ref = await inbox.offer(DAY, 'ours\n');
      expect((await inbox.list()).map((offered) => offered.ref)).toEqual([ref]);
      await inbox.discard(
        foreign.map((name, index) => ({ ref: name, mark: marks[index] ?? '', text: null })),
      );
      await inbox.discard(await inbox.list());
      expect(refsIn(folder)).toEqual(new Map(foreign.toSorted().map((name) => [name, markOf(folder, name)])));
    });

    it('lists what holds no parcel without a text, so that it is refused and not forgotten', async () => {
      const { inbox, folder } = await open();
      const ref = parcelRef(DAY, 'somewhere else\n');
      const mark = leaveBy(folder, ref, { 'other.json': 'somewhere else\n' });
      expect(await inbox.list()).toEqual([{ ref, mark, text: null }]);
      await inbox.discard(await inbox.list());
      expect(refsIn(folder).size).toBe(0);
    });

    it('removes only what still is as it was listed', async () => {
      const { inbox, again, folder } = await open();
      const refs = [];
      for (const text of ['one\n', 'two\n', 'three\n']) refs.push(await inbox.offer(DAY, text));
      const listed = await inbox.list();
      const [moved = '', gone = '', kept = ''] = refs;
      const mark = leaveBy(folder, moved, { [PARCEL_FILE]: 'changed\n' });
      git(folder, 'update-ref', '-d', gone);
      await (await again()).discard(listed);
      expect(refsIn(folder)).toEqual(new Map([[moved, mark]]));
      await inbox.discard(listed);
      expect(await inbox.offer(DAY, 'three\n')).toBe(kept);
      expect(refsIn(folder).size).toBe(2);
    });

    it('removes many at once', async () => {
      const { inbox, folder } = await open();
      await Promise.all(Array.from({ length: 12 }, (_, index) => inbox.offer(DAY, `parcel ${index}\n`)));
      const [spared, ...others] = await inbox.list();
      await inbox.discard(others);
      expect([...refsIn(folder).keys()]).toEqual([spared?.ref]);
    });
  });
}

function markOf(folder: string, ref: string): string {
  return git(folder, 'rev-parse', ref).trim();
}
