/** A label from its first issues to its end, from the issues of a repository to what `fettle label` gives, on the stand-in. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Twin } from '../fakes/github/twin.ts';
import { openedTwin } from '../fixtures/twin.ts';
import { temporaryRepository } from '../temporary.ts';
import { cleanEnvironment } from './fettle.ts';

const CLI = path.resolve(import.meta.dirname, '../../action/cli.ts');
/** The court compares: what is held out follows a label to its new name, and so do the answers of the champion. */
const SETTINGS = `models:
  triage:
    recipe: issue-stream
    from: github-issues
    columns: { label: label, project: repo, at: created_at, title: title, body: body, association: author_association }
    gates: { enough-samples: null, metric-floor: null, no-regression: { margin: 0.2 }, latency-budget: null, temporal: null }
    triage:
      labels: { bug: label, defect: label, feature: label, legal: label }
      retrain: { labels: 30, corrections: 2 }
`;

const Told = z.object({
  data: z.object({
    deeds: z.array(
      z.object({
        issue: z.int(),
        kind: z.string(),
        label: z.string().optional(),
        why: z.string().optional(),
      }),
    ),
  }),
});
const Predicted = z.object({
  data: z.object({ predictions: z.array(z.object({ label: z.string(), given: z.array(z.string()) })) }),
});
const Named = z.array(z.object({ name: z.string() }));

describe('the life of a label', () => {
  let twin: Twin;
  let folder: string;

  /** Not by the blocking helper: the stand-in answers in this very process. */
  function fettle(...words: readonly string[]): Promise<string> {
    const world = {
      GITHUB_TOKEN: twin.tokens['linus'] ?? '',
      GITHUB_REPOSITORY: 'octo/models',
      GITHUB_API_URL: twin.url,
    };
    const child = spawn(process.execPath, [CLI, ...words], { cwd: folder, env: cleanEnvironment(world) });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    return new Promise((resolve) => child.on('close', () => resolve(out)));
  }

  async function opened(title: string, label?: string, as = 'tara'): Promise<number> {
    const { number } = await twin.issue({ as: 'rita', title, body: `about ${title}` });
    if (label !== undefined) await twin.label({ as, on: Number(number), labels: [label] });
    return Number(number);
  }

  /** What is done with an issue that nobody labelled. */
  async function deedOn(title: string) {
    const issue = await opened(title);
    const { data } = Told.parse(JSON.parse(await fettle('label', '--issue', String(issue), '--json')));
    const names = Named.parse(await twin.request({ as: 'ada' }, 'GET', `issues/${issue}/labels`));
    return { ...data.deeds[0], on: names.map(({ name }) => name) };
  }

  const ownOf = (index: number): string =>
    'abcdefghijklmnopqrstuvwxyz'[index % 26]?.repeat(3 + (index % 5)) ?? '';

  beforeAll(async () => {
    twin = await openedTwin();
    for (const name of ['bug', 'feature', 'legal']) {
      await twin.request({ as: 'ada' }, 'POST', 'labels', { name, color: 'cccccc' });
    }
    folder = temporaryRepository();
    mkdirSync(path.join(folder, '.github'));
    writeFileSync(path.join(folder, '.github/fettle.yml'), SETTINGS);
    for (let index = 0; index < 84; index++) {
      const [word, label] = index % 2 === 0 ? ['crash', 'bug'] : ['support', 'feature'];
      // Each of three people keeps below what is taken for a burst.
      await opened(`${word} ${ownOf(index)}`, label, ['ada', 'linus', 'tara'][index % 3]);
    }
    expect(await fettle('learn')).toContain('triage@1.0.0 serves');
  }, 120_000);

  it('is given once it is learned, and never where it has been renamed since', async () => {
    expect(await deedOn('crash bbbb')).toMatchObject({ kind: 'label', label: 'bug', on: ['bug'] });
    await twin.request({ as: 'ada' }, 'PATCH', 'labels/bug', { new_name: 'defect' });
    expect(await deedOn('crash cccc')).toMatchObject({ kind: 'skip', why: 'no-such-label', on: [] });
  }, 60_000);

  it('is known by its new name, waits for evidence where it is new, and silences no other', async () => {
    for (let index = 0; index < 4; index++) await opened(`licence ${ownOf(index)}`, 'legal', 'ada');
    expect(await fettle('learn')).toContain('triage@1.1.0 serves');
    const { data } = Predicted.parse(
      JSON.parse(
        await fettle('predict', 'triage', '--title', 'crash dddd', '--project', 'octo/models', '--json'),
      ),
    );
    // What was learned under its old name is evidence under the new one.
    expect(data.predictions[0]).toMatchObject({ label: 'defect', given: ['defect'] });
    expect(await deedOn('crash eeee')).toMatchObject({ kind: 'label', label: 'defect', on: ['defect'] });
    expect(await deedOn('licence dddd')).toMatchObject({ kind: 'skip', why: 'abstains', on: [] });
    expect(await deedOn('support dddd')).toMatchObject({ kind: 'label', label: 'feature', on: ['feature'] });
  }, 120_000);

  it('is never given once it was deleted', async () => {
    await twin.request({ as: 'ada' }, 'DELETE', 'labels/feature');
    expect(await deedOn('support eeee')).toMatchObject({ kind: 'skip', why: 'no-such-label', on: [] });
  }, 60_000);
});
