import { describe, expect, it } from 'vitest';
import { confusionChart, durationChart, metricChart, timelineChart } from '../../registry/report/chart.ts';
import { markdownOf } from '../../registry/report/markdown.ts';
import { pageOf } from '../../registry/report/page.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import { html, markdown } from '../../registry/report/words.ts';
import { ModelName } from '../../registry/schema/model.ts';
import type { ModelState, RegistryState } from '../../registry/schema/state.ts';
import { EMPTY } from '../../registry/state/fold.ts';
import { storyOfDigits } from '../fixtures/histories.ts';
import { DIGITS } from '../fixtures/registry.ts';

const PLACE = { origin: 'local/test', size: 72 };
const ASK = { title: 'models', madeAt: '2026-11-21T04:00:00.000Z', ...PLACE };
const state = await storyOfDigits();

function digits(): ModelState {
  const known = state.models.get(DIGITS);
  if (known === undefined) throw new Error('no digits');
  return known;
}

/** Everything that came from outside, replaced by text that wants to do harm. */
function poisoned(text: string): RegistryState {
  const known = digits();
  const decisions = known.decisions.map((decision) => ({
    ...decision,
    reason: text,
    by: text,
    automatic: false,
  }));
  const versions = known.versions.map((version) => ({
    ...version,
    lineage: { ...version.lineage, params: { [text]: text }, recipe: text },
    evaluation:
      version.evaluation === null
        ? null
        : { ...version.evaluation, labels: version.evaluation.labels.map(() => text) },
    rolledBack: version.rolledBack === null ? null : text,
  }));
  return { models: new Map([[DIGITS, { ...known, decisions, versions }]]) };
}

/** Each opened element is closed in order; enough to notice markup that broke out of its place. */
function balanced(text: string): boolean {
  const open: string[] = [];
  const empty = new Set(['meta', 'path', 'rect', 'circle', 'line', '!doctype', 'br']);
  for (const [, close, name, self] of text.matchAll(
    /<(\/?)([a-zA-Z!][\w-]*)(?:"[^"]*"|'[^']*'|[^>"'])*?(\/?)>/g,
  )) {
    if (self === '/' || empty.has((name ?? '').toLowerCase())) continue;
    if (close === '') open.push(name ?? '');
    else if (open.pop() !== name) return false;
  }
  return open.length === 0;
}

describe('the branch README', () => {
  it('tells champions, decisions and how to undo them', async () => {
    await expect(readmeOf(state, PLACE)).toMatchFileSnapshot('snapshots/readme.md');
  });

  it('says what to do where nothing was trained', () => {
    expect(readmeOf(EMPTY, { origin: 'local/test', size: 1 })).toContain('fettle run <recipe>');
  });

  it('says the same of the same state', () => {
    expect(readmeOf(state, PLACE)).toBe(readmeOf(state, PLACE));
  });
});

describe('the Markdown report', () => {
  it('puts the verdict first and folds the details', async () => {
    await expect(markdownOf(state)).toMatchFileSnapshot('snapshots/report.md');
  });

  it('tells one model alone when asked', () => {
    const told = markdownOf(state, { model: ModelName.parse('letters') });
    expect(told).toContain('## letters');
    expect(told).not.toContain('## digits');
  });

  it('stays within what GitHub takes, and says what it left out', () => {
    const known = digits();
    const many = Array.from({ length: 60 }, (_, index) => ModelName.parse(`model-${index}`));
    const told = markdownOf({ models: new Map(many.map((model) => [model, { ...known, model }])) });
    expect(told.length).toBeLessThanOrEqual(58_200);
    expect(told).toMatch(/more models left out/);
  });
});

