/** A process that submits one job to the stand-in and ends: what `kill -9` is tried on. */
import { braketCalls } from '../../pipelines/runners/braket-client.ts';
import { TOLD_PRICES } from '../../pipelines/runners/braket-prices.ts';
import { braketRunner } from '../../pipelines/runners/braket.ts';
import { folderClaims } from '../../pipelines/runners/claims.ts';
import { ARNS } from '../fakes/braket-shapes.ts';
import { BUCKET, jobOf } from './braket-bench.ts';

const [endpoint = '', folder = ''] = process.argv.slice(2);
const key = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI', sessionToken: null };
const region = 'eu-north-1';
const runner = braketRunner({
  device: ARNS.garnet,
  kind: 'qpu',
  region,
  calls: await braketCalls({ region, endpoint: new URL(endpoint), key }),
  prices: async () => TOLD_PRICES,
  claims: folderClaims(folder),
  bucket: BUCKET,
  prefix: 'fettle',
  textAt: async () => null,
  now: () => new Date().toISOString(),
});
const { id } = await runner.submit(jobOf());
process.stdout.write(`${id}\n`);
