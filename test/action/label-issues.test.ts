import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { Octokit } from '@octokit/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { MARKER } from '../../action/verbs/label-decision.ts';
import { issueNumbered, openIssuesBetween, whoAmI } from '../../action/verbs/label-github.ts';
import { carryOut, type Labelling, type Opinion } from '../../action/verbs/label-issues.ts';
import {
  armsIn,
  keepShadows,
  shadowFile,
  shadowsIn,
  type ShadowLine,
} from '../../action/verbs/label-shadow.ts';
import { armOf } from '../../pipelines/stats/arms.ts';
import type { GitHubPlace } from '../../registry/store/github-call.ts';
import { BAD_GATEWAY, LOST_ANSWER } from '../fakes/github/faults.ts';
import type { Twin } from '../fakes/github/twin.ts';
import { openedTwin } from '../fixtures/twin.ts';
import { temporaryFolder } from '../temporary.ts';

describe('what is carried out', () => {
  let twin: Twin;
  let place: GitHubPlace;
  let labelling: Labelling;

  beforeAll(async () => {
    twin = await openedTwin();
    for (const name of ['bug', 'feature', 'security']) {
      await twin.request({ as: 'ada' }, 'POST', 'labels', { name, color: 'cccccc' });
    }
    const auth = await twin.installationToken({ app: 'github-actions' });
    const api = new Octokit({ auth, baseUrl: twin.url });
    place = { api, owner: 'octo', name: 'models', sleep: async () => undefined };
    labelling = {
      place,
      autonomy: new Map([
        ['bug', 'label'],
        ['feature', 'suggest'],
        ['security', 'assign'],
      ]),
      triage: { assign: { security: 'linus' }, machines: [], most: 30 },
      repository: ['bug', 'feature', 'security'],
      me: await whoAmI(place),
      dryRun: false,
    };
  });

  async function opinion(label: string): Promise<Opinion> {
    const { number } = await twin.issue({ as: 'rita', title: 'Something' });
    const issue = await issueNumbered(place, Number(number));
    if (issue === null) throw new Error('the stand-in lost an issue');
    return {
      issue,
      answer: { label, given: [label], probability: 0.9 },
      by: 'issue-triage@1.0.0',
      leftToPeople: false,
    };
  }

  async function stateOf({ issue }: Opinion): Promise<{ labels: readonly string[]; assigned: boolean }> {
    const now = await issueNumbered(place, issue.number);
    return { labels: now?.labels ?? [], assigned: now?.assigned ?? false };
  }

  it('does nothing with what is left to people, though it is sure', async () => {
    const asked = await opinion('bug');
    const deeds = await carryOut([{ ...asked, leftToPeople: true }], labelling);
    expect(deeds).toMatchObject([{ kind: 'skip', why: 'left-to-people' }]);
    expect(await stateOf(asked)).toEqual({ labels: [], assigned: false });
  });

  it('stops writing at the cap of one run, and tells so', async () => {
    const opinions = [await opinion('bug'), await opinion('bug'), await opinion('bug')];
    const deeds = await carryOut(opinions, { ...labelling, triage: { ...labelling.triage, most: 2 } });
    expect(deeds.map((deed) => (deed.kind === 'skip' ? deed.why : deed.kind))).toEqual([
      'label',
      'label',
      'enough',
    ]);
    expect((await Promise.all(opinions.map(stateOf))).map(({ labels }) => labels.length)).toEqual([1, 1, 0]);
  });

  it('looks closely at so many issues as it may, whether it writes to them or not', async () => {
    const opinions = [await opinion('feature'), await opinion('feature'), await opinion('bug')];
    await carryOut(opinions.slice(0, 2), labelling);
    const before = twin.calls.length;
    const deeds = await carryOut(opinions, { ...labelling, looksMost: 2 });
    expect(deeds.map((deed) => (deed.kind === 'skip' ? deed.why : deed.kind))).toEqual([
      'unchanged',
      'unchanged',
      'enough',
    ]);
    expect(twin.calls.slice(before).filter(({ writes }) => writes)).toEqual([]);
  });

  it('lists the open issues of a range by their numbers', async () => {
    const made = [await opinion('bug'), await opinion('bug'), await opinion('bug'), await opinion('bug')];
    const [first, second, third] = made.map(({ issue }) => issue.number) as [number, number, number];
    await twin.request({ as: 'ada' }, 'PATCH', `issues/${second}`, { state: 'closed' });
    const found = await openIssuesBetween(place, { from: first, to: third });
    expect(found.map(({ number }) => number)).toEqual([first, third]);
  });

  it('leaves alone what a person labelled after it was listed', async () => {
    const listed = await opinion('bug');
    await twin.label({ as: 'tara', on: listed.issue.number, labels: ['feature'] });
    expect(await carryOut([listed], labelling)).toMatchObject([{ kind: 'skip', why: 'labelled' }]);
    expect((await stateOf(listed)).labels).toEqual(['feature']);
  });

  it('adds to labels of other families, and takes none away', async () => {
    const listed = await opinion('bug');
    await twin.request({ as: 'ada' }, 'POST', 'labels', { name: 'area', color: 'cccccc' });
    await twin.label({ as: 'tara', on: listed.issue.number, labels: ['area'] });
    await carryOut([listed], labelling);
    expect([...(await stateOf(listed)).labels].sort()).toEqual(['area', 'bug']);
  });

  it('never gives again what a person took away, though it gave it itself', async () => {
    const listed = await opinion('bug');
    await carryOut([listed], labelling);
    await twin.request({ as: 'tara' }, 'DELETE', `issues/${listed.issue.number}/labels/bug`);
    expect(await carryOut([listed], labelling)).toMatchObject([{ kind: 'skip', why: 'denied' }]);
    expect((await stateOf(listed)).labels).toEqual([]);
  });

  it('assigns where that is allowed and nobody is', async () => {
    const [free, taken] = [await opinion('security'), await opinion('security')];
    await twin.request({ as: 'ada' }, 'POST', `issues/${taken.issue.number}/assignees`, {
      assignees: ['ada'],
    });
    const deeds = await carryOut([free, taken], labelling);
    expect(deeds).toMatchObject([
      { kind: 'assign', login: 'linus' },
      { kind: 'assign', login: null },
    ]);
    expect((await stateOf(free)).assigned).toBe(true);
  });

  it('writes one comment, changes it when it thinks otherwise, and never one of somebody else', async () => {
    const listed = await opinion('feature');
    const on = listed.issue.number;
    await twin.comment({ as: 'rita', on, body: `${MARKER}\nforged` });
    await carryOut([listed], labelling);
    expect(await carryOut([listed], labelling)).toMatchObject([{ kind: 'skip', why: 'unchanged' }]);
    await carryOut([{ ...listed, by: 'issue-triage@1.1.0' }], labelling);
    const bodies = (await twin.comments(on)).map(({ body }) => String(body));
    expect(bodies).toHaveLength(2);
    expect(bodies[0]).toContain('forged');
    expect(bodies[1]).toContain('issue-triage@1.1.0');
  });

  it('labels once though answers are lost, and writes nothing when it only rehearses', async () => {
    const listed = await opinion('bug');
    twin.faults.plan({ fault: BAD_GATEWAY });
    twin.faults.plan({ fault: LOST_ANSWER, when: ({ method }) => method === 'POST' });
    expect(await carryOut([listed], labelling)).toMatchObject([{ kind: 'label' }]);
    expect((await stateOf(listed)).labels).toEqual(['bug']);
    const before = twin.calls.length;
    const rehearsed = [await opinion('bug'), await opinion('feature'), await opinion('security')];
    expect(await carryOut(rehearsed, { ...labelling, dryRun: true })).toMatchObject([
      { kind: 'label' },
      { kind: 'suggest' },
      { kind: 'assign' },
    ]);
    expect(twin.calls.slice(before).filter(({ writes }) => writes)).toEqual([]);
  });
});

