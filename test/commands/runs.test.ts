/** Runs that a comment starts and cancels, and which run is whose. */
import { describe, expect, it } from 'vitest';
import { KURT, newWorld, NOW, type World } from './world.ts';

const QUEUED = {
  id: 7,
  name: 'train',
  title: 'train',
  actor: 'fettle[bot]',
  url: 'https://github.com/a/b',
  status: 'queued',
  conclusion: null,
  createdAt: NOW,
};

/** One version is there, so that its model is known. */
async function begun(options: Parameters<typeof newWorld>[0] = {}): Promise<World> {
  const world = newWorld(options);
  await world.train('first');
  return world;
}

describe('a run', () => {
  it('is started by its workflow, for the model that is meant', async () => {
    const world = await begun();
    const reply = await world.ask('/fettle train --reason "new labels"');
    expect(reply).toMatchObject({ state: 'started', reason: 'run_started', next: '/fettle cancel 4242' });
    expect(world.dispatched).toEqual([
      [
        'train.yml',
        { model: 'digits', reason: 'new labels', request: expect.stringMatching(/^comment-\d+$/) },
      ],
    ]);
    await world.ask('/fettle bench digits');
    expect(world.dispatched[1]?.[0]).toBe('benchmark.yml');
  });

  it('is started once, however often the comment is handled', async () => {
    const world = await begun({ runs: [{ ...QUEUED, title: 'train digits comment-5 new labels' }] });
    const reply = await world.ask('/fettle train', KURT, { commentId: 5 });
    expect(reply).toMatchObject({ reason: 'run_started', next: '/fettle cancel 7' });
    expect(world.dispatched).toEqual([]);
  });

  it.each([
    [
      'another comment, whose number begins like its own',
      'train digits comment-55 new labels',
      'fettle[bot]',
    ],
    ['a comment that only its reason names', 'train digits comment-4 comment-5', 'fettle[bot]'],
    ['another model', 'train clouds comment-5 new labels', 'fettle[bot]'],
    ['a person, who called it so', 'train digits comment-5 new labels', 'mallory'],
  ])('is not taken for one of %s', async (_, title, actor) => {
    const world = await begun({ runs: [{ ...QUEUED, title, actor }] });
    const reply = await world.ask('/fettle train', KURT, { commentId: 5 });
    expect(reply).toMatchObject({ reason: 'run_started', next: '/fettle cancel 4242' });
    expect(world.dispatched).toHaveLength(1);
  });

  it('is cancelled by its number, and nobody else’s is', async () => {
    const run = { ...QUEUED, status: 'in_progress' };
    const world = await begun({ runs: [run, { ...run, id: 8, conclusion: 'success' }] });
    expect((await world.ask('/fettle cancel 7')).reason).toBe('done');
    expect((await world.ask('/fettle cancel 8')).reason).toBe('nothing_to_do');
    expect((await world.ask('/fettle cancel 9')).reason).toBe('not_found');
    expect(world.cancelled).toEqual([7]);
  });
});
