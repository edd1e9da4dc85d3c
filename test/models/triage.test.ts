import { describe, expect, it } from 'vitest';
import { examplesUnfit, exportDisagrees, inputMisfit, notAClassifier } from '../../pipelines/faults.ts';
import { cardOf, openClassifier } from '../../pipelines/models/classifier.ts';
import {
  exportTriage,
  checkTriage,
  TRIAGE_FORMAT,
  TRIAGE_METADATA,
} from '../../pipelines/models/triage-export.ts';
import {
  crossValidatedTriage,
  type LabelledIssue,
  triageOf,
} from '../../pipelines/models/triage-cross-validate.ts';
import { isTriage, openTriage, triageCardOf } from '../../pipelines/models/triage-classifier.ts';
import { TriageParams } from '../../pipelines/models/triage-learner.ts';
import { quantized, type TriageModel } from '../../pipelines/models/triage-model.ts';
import { mostAlike, reasonsFor } from '../../pipelines/models/why.ts';
import { readModel } from '../../pipelines/onnx/read.ts';

const WORDS = {
  bug: ['crash', 'broken', 'trace', 'segfault'],
  feature: ['add', 'support', 'option', 'allow'],
  question: ['how', 'why', 'what', 'help'],
} as const;
const LABELS = ['bug', 'feature', 'question'] as const;

/** Issues whose label shows in one of four words, among words that say nothing; two projects. */
const ISSUES: readonly LabelledIssue[] = Array.from({ length: 90 }, (_, index) => {
  const label = LABELS[index % 3] ?? 'bug';
  const word = WORDS[label][Math.floor(index / 3) % 4] ?? '';
  const noise = `thing ${'abcdefghijklmnopqrstuvwxyz'[index % 26]} other ${'nopqrstuvw'[index % 10]}`;
  const project = index % 2 === 0 ? 'one' : 'two';
  return { issue: { title: `${word} ${noise}`, body: `The ${word} of ${noise}`, project }, labels: [label] };
});
const LESSON = { labels: LABELS, choice: 'one', params: TriageParams.parse({}) } as const;
const TRAINED = triageOf(ISSUES, LESSON);

async function open(model: TriageModel = TRAINED.model) {
  const bytes = exportTriage(model, TRAINED.features);
  return openTriage(bytes, triageCardOf(readModel(bytes).metadata));
}

describe('learnTriage', () => {
  it('tells apart issues that it has not seen', () => {
    const { scores } = crossValidatedTriage(ISSUES, { ...LESSON, folds: 5, seed: 1 });
    const right = ISSUES.filter(({ labels }, row) => {
      const own = scores.subarray(3 * row, 3 * row + 3);
      return LABELS[own.indexOf(Math.max(...own))] === labels[0];
    });
    expect(right.length).toBeGreaterThan(85);
  });

  it('gives the same bytes for the same issues', () => {
    const again = triageOf(ISSUES, LESSON);
    expect(Buffer.from(exportTriage(again.model, again.features))).toEqual(
      Buffer.from(exportTriage(TRAINED.model, TRAINED.features)),
    );
  });

  it('has another digest for another featuriser', () => {
    const other = { ...TRAINED.features, boilerplate: [1] };
    expect(Buffer.from(exportTriage(TRAINED.model, other))).not.toEqual(
      Buffer.from(exportTriage(TRAINED.model, TRAINED.features)),
    );
  });

  it('learns beside a class with one example, and never gives that class where the folds lack it', () => {
    const rare: LabelledIssue = {
      issue: { title: 'licence', body: 'legal', project: 'one' },
      labels: ['rare'],
    };
    const lesson = { ...LESSON, labels: [...LABELS, 'rare'].sort() };
    const { scores } = crossValidatedTriage([...ISSUES, rare], { ...lesson, folds: 5, seed: 1 });
    expect(scores.every(Number.isFinite)).toBe(true);
    const own = scores.subarray(-4);
    expect(own.indexOf(Math.max(...own))).not.toBe(lesson.labels.indexOf('rare'));
  });

  it('holds against a label what people took it from, and says nothing of the others', () => {
    const title = 'crash thing q';
    const denied = Array.from({ length: 6 }, (_, index) => {
      const issue = { title: `crash thing ${'qrstuv'[index] ?? ''}`, body: '', project: 'one' };
      return { issue, denied: ['bug', 'gone'] };
    });
    const refused = triageOf(ISSUES, { ...LESSON, denied });
    const asked = { title, body: '', project: 'one' };
    const [before, after] = [TRAINED.ask(asked), refused.ask(asked)];
    expect(after[0]).toBeLessThan((before[0] ?? 0) - 0.2);
    expect([after[1], after[2]]).toEqual([
      expect.closeTo(before[1] ?? Number.NaN, 2),
      expect.closeTo(before[2] ?? Number.NaN, 2),
    ]);
    expect(refused.model.places).toEqual(TRAINED.model.places);
  });

  it('gives the same bytes where nothing was denied', () => {
    const none = triageOf(ISSUES, { ...LESSON, denied: [] });
    expect(Buffer.from(exportTriage(none.model, none.features))).toEqual(
      Buffer.from(exportTriage(TRAINED.model, TRAINED.features)),
    );
  });

  it('refuses issues of one label', () => {
    const bugs = ISSUES.filter(({ labels }) => labels[0] === 'bug');
    expect(() => triageOf(bugs, LESSON)).toThrowFault(examplesUnfit);
  });

  it('gives any number of labels where they do not exclude each other', async () => {
    const both = ISSUES.map(({ issue, labels }, index) => ({
      issue: index % 5 === 0 ? { ...issue, body: `${issue.body} linux` } : issue,
      labels: index % 5 === 0 ? [...labels, 'linux'] : labels,
    }));
    const { model, features } = triageOf(both, {
      ...LESSON,
      labels: [...LABELS, 'linux'].sort(),
      choice: 'any',
    });
    const calibrated = {
      ...model,
      calibration: { slope: 5, shifts: new Float32Array(4) },
      thresholds: Float32Array.of(0.5, 0.5, 0.5, 0.5),
    };
    const bytes = exportTriage(calibrated, features);
    const opened = await openTriage(bytes, triageCardOf(readModel(bytes).metadata));
    const { given } = await opened.ask({ title: 'crash thing', body: 'The crash of linux', project: 'one' });
    expect(given).toEqual(['bug', 'linux']);
    await opened.close();
  });
});

