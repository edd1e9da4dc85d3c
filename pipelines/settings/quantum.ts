/** Machines that run circuits elsewhere: the part `quantum` of the settings. */
import * as z from 'zod';

const BraketSettings = z.strictObject({
  bucket: z
    .string()
    .regex(/^(?=.{3,63}$)[a-z0-9]([a-z0-9.-]|\{region\})*$/, 'the name of a bucket')
    .nullable()
    .default(null)
    .describe('where tasks leave their results; `{region}` stands for the region of the machine'),
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/, 'a prefix without slashes around it')
    .default('fettle')
    .describe('below which they lie in it'),
  region: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'a region')
    .default('us-east-1')
    .describe('where simulators of the service run; a QPU has a region of its own'),
  endpoint: z.url().nullable().default(null).describe('another service than Amazon’s'),
  storage: z.url().nullable().default(null).describe('another place of the bucket than Amazon’s S3'),
  prices: z
    .url()
    .nullable()
    .default(null)
    .describe('the price list of the service as CSV; null: the dated prices that Fettle knows'),
});
export type BraketSettings = z.infer<typeof BraketSettings>;

export const QuantumSettings = z.strictObject({
  queue: z.int().min(0).max(1_000_000).default(100).describe('jobs that may wait before ours'),
  braket: BraketSettings.prefault({}).describe('Amazon Braket; credentials stand in the environment'),
});
export type QuantumSettings = z.infer<typeof QuantumSettings>;
