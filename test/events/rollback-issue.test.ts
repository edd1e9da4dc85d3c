/** A rollback that nobody decided opens one issue, whatever others wrote and whatever the app forgot. */
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { decidePromotion } from '../../registry/decide/promote.ts';
import { decideRollBack } from '../../registry/decide/roll-back.ts';
import type { Registry } from '../../registry/decide/execute.ts';
import { Version } from '../../registry/schema/model.ts';
import { DIGITS } from '../fixtures/registry.ts';
import { openLiving, startBeside, type Living } from './living.ts';
import { seed } from './seeded.ts';

let living: Living;
let registry: Registry;
beforeAll(async () => {
  living = await openLiving({ twin: { repositories: [{ name: 'octo/models' }] } });
  registry = await seed(living.twin);
  await living.settled();
});

describe('a rollback by live outcomes', () => {
  const broken = async () =>
    z
      .array(
        z.object({ title: z.string(), body: z.string().nullable(), user: z.object({ login: z.string() }) }),
      )
      .parse(await living.twin.request({ as: 'ada' }, 'GET', 'issues?state=all&per_page=100'))
      .filter(({ title, user }) => title.includes('broke its promise') && user.login !== 'rita');

  it('opens one issue, though a stranger wrote its marker first and another app has no memory of it', async () => {
    const { twin } = living;
    const on = { model: DIGITS, channel: 'production' } as const;
    const ask = {
      ...on,
      version: Version.parse('1.1.0'),
      waived: [],
      reason: 'now',
      now: new Date().toISOString(),
    };
    await registry.execute((state) => decidePromotion(state, ask));
    const size = (await registry.read())?.size ?? 0;
    for (const seq of [size - 1, size, size + 1]) {
      const body = `<!-- fettle:rollback digits ${seq} -->`;
      await twin.issue({ as: 'rita', title: 'digits@1.1.0 broke its promise', body });
    }
    const reason = '@everyone <b>40</b> of 80 live outcomes wrong ![x](https://evil.example/x.png)';
    const back = { ...on, to: null, from: ask.version, automatic: true, reason, evidence: null };
    await registry.execute((state) => decideRollBack(state, back));
    await living.settled();
    const [issue, ...others] = await broken();
    expect(others).toEqual([]);
    expect(issue?.body).not.toMatch(/@everyone|<b>|!\[x\]\(/);
    const other = await startBeside(twin);
    await registry.execute((state) => decidePromotion(state, { ...ask, channel: 'candidate' }));
    await other.settled();
    expect(await broken()).toHaveLength(1);
  });
});
