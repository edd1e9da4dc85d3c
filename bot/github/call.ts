/** Calls to GitHub with the patience of the registry's own, told in the words of the app. */
import { FettleError } from '../../registry/base/fault.ts';
import { remoteBusy, remoteRefused, remoteUnreachable } from '../../registry/faults.ts';
import { callsTo as registryCallsTo, type Ask, type Calls } from '../../registry/store/github-call.ts';
import type { Verdict } from '../../registry/store/github-answer.ts';
import { githubAway, githubRefused } from '../faults.ts';
import type { Place } from './place.ts';

export { graph, rest, type Ask, type Calls } from '../../registry/store/github-call.ts';

/** @throws githubRefused, githubAway */
export function callsTo(place: Place): Calls {
  const calls = registryCallsTo(place);
  const { remote } = calls;
  const faultFor = ({ kind, said }: Verdict): Error =>
    kind === 'refused' || kind === 'absent' ? githubRefused({ remote, said }) : githubAway({ remote, said });
  const inOurWords = async <T>(promise: Promise<T>): Promise<T> => {
    try {
      return await promise;
    } catch (error) {
      throw error instanceof FettleError ? told(error, remote) : error;
    }
  };
  return {
    ...calls,
    faultFor,
    attempt: <T>(ask: Ask<T>) => inOurWords(calls.attempt(ask)),
    find: <T>(ask: Ask<T>) => inOurWords(calls.find(ask)),
    get: <T>(ask: Ask<T>) => inOurWords(calls.get(ask)),
  };
}

function told(error: FettleError, remote: string): FettleError {
  const said = saidIn(error.detail);
  if (error.code === remoteRefused.code) return githubRefused({ remote, said }, error);
  const away = [remoteUnreachable.code, remoteBusy.code].includes(error.code);
  return away ? githubAway({ remote, said }, error) : error;
}

function saidIn(detail: unknown): string {
  return typeof detail === 'object' && detail !== null && 'said' in detail ? String(detail.said) : '';
}
