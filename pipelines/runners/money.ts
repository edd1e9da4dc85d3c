/** Money in whole millionths of a dollar, so that sums of small prices are exact. */
import * as z from 'zod';

/** At most 2⁵³ − 1, nine billion dollars. */
export const MicroDollars = z.int().min(0).brand<'MicroDollars'>();
export type MicroDollars = z.infer<typeof MicroDollars>;

const MICROS = 1_000_000;

/** A price in dollars as a whole number of millionths, rounded up. */
export function microDollarsOf(dollars: number): MicroDollars {
  // Products such as 0.07 · 10⁶ end in a rest that is no price.
  return MicroDollars.parse(Math.ceil(Number((dollars * MICROS).toFixed(3))));
}

/** Such as `$1.75` and `$0.00145`: cents always, millionths where there are any. */
export function dollarsText(micros: MicroDollars): string {
  const [whole = '0', rest = ''] = (micros / MICROS).toFixed(6).split('.');
  return `$${whole}.${rest.slice(0, 2)}${rest.slice(2).replace(/0+$/, '')}`;
}
