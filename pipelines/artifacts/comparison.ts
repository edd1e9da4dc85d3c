/** Comparison: every solver on the same problems beside the truth about them, in the registry’s own words. */
import * as z from 'zod';
import { Optimisation } from '../../registry/schema/optimisation.ts';
import { artifactMisshapen } from '../faults.ts';

const FORMAT = 'fettle-comparison/1';

const Comparison = z.strictObject({ format: z.literal(FORMAT), found: Optimisation });

export function encodeComparison(found: Optimisation): Uint8Array {
  return Buffer.from(`${JSON.stringify({ format: FORMAT, found })}\n`);
}

/** @throws artifactMisshapen */
export function decodeComparison(bytes: Uint8Array): Optimisation {
  const text = Buffer.from(bytes).toString('utf8');
  try {
    return Comparison.parse(JSON.parse(text)).found;
  } catch (error) {
    throw artifactMisshapen({ wanted: FORMAT, found: text.slice(0, 80) }, error);
  }
}
