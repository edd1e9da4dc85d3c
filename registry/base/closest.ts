/** The name that a slip of the fingers could have meant. */
import { closest, distance } from 'fastest-levenshtein';

/** Null when none is near: a far-fetched guess is worse than none. */
export function closeTo(found: string, candidates: readonly string[]): string | null {
  if (candidates.length === 0) return null;
  const best = closest(found, candidates);
  // Two letters that changed places count as two, so half of the letters; what was begun but not ended counts too.
  if (distance(found, best) <= Math.floor(best.length / 2)) return best;
  return found.length < 2 ? null : (candidates.find((one) => one.startsWith(found)) ?? null);
}
