/** A runner for a machine of Amazon Braket, from settings and credentials to the calls and the bucket. */
import type { Credentials } from '../artifacts/credentials.ts';
import type { Patience } from '../artifacts/patience.ts';
import { objectText } from '../artifacts/s3-bucket.ts';
import { braketCalls } from './braket-client.ts';
import { deviceNamed } from './braket-device.ts';
import { expectOwnList, pricesAt, type Prices } from './braket-prices.ts';
import { braketRunner } from './braket.ts';
import type { CircuitRunner } from './circuit-runner.ts';
import type { Claims } from './claims.ts';
import { serviceNotTold } from './faults.ts';

export interface BraketAccount {
  /** `{region}` in it stands for the machine's. */
  readonly bucket: string | null;
  readonly prefix: string;
  /** Where simulators run. */
  readonly region: string;
  /** Null for Amazon's own. */
  readonly endpoint: string | null;
  readonly storage: string | null;
  readonly prices: string | null;
  readonly key: Credentials['s3'];
  readonly claims: Claims;
  readonly now: () => string;
  readonly patience?: Patience;
}

/**
 * @param name  an ARN, or the last part of one that is known
 * @throws      serviceNotTold, machineUnknown, storeAddressRefused, pricesForeign
 */
export async function openBraket(account: BraketAccount, name: string): Promise<CircuitRunner> {
  const { key, claims, prefix, now, patience } = account;
  const { arn: device, kind, region = null } = deviceNamed(name);
  const own = region ?? account.region;
  const service = 'Amazon Braket';
  if (key === null) {
    const wanted = 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment';
    throw serviceNotTold({ service, wanted });
  }
  if (account.bucket === null) throw serviceNotTold({ service, wanted: '`quantum.braket.bucket`' });
  const endpoint = account.endpoint === null ? null : new URL(account.endpoint);
  const storage = new URL(account.storage ?? `https://s3.${own}.amazonaws.com`);
  const style = account.storage === null ? 'host' : 'path';
  const list = account.prices === null ? null : new URL(account.prices);
  if (list !== null) expectOwnList(list);
  let prices: Promise<Prices> | null = null;
  return braketRunner({
    device,
    kind,
    region: own,
    calls: await braketCalls({ region: own, endpoint, key, patience }),
    prices: () => (prices ??= pricesAt(list, { now: now(), patience })),
    claims,
    bucket: account.bucket.replaceAll('{region}', own),
    prefix,
    textAt: ({ bucket, key: object }) =>
      objectText({ endpoint: storage, region: own, bucket, style, key, now }, { key: object, patience }),
    now,
  });
}
