/** Who owns a path by CODEOWNERS: GitHub's patterns, of which the last that fits wins. */

/** A login in small letters, or a team as `owner/slug`. */
export interface Owners {
  readonly logins: readonly string[];
  readonly teams: readonly string[];
}

/** GitHub ignores larger files. */
const BYTES_MOST = 3_000_000;

export function ownersOf(text: string, file: string): Owners {
  const none = { logins: [], teams: [] };
  if (text.length > BYTES_MOST) return none;
  const rules = text.split(/\r?\n/).map((line) =>
    line
      .replace(/(^|\s)#.*$/, '')
      .trim()
      .split(/\s+/),
  );
  const rule = rules.findLast(([pattern = '']) => pattern !== '' && fits(pattern, file));
  if (rule === undefined) return none;
  const names = rule.slice(1).map((name) => name.toLowerCase());
  return {
    logins: names.filter((name) => /^@[a-z0-9-]+$/.test(name)).map((name) => name.slice(1)),
    teams: names.filter((name) => /^@[a-z0-9-]+\/[a-z0-9._-]+$/.test(name)).map((name) => name.slice(1)),
  };
}

/** As in .gitignore, without its negation, ranges and escapes, which GitHub does not take here. */
export function fits(pattern: string, file: string): boolean {
  if (/[![\]\\]/.test(pattern)) return false;
  const isAnchored = pattern.replace(/\/$/, '').includes('/');
  const parts = pattern.replace(/^\//, '').split('/');
  const isFolder = parts.at(-1) === '';
  const wanted = isFolder ? parts.slice(0, -1) : parts;
  const found = file.split('/');
  const starts = isAnchored ? [0] : found.keys();
  // `docs/*` is what lies in the folder itself; any other pattern takes what lies below it along.
  const isExact = isAnchored && wanted.at(-1) === '*';
  return [...starts].some((start) => reaches(wanted, found.slice(start), { isExact, isFolder }));
}

interface Extent {
  readonly isExact: boolean;
  readonly isFolder: boolean;
}

function reaches(
  wanted: readonly string[],
  found: readonly string[],
  { isExact, isFolder }: Extent,
): boolean {
  const at = placesAfter(wanted, {
    wild: '**',
    count: found.length,
    fits: (part, place) => namesFit(part, found[place] ?? ''),
  });
  if (at.includes(found.length) && !isFolder) return true;
  return !isExact && at.some((place) => place > 0 && place < found.length);
}

function namesFit(pattern: string, name: string): boolean {
  const fits = (character: string, place: number): boolean => character === '?' || name[place] === character;
  return placesAfter([...pattern], { wild: '*', count: name.length, fits }).includes(name.length);
}

interface Course {
  /** Stands for any number of places. */
  readonly wild: string;
  readonly count: number;
  fits(part: string, place: number): boolean;
}

/** All places that a pattern can have come to, side by side: no pattern takes longer than its length. */
function placesAfter(wanted: readonly string[], { wild, count, fits }: Course): readonly number[] {
  let at: readonly number[] = [0];
  for (const part of wanted) {
    const [first = count + 1] = at;
    at =
      part === wild
        ? Array.from({ length: Math.max(0, count - first + 1) }, (_, offset) => first + offset)
        : at.filter((place) => place < count && fits(part, place)).map((place) => place + 1);
  }
  return at;
}
