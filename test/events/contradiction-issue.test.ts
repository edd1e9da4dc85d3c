/** Facts that contradict each other open one issue for people, which is rewritten and never doubled. */
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { decideRetirement } from '../../registry/decide/retire.ts';
import type { Registry } from '../../registry/decide/execute.ts';
import { DIGITS, candidate, register } from '../fixtures/registry.ts';
import { openLiving, startBeside, type Living } from './living.ts';
import { seed } from './seeded.ts';

const SETTINGS = `models:
  digits: { recipe: train-and-promote, from: rows.csv }
`;

let living: Living;
let registry: Registry;
beforeAll(async () => {
  const files = { '.github/fettle.yml': SETTINGS };
  living = await openLiving({ twin: { repositories: [{ name: 'octo/models', files }] } });
  registry = await seed(living.twin);
  await living.settled();
});

describe('a contradiction that nothing settles', () => {
  const told = async () =>
    z
      .array(z.object({ title: z.string(), body: z.string(), user: z.object({ login: z.string() }) }))
      .parse(await living.twin.request({ as: 'ada' }, 'GET', 'issues?state=all&per_page=100'))
      .filter(({ title, user }) => title.includes('contradict') && user.login !== 'rita');

  it('opens one issue, which is rewritten when nothing is left, though another app forgot it', async () => {
    const { twin } = living;
    expect(await told()).toEqual([]);
    await twin.issue({ as: 'rita', title: 'Facts that contradict', body: '<!-- fettle:contradictions -->' });
    const reason = 'no use @everyone';
    await registry.execute((state) => decideRetirement(state, { model: DIGITS, reason }));
    await living.settled();
    const [issue, ...others] = await told();
    expect(others).toEqual([]);
    expect(issue?.body).toMatch(/digits is retired: no use [^@]*@?[^e]*everyone/);
    expect(issue?.body).toContain('models.digits.from');
    expect(issue?.body).not.toContain(' @everyone');

    // A new version brings the model back.
    const other = await startBeside(twin);
    await register(registry, candidate('third', 'pass'));
    await other.settled();
    const after = await told();
    expect(after).toHaveLength(1);
    expect(after[0]?.body).toContain('Nothing is left to decide');
  });
});
