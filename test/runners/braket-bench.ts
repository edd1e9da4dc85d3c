/** A runner for Amazon Braket's stand-in, and jobs for it, as the tests of this room want them. */
import type { Patience } from '../../pipelines/artifacts/patience.ts';
import { objectText } from '../../pipelines/artifacts/s3-bucket.ts';
import { braketCalls } from '../../pipelines/runners/braket-client.ts';
import { TOLD_PRICES } from '../../pipelines/runners/braket-prices.ts';
import { braketRunner, type BraketSite } from '../../pipelines/runners/braket.ts';
import type { CircuitJob, CircuitRunner, CircuitTicket } from '../../pipelines/runners/circuit-runner.ts';
import { folderClaims } from '../../pipelines/runners/claims.ts';
import { microDollarsOf } from '../../pipelines/runners/money.ts';
import { quboOf } from '../../pipelines/solvers/qubo.ts';
import type { BraketFake } from '../fakes/braket.ts';
import { ARNS } from '../fakes/braket-shapes.ts';

export const IMPATIENT: Patience = { attempts: 4, waitMsMax: 1000, wait: async () => undefined };
export const BUCKET = 'amazon-braket-fettle';

/** Three variables of which every one has another probability of being 1. */
export const LOPSIDED = quboOf({ n: 3, linear: [1, -2, 3], couplings: [{ i: 0, j: 2, weight: 1.5 }] });
export const ANGLES = { gammas: [0.35], betas: [-0.3] };

export function jobOf(changes: Partial<CircuitJob> = {}): CircuitJob {
  return {
    programs: [{ problem: LOPSIDED, angles: ANGLES }],
    shots: 1000,
    run: 'solve-0123456789abcdef',
    attempt: 1,
    spendMost: microDollarsOf(5),
    ...changes,
  };
}

/** A limit of so many dollars for the machine, in force for a day. */
export function allow(fake: BraketFake, deviceArn: string, dollars: number): void {
  const now = Date.parse(fake.now()) / 1000;
  fake.limits.push({ deviceArn, from: now - 3600, to: now + 86_400, dollars });
}

export async function siteAt(
  fake: BraketFake,
  folder: string,
  changes: Partial<BraketSite> & { readonly secretAccessKey?: string } = {},
): Promise<BraketSite> {
  const { secretAccessKey = fake.key.secretAccessKey, ...more } = changes;
  const device = more.device ?? ARNS.garnet;
  const region = more.region ?? (device.split(':')[3] || 'us-east-1');
  const key = { accessKeyId: fake.key.accessKeyId, secretAccessKey, sessionToken: null };
  const now = (): string => fake.now();
  const signing = () => new Date().toISOString();
  return {
    device,
    kind: device.includes('/qpu/') ? 'qpu' : 'simulator',
    region,
    calls: await braketCalls({ region, endpoint: fake.url, key, patience: IMPATIENT }),
    prices: async () => TOLD_PRICES,
    claims: folderClaims(folder),
    bucket: BUCKET,
    prefix: 'fettle',
    textAt: ({ bucket, key: object }) =>
      objectText(
        { endpoint: fake.url, region, bucket, style: 'path', key, now: signing },
        { key: object, patience: IMPATIENT },
      ),
    now,
    ...more,
  };
}

export async function runnerAt(...words: Parameters<typeof siteAt>): Promise<CircuitRunner> {
  return braketRunner(await siteAt(...words));
}

export async function untilEnded(runner: CircuitRunner, ticket: CircuitTicket) {
  for (;;) {
    const standing = await runner.poll(ticket);
    if (standing.state !== 'waiting' && standing.state !== 'running') return standing;
  }
}
