/** Dataset -> a triage model learned label by label in the order in which people gave them, and how right it was on the way. */
import * as z from 'zod';
import { type Dataset, decodeDataset, PART, rowsOf } from '../artifacts/dataset.ts';
import { encodeOutcomes, outcomesOf, type ScoredItem } from '../artifacts/outcomes.ts';
import { inputMisfit, singleClass } from '../faults.ts';
import { boilerplateOf, IssueBlocks, issueRow } from '../models/issue-blocks.ts';
import type { IssueText } from '../models/issue-tokens.ts';
import { checkTriage, exportTriage } from '../models/triage-export.ts';
import { TriageParams } from '../models/triage-learner.ts';
import { openStream, type StreamLabel } from '../models/triage-stream.ts';
import { defineStage, required, type StageContext } from './stage.ts';

/**
 * The order is that of the batches and of their rows: no clock is asked, so a wrong one changes nothing. The lines of
 * templates are looked for in all texts at once; no label is looked at for it.
 */
export const streamTriage = defineStage({
  name: 'stream-triage',
  version: 1,
  takes: { dataset: required('dataset') },
  gives: { model: 'onnx', tested: 'outcomes' },
  params: z.strictObject({ learner: TriageParams }),
  reaches: 'nothing',

  async perform({ read, load, write, seed, tell }, { learner }) {
    const told = await toldIn(decodeDataset(await read('dataset')), load);
    const texts = told.map(({ issue }) => issue);
    const features = IssueBlocks.parse({
      kind: 'issue-blocks',
      version: 1,
      boilerplate: boilerplateOf(texts),
    });
    const stream = openStream({ bits: features.bits, params: learner, seed });
    const tested: (ScoredItem & { readonly labels: readonly string[] })[] = [];
    const seen = new Map<string, StreamLabel>();
    told.forEach(({ id, label, denied, issue }, index) => {
      const project = issue.project ?? '';
      const word = { id, row: issueRow(features, issue), project, label, denied };
      const said = stream.ask(word.row, project);
      // A correction is nothing that could have been foretold: the stream was told of that issue before.
      if (label !== null && !seen.has(id) && said.labels.length > 0) {
        tested.push({ id, truth: label, ...said });
      }
      seen.set(id, word);
      stream.tell(word);
      if (index % 100 === 0) tell(index, told.length);
    });
    const model = stream.model();
    const bytes = exportTriage(model, features);
    const asked = [...seen.values()].map(({ row, project }) => {
      return { row, project: model.projects.indexOf(project) };
    });
    await checkTriage(model, bytes, asked);
    await write('model', bytes);
    await write('tested', encodeOutcomes(outcomesOf(aligned(tested, model.labels), model.labels)));
  },
});

interface Told extends Pick<StreamLabel, 'id' | 'label' | 'denied'> {
  readonly issue: IssueText;
}

/** @throws inputMisfit when the rows are numbers, singleClass when there are not two labels to tell apart */
async function toldIn(dataset: Dataset, load: StageContext['load']): Promise<readonly Told[]> {
  const rows = await rowsOf(dataset, [PART.train, PART.denied], load);
  const labels = new Set(rows.flatMap(({ label }) => (label === '' ? [] : [label])));
  if (labels.size === 1) throw singleClass({ label: [...labels][0] ?? '', rows: rows.length });
  return rows.map(({ id, label, not = [], input }) => {
    if (!('title' in input)) throw inputMisfit({ wanted: 'a title and a body', found: 'numbers' });
    return { id, label: label === '' ? null : label, denied: not, issue: input };
  });
}

/** Answers in the order of all labels: one that was not known yet has no share. */
function aligned(
  tested: readonly (ScoredItem & { readonly labels: readonly string[] })[],
  labels: readonly string[],
): readonly ScoredItem[] {
  return tested.map(({ id, truth, probabilities, labels: known }) => ({
    id,
    truth,
    probabilities: labels.map((label) => probabilities[known.indexOf(label)] ?? 0),
  }));
}
