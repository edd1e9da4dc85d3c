/** A page made for one reader is shown to the next: whoever asks a thousand times asks GitHub once a minute. */
import type { Clock } from '../../registry/base/clock.ts';

const FRESH_MS = 60_000;

type Page = (repository: string) => Promise<string | null>;

/** What could not be made is asked for again. */
export function remembered(page: Page, now: Clock): Page {
  const kept = new Map<string, { readonly atMs: number; readonly text: Promise<string | null> }>();
  return (repository) => {
    const atMs = Date.parse(now());
    const known = kept.get(repository);
    if (known !== undefined && Math.abs(atMs - known.atMs) < FRESH_MS) return known.text;
    const text = page(repository);
    kept.set(repository, { atMs, text });
    text.catch(() => kept.delete(repository));
    return text;
  };
}
