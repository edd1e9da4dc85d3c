/** JSON as GitHub speaks it, and the few questions that the stand-in asks of it. */

export type Thing = Readonly<Record<string, unknown>>;

/** What lies under the name, or an empty thing. */
export function inside(thing: unknown, name: string): Thing {
  const found = isThing(thing) ? thing[name] : undefined;
  return isThing(found) ? found : {};
}

export function isThing(value: unknown): value is Thing {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textOf(thing: unknown, name: string): string {
  const found = isThing(thing) ? thing[name] : undefined;
  return typeof found === 'string' ? found : '';
}

export function textOrNull(thing: Thing, name: string): string | null {
  const found = thing[name];
  return typeof found === 'string' ? found : null;
}

export function numberOf(thing: unknown, name: string): number {
  return Number(isThing(thing) ? thing[name] : Number.NaN);
}

export function thingsOf(value: unknown): readonly Thing[] {
  return Array.isArray(value) ? value.filter(isThing) : [];
}
