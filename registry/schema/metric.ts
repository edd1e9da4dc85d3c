/** A measured value with what is needed to believe it: its unit, direction, sample count and interval. */
import * as z from 'zod';
import { Decimal } from '../base/decimal.ts';

export const Metric = z.strictObject({
  /** Snake case, the field's standard term: `accuracy`, `macro_f1`, `ece`, `latency_p99`. */
  name: z.string().regex(/^[a-z][a-z0-9_]*$/),
  value: Decimal,
  unit: z.enum(['ratio', 'bytes', 'ms', 'count', 'bits']),
  better: z.enum(['higher', 'lower']),
  /** Items the value was measured on. */
  n: z.int().min(0),
  /** 95% confidence interval; null where none was computed. */
  interval: z.strictObject({ low: Decimal, high: Decimal, method: z.string() }).nullable(),
});
export type Metric = z.infer<typeof Metric>;
