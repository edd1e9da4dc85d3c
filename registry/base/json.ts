/** Canonical JSON: one text for one value, so that a digest of it means something. */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * RFC 8785 (JCS) for values without fractions: keys sorted by UTF-16 code units, no white space. Numbers are safe
 * integers only; a decimal is a string (`decimal.ts`), so no reader has to agree on how a float is printed.
 * Members that are `undefined` are left out.
 *
 * @throws TypeError on a number that is not a safe integer, on -0, on a lone surrogate, and on anything not JSON;
 *         these are programmer's errors, since every word was parsed by its schema before
 */
export function canonical(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      throw new TypeError(`canonical JSON takes safe integers only, found ${value}`);
    }
    return String(value);
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new TypeError('canonical JSON takes well-formed Unicode only');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    let items = '';
    for (const item of value) items += items === '' ? canonical(item) : `,${canonical(item)}`;
    return `[${items}]`;
  }
  if (typeof value !== 'object') throw new TypeError(`canonical JSON takes no ${typeof value}`);
  return canonicalObject(value);
}

/** A loop over sorted keys: it is the hottest of all when a long log is verified. */
function canonicalObject(value: object): string {
  let members = '';
  const byKey = value as Readonly<Record<string, unknown>>;
  for (const key of sorted(Object.keys(byKey))) {
    const member = byKey[key];
    if (member === undefined) continue;
    if (members !== '') members += ',';
    members += `${canonical(key)}:${canonical(member)}`;
  }
  return `{${members}}`;
}

/** What was read from canonical JSON is sorted already, and to see that is cheaper than to sort. */
function sorted(keys: string[]): readonly string[] {
  for (let at = 1; at < keys.length; at++) {
    // Without a comparison of our own, keys are sorted by UTF-16 code units.
    if ((keys[at - 1] ?? '') > (keys[at] ?? '')) return keys.sort();
  }
  return keys;
}

/** Deeper than any word of ours; what recurses over a deeper one runs out of stack. */
const DEPTH_MAX = 64;

/** @returns why a parsed value is not read alike by every reader; null when it is */
export function oddityIn(value: unknown, depth = 0): string | null {
  if (typeof value !== 'object' || value === null) return null;
  if (depth === DEPTH_MAX) return `more than ${DEPTH_MAX} levels`;
  // Schemas leave this member out, so that it would stand in the text and in no signature.
  if (Object.hasOwn(value, '__proto__')) return 'a member `__proto__`';
  for (const member of Object.values(value)) {
    const found = oddityIn(member, depth + 1);
    if (found !== null) return found;
  }
  return null;
}
