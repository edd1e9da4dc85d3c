/** The head of a pull request moves while somebody names a commit of it: only the newest, named in full, is run. */
import { beforeAll, describe, expect, it } from 'vitest';
import { converse } from '../../bot/commands/converse.ts';
import { renderSticky } from '../../bot/commands/render.ts';
import { openLiving, type Living } from './living.ts';

const SETTINGS = 'bot: { confirm: [] }\nmodels:\n  digits: { recipe: train-and-promote }\n';
const TRAIN = `name: train
on:
  workflow_dispatch:
    inputs:
      model: { type: string }
      reason: { type: string }
      request: { type: string }
      sha: { type: string }
jobs: {}
`;
const HEAD = 'refs/heads/change';

let living: Living;
let on: number;
let first: string;
beforeAll(async () => {
  const files = { '.github/fettle.yml': SETTINGS, '.github/workflows/train.yml': TRAIN };
  living = await openLiving({
    twin: { repositories: [{ name: 'octo/models', files }] },
    app: { voice: { converse, render: renderSticky } },
  });
  const { twin } = living;
  first = await twin.push({ as: 'linus', branch: 'change', files: { 'train.py': '1' } });
  on = Number((await twin.pull({ as: 'linus', head: 'change' }))['number']);
});

async function train(sha: string): Promise<string> {
  await living.twin.comment({ as: 'linus', on, body: `/fettle train digits --sha ${sha}` });
  return (await living.told(on)).join('');
}

/** A commit that says it was made in 2001, on top of the head. */
async function backdated(): Promise<string> {
  const { bare } = living.twin.repository();
  const who = 'linus <linus@example.com> 1000000000 +0000';
  const words = `data 3\nOld\nfrom ${HEAD}^0\nM 100644 inline train.py\ndata 1\n2\n\ndone\n`;
  const stream = `commit ${HEAD}\nauthor ${who}\ncommitter ${who}\n${words}`;
  await bare.run(['fast-import', '--quiet', '--done'], Buffer.from(stream));
  return (await bare.ref(HEAD))?.oid ?? '';
}

describe('a commit that is named', () => {
  it('is refused once another was pushed, whatever day that one claims', async () => {
    const second = await backdated();
    expect(second).not.toBe(first);
    expect(await train(first)).toContain('ref_changed');
    expect(living.twin.memory.runs).toEqual([]);
  });

  it('is run though the branch was forced away and back: what runs is the commit', async () => {
    const back = { sha: first, force: true };
    await living.twin.request({ as: 'linus' }, 'PATCH', 'git/refs/heads/change', back);
    await living.settled();
    expect(await train(first)).toContain('has started');
    expect(living.twin.memory.runs).toMatchObject([{ headBranch: 'main', inputs: { sha: first } }]);
  });

  it('is no branch and no tag that is called like it', async () => {
    const { twin } = living;
    const evil = await twin.push({ as: 'linus', branch: first.slice(0, 12), files: { 'train.py': 'evil' } });
    await twin.repository().bare.run(['update-ref', `refs/tags/${first}`, evil]);
    const runs = twin.memory.runs.length;
    expect(await train(first.slice(0, 12))).toContain('command_unclear');
    expect(await train(evil)).toContain('ref_changed');
    expect(twin.memory.runs).toHaveLength(runs);
  });
});