describe('the page', () => {
  it('is whole: balanced, without script, fetching nothing', () => {
    const page = pageOf(state, ASK);
    expect(balanced(page)).toBe(true);
    expect(page).not.toMatch(/<script|<img|<link|@import|url\(|\son\w+=/i);
    expect(page.match(/https?:\/\//g)?.every((found) => found === 'http://')).toBe(true);
    expect(page).toContain("default-src 'none'");
  });

  it('tells every model, the one without a champion and the retired one too', () => {
    const page = pageOf(state, ASK);
    expect(page).toContain('<b>1.10.0</b> serves production since');
    expect(page).toContain('Nothing serves production yet.');
    expect(page).toContain('replaced by digits');
  });

  it('welcomes people to an empty registry', () => {
    expect(pageOf(EMPTY, ASK)).toContain('No model has been trained yet.');
  });
});

// Labels and reasons come from data and from people: they are shown, never obeyed.
describe('text from outside', () => {
  const attacks = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    ']]></title><svg/onload=alert(1)>',
    '@everyone #1 | x | `code` [link](javascript:alert(1)) ![i](http://x/y.png)',
    '| a | b |\n|---|---|\n# heading',
    '</details><details open>',
    '&lt;b&gt;&#60;script&#62;',
  ];

  it.each(attacks)('is inert on the page: %s', (attack) => {
    const page = pageOf(poisoned(attack), ASK);
    expect(balanced(page)).toBe(true);
    expect(page).not.toMatch(/<script|<img|<svg\/onload|<b>alert/i);
    expect(page).not.toMatch(/<[^>"]*\son\w+=/i);
  });

  it.each(attacks)('is inert in Markdown: %s', (attack) => {
    for (const text of [markdownOf(poisoned(attack)), readmeOf(poisoned(attack), PLACE)]) {
      expect(text.replaceAll(/`[^`\n]*`/g, '')).not.toMatch(/<script|<img|<svg/i);
      expect(text.replaceAll(/`[^`\n]*`/g, '')).not.toMatch(/(^|[^\\])\[link\]\(|@everyone|https?:\/\/x/);
      expect(text.match(/^# heading/m)).toBeNull();
    }
  });

  it('comes out as it was when a browser reads the escapes', () => {
    const unescape = (text: string): string =>
      text
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll('&#39;', "'")
        .replaceAll('&amp;', '&');
    for (const attack of attacks) expect(unescape(html(attack))).toBe(attack);
  });

  it('pings nobody', () => {
    expect(markdown('@octocat #12')).not.toMatch(/@octocat|#12/);
  });
});

describe('the charts', () => {
  it('are well formed and describe themselves', () => {
    const known = digits();
    const { evaluation } = known.versions[0] ?? {};
    const pictures = [
      metricChart(known, 'accuracy'),
      timelineChart(known, 'production'),
      durationChart(known.runs, ({ run }) => run),
      confusionChart(evaluation?.labels ?? [], evaluation?.confusion ?? []),
    ];
    for (const picture of pictures) {
      expect(balanced(picture)).toBe(true);
      expect(picture).toMatch(/^<svg viewBox="0 0 \d+(\.\d+)? \d+(\.\d+)?" role="img" aria-label="[^"]+"/);
      expect(picture).toMatch(/<title>.+<\/title><desc>.+<\/desc>/);
      expect(picture).not.toMatch(/NaN|Infinity|undefined/);
    }
  });

  it('put a higher metric higher, and mark what became of each version', () => {
    const picture = metricChart(digits(), 'accuracy');
    const heightOf = (told: string): number =>
      Number(
        new RegExp(`<title>${told}</title>.*?(?:cy="|class="whisker"/><path d="M[\\d.]+ )([\\d.]+)`).exec(
          picture,
        )?.[1],
      );
    expect(heightOf(String.raw`1\.5\.0: 98\.3%, served`)).toBeLessThan(
      heightOf(String.raw`1\.0\.0: 89\.2%, served`),
    );
    expect(picture).toContain('1.6.0: 79.8%, refused');
    expect(picture).toContain('1.9.0: 98.1%, rolled back');
    expect(picture).toContain('1.11.0: 97.5%, held');
  });

  it('draw a single version, and a metric that is the same everywhere', () => {
    const known = digits();
    const single = { ...known, versions: known.versions.slice(0, 1) };
    expect(metricChart(single, 'accuracy')).not.toMatch(/NaN|Infinity/);
    expect(metricChart({ ...known, versions: [] }, 'accuracy')).not.toMatch(/NaN|Infinity/);
  });
});
