/** A runner for a machine of IBM Quantum, from settings and an API key to the calls. */
import type { Patience } from '../artifacts/patience.ts';
import type { CircuitRunner } from './circuit-runner.ts';
import type { Claims } from './claims.ts';
import { serviceNotTold } from './faults.ts';
import { IBM_SERVICE, ibmCalls } from './ibm-client.ts';
import type { IbmPlan } from './ibm-prices.ts';
import { ibmRunner } from './ibm-quantum.ts';

export interface IbmAccount {
  /** The instance's CRN. */
  readonly instance: string | null;
  readonly plan: IbmPlan | null;
  readonly fractional: boolean;
  /** Null for IBM's own. */
  readonly endpoint: string | null;
  readonly iam: string | null;
  readonly apiKey: string | null;
  readonly claims: Claims;
  readonly now: () => string;
  readonly patience?: Patience;
}

/**
 * @param device  the backend; null where nobody names one, since another choice each time would buy each time
 * @throws        serviceNotTold, keyKept
 */
export function openIbm(account: IbmAccount, device: string | null): CircuitRunner {
  const { plan, fractional, claims, now, patience } = account;
  const told = <T>(value: T | null, wanted: string): T => {
    if (value !== null) return value;
    throw serviceNotTold({ service: IBM_SERVICE, wanted });
  };
  const apiKey = told(account.apiKey, 'QISKIT_IBM_TOKEN, an API key of IBM Cloud, in the environment');
  const crn = told(account.instance, '`quantum.ibm.instance`');
  const [endpoint, iam] = [account.endpoint, account.iam].map((url) => (url === null ? null : new URL(url)));
  return ibmRunner({
    device: told(device, 'a machine, by `--device` or `quantum.ibm.backend`,'),
    plan,
    fractional,
    calls: ibmCalls({ crn, apiKey, endpoint: endpoint ?? null, iam: iam ?? null, now, patience }),
    claims,
    now,
    patience,
  });
}
