import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical } from '../../registry/base/json.ts';

describe('canonical', () => {
  // Oracle: RFC 8785 §3.2.3, the sorting example (keys by UTF-16 code units).
  it('sorts keys by UTF-16 code units as RFC 8785 shows', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew',
      '1': 'One',
      '\ud83d\ude00': 'Emoji',
      '\u0080': 'Control',
      '\u00f6': 'o',
    };
    const keys = [...canonical(value).matchAll(/:"(\w+)/g)].map(([, word]) => word);
    expect(keys).toEqual(['Carriage', 'One', 'Control', 'o', 'Euro', 'Emoji', 'Hebrew']);
  });

  it('refuses fractions, unsafe integers, minus zero and lone surrogates', () => {
    for (const value of [0.5, 2 ** 53, -0, Number.NaN, '\ud800']) {
      expect(() => canonical(value)).toThrow(TypeError);
    }
  });

  it('says the same whatever the order of keys', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ unit: 'grapheme' }),
          fc.maxSafeInteger().map((n) => n + 0),
        ),
        (value) => {
          const reversed = Object.fromEntries(Object.entries(value).reverse());
          expect(canonical(reversed)).toBe(canonical(value));
          expect(JSON.parse(canonical(value))).toEqual(value);
        },
      ),
    );
  });

  // Oracle: Python's json module, which sorts ASCII keys the same way and escapes less when told so.
  it('gives the bytes that Python gives for ASCII keys', ({ skip }) => {
    const value = { b: [1, null, true, 'ä"\n\u0001'], a: { z: -5, y: '' } };
    let python: string;
    try {
      const program =
        'import json,sys;print(json.dumps(json.load(sys.stdin),sort_keys=True,separators=(",",":"),ensure_ascii=False),end="")';
      python = execFileSync('python3', ['-c', program], { input: JSON.stringify(value), encoding: 'utf8' });
    } catch {
      return skip('python3 is not installed');
    }
    expect(canonical(value)).toBe(python);
  });
});
