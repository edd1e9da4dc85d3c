import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as actionFaults from '../action/faults.ts';
import { VERBS } from '../action/verbs/index.ts';
import { askedOf } from '../action/verbs/usage.ts';
import * as pipelineFaults from '../pipelines/faults.ts';
import * as runnerFaults from '../pipelines/runners/faults.ts';
import * as onnxFaults from '../pipelines/onnx/faults.ts';
import * as tensorFaults from '../pipelines/tensors/faults.ts';
import * as trainingFaults from '../pipelines/training/faults.ts';
import { FAULTS } from '../registry/base/fault.ts';
import * as registryFaults from '../registry/faults.ts';
import { readmeText, withTables } from './documents.ts';

const TOP = path.resolve(import.meta.dirname, '..');
const TESTS = globSync('test/**/*.ts', { cwd: TOP })
  .filter((file) => !file.endsWith('docs.test.ts'))
  .map((file) => readFileSync(path.join(TOP, file), 'utf8'))
  .join('\n');

describe('the documents', () => {
  it('print their tables as the code has them; else run `npm run docs`', () => {
    expect(readmeText()).toBe(withTables(readmeText()));
  });

  it('name only files that are there', () => {
    for (const file of ['README.md', 'ARCHITECTURE.md', '.github/CONTRIBUTING.md']) {
      const text = readFileSync(path.join(TOP, file), 'utf8');
      const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target]) =>
        path.join(TOP, path.dirname(file), target ?? ''),
      );
      expect(links.filter((link) => !existsSync(link))).toEqual([]);
    }
  });

  it('have no figure left to fill in', () => {
    expect(readmeText()).not.toMatch(/\b(TODO|DEMO s|STATUS s|NODE s|AGAIN s|PEERTIME|PEERF1)\b/);
  });
});

describe('every fault', () => {
  const named = Object.entries({
    ...registryFaults,
    ...pipelineFaults,
    ...runnerFaults,
    ...tensorFaults,
    ...onnxFaults,
    ...trainingFaults,
    ...actionFaults,
  });

  it('has its code from its folder and its name', () => {
    const codes = named.map(([name, { code }]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
      code.split('/')[1],
    ]);
    expect(codes.filter(([name, code]) => !name?.endsWith(code ?? ''))).toEqual([]);
    expect(named).toHaveLength(FAULTS.size);
  });

  it.each(named.map(([name, { code }]) => ({ name, code })))(
    'is thrown by some test: $name',
    ({ name, code }) => {
      expect(TESTS.includes(name) || TESTS.includes(code)).toBe(true);
    },
  );
});

describe('every verb', () => {
  it.each(VERBS.map(({ name }) => name))('says in the list what it says itself: %s', async (name) => {
    const entry = VERBS.find((verb) => verb.name === name);
    const verb = await entry?.load();
    expect(verb?.name).toBe(name);
    expect(verb?.says).toBe(entry?.says);
    expect(verb?.says).toMatch(/^[A-Z].*\.$/);
    expect(
      verb?.examples.every(
        (example) => example.startsWith('fettle ') || example.startsWith('source <(fettle '),
      ),
    ).toBe(true);
  });

  it.each(VERBS.map(({ name }) => name))('tells of each word and option what it is: %s', async (name) => {
    const verb = await VERBS.find((one) => one.name === name)?.load();
    if (verb === undefined) throw new Error(`no verb ${name}`);
    const asked = askedOf(verb);
    expect(asked.filter(({ says }) => says === '')).toEqual([]);
    expect(verb.words.every((word) => asked.some(({ key }) => key === word))).toBe(true);
  });
});
