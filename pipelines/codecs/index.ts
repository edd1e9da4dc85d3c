/** Every codec of weights, from the fewest bits to the most. */
import type { Codec } from './codec.ts';
import { int4, int8, ternary } from './grouped.ts';
import { seeded } from './seeded.ts';
import { trellis } from './trellis.ts';

export const CODECS: readonly Codec[] = [ternary, trellis, seeded, int4, int8];
