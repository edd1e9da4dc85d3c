/** The hash that features are made with. */

/**
 * FNV-1a over UTF-16 code units, finished by MurmurHash3's mixer; the upper bits are as good as the lower ones.
 *
 * @param token  any text
 * @param seed   32 bits; another seed gives an unrelated hash
 * @returns      0 to 2³²−1
 * @throws       never
 * @cost         one multiplication a code unit
 * @source       G. Fowler, L. Noll, K. Vo, FNV-1a (32 bits); A. Appleby, MurmurHash3 `fmix32`
 */
export function hashOf(token: string, seed: number): number {
  let hash = 0x811c_9dc5 ^ seed;
  for (let index = 0; index < token.length; index++) {
    hash = Math.imul(hash ^ token.charCodeAt(index), 0x0100_0193);
  }
  return mixed(hash);
}

/**
 * `hashOf` with seed 0 of the letters of a line in lower case, without building that text: ASCII letters, and whatever
 * is beyond ASCII.
 *
 * @param line   any text
 * @param least  letters that there must be
 * @returns      0 to 2³²−1; null where there are fewer letters
 * @throws       never
 * @cost         one multiplication a letter
 * @source       `hashOf`
 */
export function lettersHash(line: string, least: number): number | null {
  let hash = 0x811c_9dc5 | 0;
  let count = 0;
  for (let index = 0; index < line.length; index++) {
    const unit = line.charCodeAt(index);
    // Lower case may be longer than upper case beyond ASCII: there the text is built after all.
    if (unit >= 0x80) return lettersHashOfAny(line, least);
    const small = unit | 0x20;
    if (small < 0x61 || small > 0x7a) continue;
    hash = Math.imul(hash ^ small, 0x0100_0193);
    count += 1;
  }
  return count < least ? null : mixed(hash);
}

// Classes of Unicode would take twice the time; beyond ASCII everything counts as a letter.
const NO_LETTERS = /[^a-z\u0080-\uffff]+/g;

function lettersHashOfAny(line: string, least: number): number | null {
  const letters = line.toLowerCase().replace(NO_LETTERS, '');
  return letters.length < least ? null : hashOf(letters, 0);
}

function mixed(hash: number): number {
  let mixing = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  mixing = Math.imul(mixing ^ (mixing >>> 13), 0xc2b2_ae35);
  return (mixing ^ (mixing >>> 16)) >>> 0;
}
