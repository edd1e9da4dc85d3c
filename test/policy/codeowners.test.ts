/** Owners by CODEOWNERS, against the examples of GitHub's own documentation. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fits, ownersOf } from '../../bot/policy/codeowners.ts';

describe('a pattern of CODEOWNERS', () => {
  // docs.github.com, "About code owners", CODEOWNERS syntax.
  it.each([
    ['*', 'any/where.txt', true],
    ['*.js', 'src/deep/a.js', true],
    ['*.js', 'src/a.jsx', false],
    ['/build/logs/', 'build/logs/a/b.log', true],
    ['/build/logs/', 'src/build/logs/a.log', false],
    ['docs/*', 'docs/getting-started.md', true],
    ['docs/*', 'docs/build-app/troubleshooting.md', false],
    ['apps/', 'a/apps/b.txt', true],
    ['/docs/', 'docs/a.md', true],
    ['/docs/', 'a/docs/a.md', false],
    ['/scripts/', 'scripts', false],
    ['**/logs', 'build/logs/a.log', true],
    ['**/logs', 'deeply/nested/logs', true],
    ['/apps/github', 'apps/github/a.txt', true],
    ['fettle/digits/*', 'fettle/digits/production', true],
    ['fettle/**/production', 'fettle/a/b/production', true],
    ['fettle/digit?/production', 'fettle/digits/production', true],
    ['!fettle', 'fettle', false],
    ['[a-z]', 'a', false],
  ])('%s against %s: %s', (pattern, file, fit) => {
    expect(fits(pattern, file)).toBe(fit);
  });

  it('takes no longer than its length', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('*', '**', '/', 'a', '?'), { maxLength: 200 }), (parts) => {
        fits(parts.join(''), 'a/'.repeat(50));
      }),
      { numRuns: 100 },
    );
  });
});

describe('the owners of a path', () => {
  it('are those of the last line that fits, without remarks and mail addresses', () => {
    const text = [
      '* @everybody',
      '/fettle/ @acme/ml-team @Ada # the models',
      'fettle/digits/production kurt@example.com @KURT',
    ].join('\r\n');
    expect(ownersOf(text, 'fettle/digits/staging')).toEqual({ logins: ['ada'], teams: ['acme/ml-team'] });
    expect(ownersOf(text, 'fettle/digits/production')).toEqual({ logins: ['kurt'], teams: [] });
    expect(ownersOf(text, 'src/a.ts')).toEqual({ logins: ['everybody'], teams: [] });
  });

  it('are nobody where a later line takes them away, and where no line fits', () => {
    expect(ownersOf('* @ada\n/fettle/', 'fettle/digits/production')).toEqual({ logins: [], teams: [] });
    expect(ownersOf('/src/ @ada', 'fettle/digits/production')).toEqual({ logins: [], teams: [] });
    expect(ownersOf('', 'a')).toEqual({ logins: [], teams: [] });
  });
});
