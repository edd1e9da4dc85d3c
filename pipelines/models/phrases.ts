/** Which of a fixed list of phrases a text has, without reading a long text once for each of them. */

export interface Phrases {
  readonly all: readonly string[];
  /** For each phrase the slots that its runs of three characters fall into. */
  readonly slots: readonly (readonly number[])[];
}

/** Reading a shorter text once for each phrase is as fast. In UTF-16 units. */
const LONG = 1500;
const SLOT_BITS = 15;
/** Slots of the text under way: one memory for all of them, so that a text leaves nothing to be collected. */
const HAD = new Uint8Array(2 ** SLOT_BITS);

/**
 * Prepares a list to be looked for.
 *
 * @param all  lower case, none empty
 * @returns    the list with its slots
 * @throws     never
 * @cost       linear in the list
 * @source     definition
 */
export function phrasesOf(all: readonly string[]): Phrases {
  const slots = all.map((phrase) =>
    Array.from({ length: Math.max(0, phrase.length - 2) }, (_, at) => slotOf(phrase, at)),
  );
  return { all, slots };
}

/**
 * The phrases that stand anywhere in a text. A phrase of which one run of three characters is nowhere in the text is
 * not there either; most are told so by one pass over the text, and only the others are looked for.
 *
 * @param phrases  by `phrasesOf`
 * @param lower    any text in lower case
 * @returns        in the order of the list
 * @throws         never
 * @cost           one pass over a long text, and one more for each phrase that may be there
 * @source         B. Bloom, CACM 13 (1970), with one hash: it may say yes wrongly, and never no
 */
export function phrasesIn({ all, slots }: Phrases, lower: string): readonly string[] {
  if (lower.length < LONG) return all.filter((phrase) => lower.includes(phrase));
  HAD.fill(0);
  for (let at = 0; at + 2 < lower.length; at++) HAD[slotOf(lower, at)] = 1;
  return all.filter(
    (phrase, index) => slots[index]!.every((slot) => HAD[slot] === 1) && lower.includes(phrase),
  );
}

function slotOf(text: string, at: number): number {
  const three = text.charCodeAt(at) ^ (text.charCodeAt(at + 1) << 5) ^ (text.charCodeAt(at + 2) << 10);
  return three & (2 ** SLOT_BITS - 1);
}
