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
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
