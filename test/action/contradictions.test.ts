/** `fettle contradictions` and `fettle doctor` in a real repository, beside settings that ask for what cannot be. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileUnreadable } from '../../action/faults.ts';
import { DIGITS, filledRegistry, retire } from '../exports/registry.ts';
import { fettle } from './fettle.ts';

function set(folder: string, text: string): void {
  mkdirSync(path.join(folder, '.github'), { recursive: true });
  writeFileSync(path.join(folder, '.github', 'fettle.yml'), text);
}

const FED =
  'models:\n  digits: { recipe: train-and-promote, from: rows.csv, gates: { enough-samples: { least: 10 } } }\n';

describe('fettle contradictions', () => {
  it('says that all is well, then what only people can settle, and then what a tool beside it told', async () => {
    const filled = await filledRegistry();
    const { folder } = filled;
    const well = fettle(folder, ['contradictions']);
    expect(well.stdout).toMatch(/^No contradiction among \d+ facts/);
    expect(well.code).toBe(0);

    set(folder, FED);
    await retire(filled, DIGITS);
    const open = fettle(folder, ['contradictions']);
    expect(open.code).toBe(3);
    expect(open.stdout).toContain('1 contradiction');
    expect(open.stdout).toContain(
      '? the settings train digits from rows.csv (.github/fettle.yml: models.digits.from)',
    );
    expect(open.stdout).toMatch(/\? digits is retired: replaced \(event \d+\)/);
    const { data } = JSON.parse(fettle(folder, ['contradictions', '--json']).stdout);
    expect(data).toMatchObject({ open: 1, contradictions: [{ law: 'open-ways', strategy: 'escalation' }] });
    const { findings } = JSON.parse(fettle(folder, ['doctor', '--json']).stdout).data;
    expect(findings).toContainEqual(expect.objectContaining({ check: 'contradictions', answer: 'wrong' }));

    set(folder, FED.replace('from: rows.csv, ', ''));
    const fact = {
      says: 'a run elsewhere counted 9 of 10',
      where: 'run 4711',
      rank: 'counted',
      seq: null,
      changes: false,
      guards: false,
      statement: { kind: 'value', of: 'something', value: '0.9' },
    };
    const told = {
      ...fact,
      says: 'a note tells 0.95',
      rank: 'told',
      statement: { ...fact.statement, value: '0.95' },
    };
    writeFileSync(path.join(folder, 'facts.jsonl'), `${JSON.stringify(fact)}\n\n${JSON.stringify(told)}\n`);
    const beside = fettle(folder, ['contradictions', '--facts', 'facts.jsonl']);
    expect(beside.code).toBe(0);
    expect(beside.stdout).toContain('✘ a note tells 0.95');
    expect(beside.stdout).toContain('By priority: what was counted stands over what a record tells.');

    writeFileSync(path.join(folder, 'facts.jsonl'), `${JSON.stringify(fact)}\n{"says":1}\n`);
    const bad = fettle(folder, ['contradictions', '--facts', 'facts.jsonl', '--json']);
    expect(bad.code).toBe(1);
    expect(`${bad.stdout}${bad.stderr}`).toContain(fileUnreadable.code);
    expect(`${bad.stdout}${bad.stderr}`).toContain('facts.jsonl:2');
  });
});
