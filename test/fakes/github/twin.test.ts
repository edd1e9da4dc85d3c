/** The stand-in itself: one repository for git and for the API, webhooks, faults, rights, and the shapes of GitHub. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTwin, type Twin } from './twin.ts';

let twin: Twin;

beforeAll(async () => {
  twin = await openTwin({ checksAnswers: true });
});
afterAll(() => twin.close());

describe('twin', () => {
  it('smokes', async () => {
    const issue = await twin.issue({ as: 'rita', title: 'hello' });
    expect(issue['number']).toBe(1);
    await twin.comment({ as: 'ada', on: 1, body: '/fettle help' });
    await twin.push({ as: 'linus', branch: 'topic', files: { 'a.txt': 'x\n' } });
    await twin.pull({ as: 'linus', head: 'topic' });
    const token = await twin.installationToken();
    await twin.request({ as: token }, 'GET', 'collaborators/tara/permission');
    await twin.settled();
  });
});
