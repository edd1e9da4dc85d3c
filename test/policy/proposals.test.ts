/** What waits for people, under which id, and whose approval counts. */
import { describe, expect, it } from 'vitest';
import { exceptedFrom, flawOf, type Approver, type Looked } from '../../bot/policy/approvers.ts';
import { proposalsIn } from '../../bot/policy/proposals.ts';
import { peopleFirst } from '../../pipelines/settings/people.ts';
import { settingsOf } from '../../pipelines/settings/read.ts';
import { settingsMisshapen } from '../../pipelines/faults.ts';
import { decideHold } from '../../registry/decide/activate.ts';
import type { Registry } from '../../registry/decide/execute.ts';
import { candidate, DIGITS, register, registryOn } from '../fixtures/registry.ts';

const ASKS = settingsOf('bot: { channels: { production: { approvals: { count: 2 } } } }');
const SILENT = settingsOf('');

async function proposed(registry: Registry, settings = ASKS) {
  return proposalsIn((await registry.read())!.state, settings);
}

async function waiting(answer: 'pass' | 'fail' | 'investigate' = 'pass'): Promise<Registry> {
  const registry = registryOn();
  await register(registry, candidate('first', answer, { approvals: 2 }));
  return registry;
}

describe('a proposal', () => {
  it('is what passed where people have the last word', async () => {
    expect(await proposed(await waiting())).toMatchObject([
      { model: 'digits', asked: null, of: { version: '1.0.0', channel: 'production', replaces: null } },
    ]);
  });

  it.each(['fail', 'investigate'] as const)('is nothing that the gates answered with %s', async (answer) => {
    expect(await proposed(await waiting(answer))).toEqual([]);
  });

  it('is nothing where the gates decide, unless the model is held or left to people', async () => {
    const registry = await waiting();
    expect(await proposed(registry, SILENT)).toEqual([]);
    const suggest = settingsOf('bot: { autonomy: suggest }');
    expect(await proposed(registry, suggest)).toHaveLength(1);
    const byHand = settingsOf('models: { digits: { recipe: train-and-promote, promote: null } }');
    expect(await proposed(registry, byHand)).toHaveLength(1);
    await registry.execute((state) => decideHold(state, { model: DIGITS, reason: 'a release is near' }));
    expect(await proposed(registry, SILENT)).toHaveLength(1);
  });

  it('keeps its id while nothing changes, and loses it when anything does', async () => {
    const registry = await waiting();
    const [first] = await proposed(registry);
    expect((await proposed(registry))[0]?.id).toBe(first?.id);
    await register(registry, candidate('second', 'pass', { approvals: 2 }));
    expect((await proposed(registry)).map(({ id }) => id)).not.toContain(first?.id);
  });
});

describe('an approver', () => {
  const kurt: Approver = { id: 2, login: 'kurt', level: 'maintain', owns: true };
  const looked: Looked = { approvers: [], needs: 'maintain', rule: null, askers: [] };
  const named = { count: 1, from: [3], codeowners: false };

  it.each<[string, Approver, Looked, string]>([
    ['who asked for it', kurt, { ...looked, askers: [2] }, 'asked for'],
    ['whom GitHub does not know', { ...kurt, level: 'unknown' }, looked, 'did not say'],
    ['who was demoted', { ...kurt, level: 'write' }, looked, 'may only write'],
    ['whom the settings do not name', kurt, { ...looked, rule: named }, 'name'],
    ['who owns nothing', { ...kurt, owns: false }, looked, 'CODEOWNERS'],
  ])('%s does not count', (_, approver, asked, why) => {
    expect(flawOf(approver, asked)).toContain(why);
  });

  it('with every right counts', () => {
    expect(flawOf(kurt, looked)).toBeNull();
  });

  it('who came after the look does not count yet', () => {
    const of = {} as never;
    const approval = { seq: 1, at: '', by: 'kurt', byId: 2, expires: '', of };
    expect(exceptedFrom([approval], { ...looked, approvers: [] }).get(2)).toContain('this very moment');
    expect(exceptedFrom([approval], { ...looked, approvers: [kurt] }).size).toBe(0);
  });
});

describe('the settings of the bot', () => {
  it('have defaults that ask nothing of anybody', () => {
    expect(SILENT.bot).toMatchObject({
      commands: {},
      channels: {},
      confirm: ['rollback', 'thaw'],
      dashboard: false,
    });
    expect(peopleFirst(SILENT, { model: 'digits', channel: 'production' })).toBe(0);
  });

  it.each([
    ['bot: { comands: {} }', 'comands'],
    ['bot: { commands: { deploy: admin } }', 'deploy'],
    ['bot: { commands: { promote: none } }', 'promote'],
    ['bot: { channels: { moon: { level: admin } } }', 'moon'],
    ['bot: { channels: { production: { approvals: { count: 0 } } } }', 'count'],
    ['bot: { channels: { production: { approvals: { count: 1, from: [kurt] } } } }', 'from'],
    ['bot: { confirm: [everything] }', 'confirm'],
  ])('refuse %s by its place', (text, place) => {
    expect(() => settingsOf(text)).toThrowFault(settingsMisshapen);
    expect(() => settingsOf(text)).toThrow(place);
  });
});
