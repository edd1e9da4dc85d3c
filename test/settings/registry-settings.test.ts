import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { mayNameRegistry, readRegistrySettings } from '../../pipelines/settings/registry-settings.ts';
import { temporaryFolder } from '../temporary.ts';

function namesIt(text: string): boolean {
  try {
    const found: unknown = parse(text, { logLevel: 'silent' });
    return typeof found === 'object' && found !== null && Object.hasOwn(found, 'registry');
  } catch {
    return false;
  }
}

describe('the part of the settings that every verb reads', () => {
  it.each([
    'registry: { remote: null }',
    '# the registry\nregistry:\n  remote: null\n',
    '# a comment\rregistry: { remote: null }',
    String.raw`{ "\x72egistry": { remote: null } }`,
    "{ a: 'k\n# b', registry: { remote: null } }",
    '{ a: "k\n# b", registry: { remote: null } }',
    '{ "a\u2028# ": 1, registry: { remote: null } }',
  ])('is never taken for missing where it is there: %j', (text) => {
    expect(mayNameRegistry(text)).toBe(true);
  });

  it('is looked for wherever the parser of YAML would find it', () => {
    const pieces = fc.constantFrom(
      'registry',
      'models',
      ': ',
      '{',
      '}',
      ', ',
      '#',
      ' ',
      '\n',
      '\r',
      "'",
      '"',
      '\\',
      'x',
      '? ',
      '|\n ',
    );
    const written = fc
      .tuple(fc.dictionary(fc.constantFrom('registry', 'models', 'a b'), fc.jsonValue()), fc.boolean())
      .map(([value, flow]) => stringify(value, { collectionStyle: flow ? 'flow' : 'block' }));
    const odd = fc.array(pieces, { maxLength: 16 }).map((parts) => parts.join(''));
    let found = 0;
    fc.assert(
      fc.property(fc.oneof(written, odd), (text) => {
        const there = namesIt(text);
        if (there) found += 1;
        expect(mayNameRegistry(text) || !there).toBe(true);
      }),
      { numRuns: 2000 },
    );
    expect(found).toBeGreaterThan(100);
  });

  it('is not looked for where only comments speak of it', async () => {
    const top = temporaryFolder();
    mkdirSync(path.join(top, '.github'));
    const write = (text: string): void => writeFileSync(path.join(top, '.github/fettle.yml'), text);
    const comment = '# registry:\n  # the registry of origin\nmodels: {}\n';
    expect(mayNameRegistry(comment)).toBe(false);
    write(comment);
    expect(await readRegistrySettings(top)).toMatchObject({ remote: 'auto', through: 'git' });
    write(`${comment}registry: { remote: upstream }\n`);
    expect(await readRegistrySettings(top)).toMatchObject({ remote: 'upstream' });
    write('registry: [\n');
    expect(await readRegistrySettings(top)).toBeNull();
  });
});