describe('what two versions said of the same issues', () => {
  const share = 0.5;
  const line = (index: number): ShadowLine => {
    const id = `octo/models#${index}`;
    return {
      id,
      at: '2026-01-01T00:00:00Z',
      arm: armOf(id, { salt: 'm 1.0.0 1.1.0', share }),
      share,
      audit: index % 10 === 0,
      champion: { version: '1.0.0', label: 'bug', probability: 0.9 },
      challenger: { version: '1.1.0', label: 'feature', probability: 0.6 },
    };
  };
  const pair = { champion: '1.0.0', challenger: '1.1.0', share };
  const lines = Array.from({ length: 400 }, (_, index) => line(index));

  it('is kept once an issue, the first word of each, and survives a line cut short', async () => {
    const file = shadowFile(temporaryFolder(), 'team/issues');
    expect(path.basename(file)).toBe('team--issues.jsonl');
    await keepShadows(file, lines.slice(0, 10));
    appendFileSync(file, '{"id":"octo/mod');
    const [again] = lines;
    if (again === undefined) throw new Error('no line');
    const changed = { ...again, challenger: { ...again.challenger, label: 'bug' } };
    await keepShadows(file, [changed, ...lines.slice(8, 12)]);
    expect(await shadowsIn(file)).toEqual(lines.slice(0, 12));
    expect(await shadowsIn(`${file}.none`)).toEqual([]);
  });

  it('is suspect where issues of one side are missing', () => {
    expect(armsIn(lines, pair).p).toBeGreaterThan(0.01);
    const lost = lines.filter(({ arm }, index) => arm === 'champion' || index % 2 === 0);
    expect(armsIn(lost, pair).p).toBeLessThan(0.0005);
    expect(armsIn(lines, { ...pair, share: 0.1 })).toEqual({ champion: 0, challenger: 0, p: null });
  });
});
