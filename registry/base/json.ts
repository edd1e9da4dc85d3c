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
  const byKey: Readonly<Record<string, unknown>> = { ...value };
  // Without a comparison of our own, keys are sorted by UTF-16 code units.
  for (const key of Object.keys(byKey).sort()) {
    const member = byKey[key];
    if (member === undefined) continue;
    if (members !== '') members += ',';
    members += `${canonical(key)}:${canonical(member)}`;
  }
  return `{${members}}`;
}
