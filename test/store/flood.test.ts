/** An inbox that somebody floods: what is healthy is folded first, all else is refused by name, and the log stays sound. */
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../registry/base/digest.ts';
import { gitInbox } from '../../registry/store/git-inbox.ts';
import { expectSound, idemsIn, logIn, registryIn } from '../fixtures/faulty-world.ts';
import { git, gitWith, newRepository } from '../fixtures/git.ts';
import { candidate, register } from '../fixtures/registry.ts';
import { record } from '../fixtures/record-runs.ts';

const REFS = 5000;
const DAY = '2026-11-20';

function commitOf(folder: string, tree: string): string {
  return gitWith({ folder, input: 'flood' }, 'commit-tree', tree).trim();
}

/** Branches under names that Fettle gives, of a day before everybody else's. */
function flood(folder: string, commits: readonly string[]): readonly string[] {
  const refs = Array.from({ length: REFS }, (_, index) => {
    const name = digestOf(`flood ${index}`).replace('sha256:', '');
    return `refs/heads/fettle/inbox/${DAY}/${name}`;
  });
  const input = refs.map((ref, index) => `create ${ref} ${commits[index % commits.length]}\n`).join('');
  gitWith({ folder, input }, 'update-ref', '--stdin');
  return refs;
}

describe(`an inbox with ${REFS} parcels that are none`, () => {
  it('is folded: the healthy ones first, the others refused by digest', async () => {
    const folder = newRepository('--bare');
    const registry = registryIn(folder);
    await register(registry, candidate('one', 'pass'));
    const blob = gitWith({ folder, input: 'x'.repeat(2 << 20) }, 'hash-object', '-w', '--stdin').trim();
    const other = gitWith({ folder, input: '{}\n' }, 'hash-object', '-w', '--stdin').trim();
    const trees = [
      gitWith({ folder, input: '' }, 'mktree').trim(),
      gitWith({ folder, input: `100644 blob ${blob}\tparcel.json\n` }, 'mktree').trim(),
      gitWith({ folder, input: `100644 blob ${other}\tparcel.json\n` }, 'mktree').trim(),
      gitWith({ folder, input: `120000 blob ${other}\tparcel.json\n` }, 'mktree').trim(),
    ];
    const refs = flood(
      folder,
      trees.map((tree) => commitOf(folder, tree)),
    );
    const words = ['a', 'b', 'c'];
    for (const word of words) await record({ folder, remote: null }, 'offer', word);
    const before = (await idemsIn(logIn(folder))).length;

    const folded = await registry.fold(gitInbox({ folder, remote: null }));
    expect(folded).toEqual({ folded: words.length, refused: REFS, known: 0 });
    const entries = await logIn(folder).entries(before);
    expect(entries.slice(0, words.length).map(({ envelope }) => envelope.type)).toEqual(
      words.map(() => 'run.started'),
    );
    const refused = entries.flatMap(({ event }) =>
      event?.type === 'parcel.refused' ? [event.body.parcel] : [],
    );
    expect(new Set(refused)).toEqual(new Set(refs.map((ref) => digestOf(ref))));
    expect(git(folder, 'for-each-ref', 'refs/heads/fettle/inbox')).toBe('');
    await expectSound(folder);
  }, 0);
});
