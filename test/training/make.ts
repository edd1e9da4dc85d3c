/** `node test/training/make.ts python3` writes `pytorch.json` anew, with the PyTorch that this python has. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { CASES } from '../onnx/cases.ts';
import { readied, TRAININGS } from './trainings.ts';

const asked = {
  cases: CASES.map(({ name, inputs, range = [-1.5, 1.5] }) => {
    return { name, shapes: Object.values(inputs), span: range };
  }),
  trainings: TRAININGS.map((one) => ({ ...one, shapes: readied(one).shapes })),
};
const script = path.join(import.meta.dirname, 'pytorch.py');
const told = execFileSync(process.argv[2] ?? 'python3', [script], {
  input: JSON.stringify(asked),
  encoding: 'utf8',
  maxBuffer: 1 << 28,
});
writeFileSync(path.join(import.meta.dirname, 'pytorch.json'), told);
