import { expect, it } from 'vitest';
import { contradictionsText } from '../../bot/events/contradiction-text.ts';
import { contradictionsIn } from '../../pipelines/contradictions/detect.ts';
import { factOf } from '../../pipelines/contradictions/fact.ts';
import { resolved } from '../../pipelines/contradictions/resolve.ts';

/** Two words of people about each of so many things, which nothing decides. */
function open(count: number, words: string) {
  const facts = Array.from({ length: count }, (_, at) => at).flatMap((at) =>
    ['one', 'two'].map((value) =>
      factOf(
        { says: `${at} is ${value}: ${words}`, where: words, rank: 'people' },
        { kind: 'value', of: `thing ${at}`, value },
      ),
    ),
  );
  return resolved(contradictionsIn(facts));
}

it.each([1, 20, 500])('%i contradictions fit into an issue, whatever their words are', (count) => {
  const body = contradictionsText(open(count, '&'.repeat(1000)));
  expect(body.length).toBeLessThan(65_536);
  expect(body).toContain('0 is one: &amp;');
  expect(body).toContain(`${count} contradiction`);
});

it('tells words of others as words: nobody is called, nothing linked, no list or mark begun', () => {
  const hostile = '@octocat #1 <!-- x --> [a](https://example.org)\n- **new** `code` https://example.org';
  const body = contradictionsText(open(1, hostile));
  expect(body).not.toMatch(/@octocat|#1|<!-- x|(?<!\\)\]\(|:\/\/example|\n- \*\*new/);
});
