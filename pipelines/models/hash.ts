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
  return endedHash(hashOn(begunHash(seed), token, 0, token.length));
}

/** What `hashOf` has before the first unit. */
export function begunHash(seed: number): number {
  return 0x811c_9dc5 ^ seed;
}

/**
 * Goes on with a hash over a stretch of a text, which is not built for it.
 *
 * @param state  by `begunHash`, or by this function for what stands before
 * @param text   any
 * @param from   where the stretch begins
 * @param to     the index behind its last unit, at most the text's length
 * @returns      32 bits that are no hash yet: `endedHash` makes one of them
 * @throws       never
 * @cost         one multiplication a code unit
 * @source       `hashOf`
 */
export function hashOn(state: number, text: string, from: number, to: number): number {
  let hash = state;
  for (let index = from; index < to; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x0100_0193);
  return hash;
}

/**
 * `hashOf` with seed 0 of the letters of a line in lower case, without building that text: ASCII letters, and whatever
 * is beyond ASCII.
 *
 * @param text   any
 * @param from   where the line begins in it
 * @param to     the index behind its last unit, at most the text's length
 * @param least  letters that there must be
 * @returns      0 to 2³²−1; null where there are fewer letters
 * @throws       never
 * @cost         one multiplication a letter
 * @source       `hashOf`
 */
export function lettersHash(text: string, from: number, to: number, least: number): number | null {
  let hash = 0x811c_9dc5 | 0;
  let count = 0;
  for (let index = from; index < to; index++) {
    const unit = text.charCodeAt(index);
    // Lower case may be longer than upper case beyond ASCII: there the text is built after all.
    if (unit >= 0x80) return lettersHashOfAny(text.slice(from, to), least);
    const small = unit | 0x20;
    if (small < 0x61 || small > 0x7a) continue;
    hash = Math.imul(hash ^ small, 0x0100_0193);
    count += 1;
  }
  return count < least ? null : endedHash(hash);
}

// Classes of Unicode would take twice the time; beyond ASCII everything counts as a letter.
const NO_LETTERS = /[^a-z\u0080-\uffff]+/g;

function lettersHashOfAny(line: string, least: number): number | null {
  const letters = line.toLowerCase().replace(NO_LETTERS, '');
  return letters.length < least ? null : hashOf(letters, 0);
}

/** What `hashOf` makes of the units in the end. */
export function endedHash(hash: number): number {
  let mixing = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  mixing = Math.imul(mixing ^ (mixing >>> 13), 0xc2b2_ae35);
  return (mixing ^ (mixing >>> 16)) >>> 0;
}
