/** A runner for the stand-in of IBM Quantum, as the tests of this room want it. */
import { ibmCalls } from '../../pipelines/runners/ibm-client.ts';
import { ibmRunner, type IbmSite } from '../../pipelines/runners/ibm-quantum.ts';
import type { CircuitRunner } from '../../pipelines/runners/circuit-runner.ts';
import { folderClaims } from '../../pipelines/runners/claims.ts';
import { API_KEY, CRN, type IbmFake } from '../fakes/ibm-quantum.ts';
import { IMPATIENT } from './braket-bench.ts';

export interface Changes extends Partial<IbmSite> {
  readonly apiKey?: string;
  readonly crn?: string;
}

export function ibmSite(
  fake: Pick<IbmFake, 'url' | 'iam' | 'now'>,
  folder: string,
  { apiKey = API_KEY, crn = CRN, ...more }: Changes = {},
): IbmSite {
  const now = (): string => fake.now();
  return {
    device: 'ibm_fez',
    plan: 'pay-as-you-go',
    fractional: false,
    calls: ibmCalls({ crn, apiKey, endpoint: fake.url, iam: fake.iam, now, patience: IMPATIENT }),
    claims: folderClaims(folder),
    now,
    patience: IMPATIENT,
    ...more,
  };
}

export function ibmAt(...words: Parameters<typeof ibmSite>): CircuitRunner {
  return ibmRunner(ibmSite(...words));
}
