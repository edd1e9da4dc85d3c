/** `fettle watch` where nothing was begun, and Fettle's own settings, which begin there. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettings } from '../../pipelines/settings/read.ts';
import { temporaryRepository } from '../temporary.ts';
import { fettle } from './fettle.ts';

describe('fettle watch', () => {
  it('has nothing to say where no registry was begun, so that a schedule may come first', () => {
    const { code, stdout } = fettle(temporaryRepository(), ['watch', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ data: { lost: [], models: [] } });
  });
});

describe('the settings of Fettle itself', () => {
  it('name a model that learns from its own issues', async () => {
    const { models } = await readSettings(path.resolve(import.meta.dirname, '../..'));
    expect(Object.values(models)).toMatchObject([{ from: 'github-issues' }]);
  });
});
