/** `fettle learn` label by label, from a file that the settings name, through the command line. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { temporaryRepository } from '../temporary.ts';
import { fettle } from './fettle.ts';

const Shown = z.object({
  data: z.object({
    lineage: z.object({ recipe: z.string(), parents: z.array(z.string()), dataRows: z.int() }),
    evaluation: z.object({
      metrics: z.array(z.object({ name: z.string(), value: z.string(), n: z.int() })),
    }),
  }),
});

const Scores = z.object({
  data: z.object({
    versions: z.array(z.object({ version: z.string(), value: z.number().nullable() })),
  }),
});
const Predicted = z.object({ data: z.object({ predictions: z.array(z.object({ label: z.string() })) }) });
const Row = z.object({ title: z.string(), body: z.string(), repo: z.string(), label: z.string() });
const LEGAL = { title: 'licence of it', body: 'which licence', repo: 'one', label: 'legal' };

function rowOf(line: string): z.infer<typeof Row> {
  const { title, body, repo, label } = Row.parse(JSON.parse(line));
  return { title, body, repo, label };
}

const SETTINGS = `models:
  labels:
    recipe: issue-stream
    from: issues.jsonl
    columns: { id: id, label: label, project: repo, at: at, title: title, body: body }
    gates: { enough-samples: null, metric-floor: null, latency-budget: null, slices: null, no-regression: { margin: 0.2 } }
`;

/** Issues of which most have the word of their label; `lies` of each ten have the other’s label. */
function issues(from: number, to: number, lies: number): string {
  const lines = Array.from({ length: to - from }, (_, place) => {
    const index = from + place;
    const word = index % 2 === 0 ? 'crash' : 'support';
    const honest = index % 10 >= lies;
    const label = (index % 2 === 0) === honest ? 'bug' : 'feature';
    const own = 'abcdefghijklmnopqrstuvwxyz'[index % 26]?.repeat(2 + (index % 9)) ?? '';
    const at = new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString();
    return JSON.stringify({
      id: `i${index}`,
      repo: 'one',
      at,
      label,
      title: `${word} ${own}`,
      body: `of ${own}`,
    });
  });
  return `${lines.join('\n')}\n`;
}

describe('a model that learns label by label from what the settings name', () => {
  it('serves first, learns what is new, and is promoted by the court that compared the two', () => {
    const folder = temporaryRepository();
    mkdirSync(path.join(folder, '.github'));
    writeFileSync(path.join(folder, '.github/fettle.yml'), SETTINGS);
    const source = path.join(folder, 'issues.jsonl');

    writeFileSync(source, issues(0, 120, 5));
    const first = fettle(folder, ['learn']);
    expect(first.stdout).toMatch(/^labels@1\.0\.0 serves, the first version$/m);
    expect(first.stdout).toMatch(/prequential macro-F1 \d\d\.\d%$/m);

    writeFileSync(source, issues(120, 420, 0));
    const second = fettle(folder, ['learn', '--quiet']);
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(second.stdout).toMatch(/^labels@1\.1\.0 serves, in place of 1\.0\.0$/m);
    expect(second.stdout).toMatch(
      /pass +no-regression: against 1\.0\.0 on 84 items: .* [2-9]\d won, \d lost/,
    );
    // It learned what its batches hold, the old one too, and every issue but the first was asked before it was told.
    const shown = Shown.parse(JSON.parse(fettle(folder, ['show', 'labels@1.1.0', '--json']).stdout)).data;
    expect(shown.lineage).toMatchObject({ recipe: 'issue-stream', parents: ['1.0.0'] });
    const onTheWay = shown.evaluation.metrics.find(({ name }) => name === 'prequential_macro_f1');
    expect(onTheWay?.n).toBe(shown.lineage.dataRows - 1);

    fettle(folder, ['report']);
    const page = readFileSync(path.join(folder, '.fettle/report.html'), 'utf8');
    expect(page).toContain('macro-F1 on the way');
    expect(page).toContain((100 * Number(onTheWay?.value)).toFixed(1));

    const again = fettle(folder, ['learn']);
    expect(again.stdout).toMatch(/labels@1\.1\.0 serves.*recorded before/);

    // Whatever ever served is scored on what nobody thought of when it was judged: other issues, a label that is new.
    const newer = [...issues(420, 440, 0).trimEnd().split('\n').map(rowOf), LEGAL];
    const csv = ['title,body,repo,label', ...newer.map((row) => Object.values(row).join(','))].join('\n');
    writeFileSync(path.join(folder, 'newer.csv'), csv);
    const scoresBy = (metric: string) => {
      const { stdout } = fettle(folder, [
        'score',
        'labels',
        '--from',
        'newer.csv',
        '--metric',
        metric,
        '--json',
      ]);
      return Scores.parse(JSON.parse(stdout)).data.versions.map(({ version, value }) => [version, value]);
    };
    const rightBy = (version: string): number => {
      const words = ['predict', 'labels', '--version', version, '--from', 'newer.csv', '--json'];
      const { predictions } = Predicted.parse(JSON.parse(fettle(folder, words).stdout)).data;
      return predictions.filter(({ label }, index) => label === newer[index]?.label).length;
    };
    expect(scoresBy('accuracy')).toEqual(
      ['1.0.0', '1.1.0'].map((version) => [version, expect.closeTo(rightBy(version) / newer.length, 9)]),
    );
    expect(scoresBy('recall:legal')).toEqual([
      ['1.0.0', 0],
      ['1.1.0', 0],
    ]);
    expect(scoresBy('f1:nobody')).toEqual([
      ['1.0.0', null],
      ['1.1.0', null],
    ]);
  }, 120_000);
});