describe('quantized', () => {
  it('is within half a step of the weights, by hand', () => {
    const { entries, steps } = quantized(Float64Array.of(1.27, -0.5, 0.004, 0), 2);
    expect([...entries]).toEqual([127, -127, 0, 0]);
    expect(steps[0]).toBeCloseTo(0.01, 8);
  });
});

describe('an exported triage model', () => {
  it('says what the trainer’s memory says, for its projects and for others', async () => {
    const model = { ...TRAINED.model, calibration: { slope: 2.5, shifts: new Float32Array(3) } };
    const bytes = exportTriage(model, TRAINED.features);
    const asked = TRAINED.examples.flatMap(({ row }, index) => [
      { row, project: index % 2 },
      { row, project: -1 },
    ]);
    expect(await checkTriage(model, bytes, asked)).toBeLessThan(1e-6);
  });

  it('is found out when it says something else', async () => {
    const bytes = exportTriage({ ...TRAINED.model, bias: Float32Array.of(1, 0, 0) }, TRAINED.features);
    const [first] = TRAINED.examples;
    const check = checkTriage(TRAINED.model, bytes, [{ row: first!.row, project: 0 }]);
    await expect(check).rejects.toThrowFault(exportDisagrees);
  });

  it('abstains below its thresholds, and gives a label from there on', async () => {
    const classifier = await openClassifier(
      exportTriage({ ...TRAINED.model, thresholds: Float32Array.of(0.99, 0.99, 0.99) }, TRAINED.features),
    );
    const unsure = await classifier.predict({ title: 'crash', body: 'crash', project: 'one' });
    expect([unsure.label, unsure.given]).toEqual(['bug', []]);
    await classifier.close();
    const eager = await openClassifier(exportTriage(TRAINED.model, TRAINED.features));
    expect((await eager.predict({ title: 'crash', body: 'crash' })).given).toEqual([...LABELS]);
    await eager.close();
  });

  it('names its labels and features, and refuses numbers', async () => {
    const bytes = exportTriage(TRAINED.model, TRAINED.features);
    expect(cardOf(bytes)).toMatchObject({ labels: LABELS, features: { kind: 'issue-blocks', version: 1 } });
    const classifier = await openClassifier(bytes);
    expect(classifier.projects).toEqual(['one', 'two']);
    await expect(classifier.predict([1, 2])).rejects.toThrowFault(inputMisfit);
    await classifier.close();
  });

  it('answers what says nothing: no text at all, only an image, only emoji', async () => {
    const opened = await open();
    for (const body of ['', '![a](b.png)', '😀😀', '<!-- hidden -->', '\u0000']) {
      const { probabilities } = await opened.ask({ title: '', body });
      expect(probabilities.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 5);
    }
    await opened.close();
  });

  it('is no classifier when its metadata is damaged', () => {
    const metadata = { [TRIAGE_METADATA.format]: TRIAGE_FORMAT, [TRIAGE_METADATA.labels]: '7' };
    expect(isTriage(metadata)).toBe(true);
    expect(() => triageCardOf(metadata)).toThrowFault(notAClassifier);
  });
});

describe('reasonsFor', () => {
  it('tells parts that sum, with the biases, to the difference of the scores', async () => {
    const opened = await open();
    const issue = { title: 'crash thing', body: 'how is it broken', project: 'one' };
    const answer = await opened.ask(issue);
    const reasons = reasonsFor(opened, issue, { answer, label: 'bug' });
    const sum = reasons.reduce((total, { weight }) => total + weight, 0);
    const rival = answer.probabilities[1]! > answer.probabilities[2]! ? 1 : 2;
    const biases = TRAINED.model.bias[0]! - TRAINED.model.bias[rival]!;
    // The slope is 1, so the log of the odds is the difference of the scores.
    expect(sum + biases).toBeCloseTo(Math.log(answer.probabilities[0]! / answer.probabilities[rival]!), 4);
    expect(reasons.filter(({ weight }) => weight > 0).flatMap(({ tokens }) => tokens)).toContain('crash');
    expect(reasons.filter(({ weight }) => weight < 0).flatMap(({ tokens }) => tokens)).toContain('how');
    await opened.close();
  });

  it('finds the very issue most like itself', async () => {
    const opened = await open();
    const answers = [];
    for (const { issue } of ISSUES.slice(0, 12)) answers.push(await opened.ask(issue));
    const [first, second] = mostAlike(answers[5]!, answers, 2);
    expect([first?.index, first?.similarity]).toEqual([5, expect.closeTo(1, 5)]);
    expect(second!.similarity).toBeLessThan(1);
    await opened.close();
  });
});
