/** Weights to begin with, drawn from a seed. */
import type { Random } from '../maths/random.ts';

/**
 * Independent normal numbers of mean 0, in pairs: r·cos φ and r·sin φ with r = √(−2·ln u) and φ = 2π·v.
 *
 * @param random     moved on by two floats a pair
 * @param size       how many
 * @param deviation  standard deviation
 * @returns          rounded to 32 bits
 * @throws           never
 * @cost             a logarithm, a sine and a cosine a pair
 * @source           G. Box, M. Muller, Annals of Mathematical Statistics 29 (1958)
 */
export function normal(random: Random, size: number, deviation: number): Float32Array {
  const numbers = new Float32Array(size);
  for (let at = 0; at < size; at += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - random.nextFloat()));
    const angle = 2 * Math.PI * random.nextFloat();
    numbers[at] = radius * Math.cos(angle);
    if (at + 1 < size) numbers[at + 1] = radius * Math.sin(angle);
  }
  return numbers;
}
