/** Machines that run circuits elsewhere: the part `quantum` of the settings. */
import * as z from 'zod';
import { IBM_PLANS } from '../runners/ibm-prices.ts';

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

const IbmSettings = z.strictObject({
  instance: z
    .string()
    .regex(
      /^crn:v1:[^:\s]*:[^:\s]*:quantum-computing:[a-z0-9-]+:a\/[^:\s]+:[^:\s]+::$/,
      'the CRN of an instance',
    )
    .nullable()
    .default(null)
    .describe('the CRN of the instance, which also names the region'),
  backend: z
    .string()
    .regex(/^\w+$/, 'the name of a backend')
    .nullable()
    .default(null)
    .describe('the machine where `--device` names none, such as `ibm_fez`'),
  plan: z
    .enum(IBM_PLANS)
    .nullable()
    .default(null)
    .describe('what is paid by; null: nobody knows what a second costs, and nothing is sent'),
  fractional: z
    .boolean()
    .default(false)
    .describe('whether rx and rzz of any angle are used, on machines that have them'),
  endpoint: z.url().nullable().default(null).describe('another service than IBM’s'),
  iam: z.url().nullable().default(null).describe('another place of tokens than IBM Cloud IAM'),
});
export type IbmSettings = z.infer<typeof IbmSettings>;

export const QuantumSettings = z.strictObject({
  queue: z.int().min(0).max(1_000_000).default(100).describe('jobs that may wait before ours'),
  braket: BraketSettings.prefault({}).describe('Amazon Braket; credentials stand in the environment'),
  ibm: IbmSettings.prefault({}).describe('IBM Quantum; the API key stands in the environment'),
});
export type QuantumSettings = z.infer<typeof QuantumSettings>;
