/** `node test/training/make.ts python3` writes what PyTorch and tokenizers say anew, as this python has them. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { CASES } from '../onnx/cases.ts';
import { OTHERS, SIZE, TEXTS } from './texts.ts';
import { readied, TRAININGS } from './trainings.ts';

const ASKED = {
  pytorch: {
    cases: CASES.map(({ name, inputs, range = [-1.5, 1.5] }) => {
      return { name, shapes: Object.values(inputs), span: range };
    }),
    trainings: TRAININGS.map((one) => ({ ...one, shapes: readied(one).shapes })),
  },
  tokenizers: { texts: TEXTS, size: SIZE, others: OTHERS },
};

for (const [name, asked] of Object.entries(ASKED)) {
  // Its own folder is not searched for modules: `tokenizers.py` is called as what it needs.
  const words = ['-P', path.join(import.meta.dirname, `${name}.py`)];
  const input = JSON.stringify(asked);
  const told = execFileSync(process.argv[2] ?? 'python3', words, {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  writeFileSync(path.join(import.meta.dirname, `${name}.json`), told);
}
