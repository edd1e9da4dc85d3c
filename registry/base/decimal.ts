/** Decimals as strings: every persisted fraction is one, because floats print differently in different languages. */
import * as z from 'zod';

/** At most 15 digits before and 12 after the point; no exponent, no sign on zero. */
export const Decimal = z
  .string()
  .regex(/^(?!-0(\.0+)?$)-?(0|[1-9]\d{0,14})(\.\d{1,12})?$/, 'a decimal such as 0.9312')
  .brand<'Decimal'>();
export type Decimal = z.infer<typeof Decimal>;

/** @param digits after the point, 0 to 12 */
export function decimal(value: number, digits = 6): Decimal {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e15) throw new TypeError(`no decimal for ${value}`);
  const text = value.toFixed(digits);
  return (/^-0(\.0+)?$/.test(text) ? text.slice(1) : text) as Decimal;
}
