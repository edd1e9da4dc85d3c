/** The token that IBM's services ask for: bought with an API key, good for an hour, and renewed before it runs out. */
import * as z from 'zod';
import { ask, textOf } from '../artifacts/http.ts';
import { PATIENT, patiently, type Patience } from '../artifacts/patience.ts';
import { serviceRefused, serviceUnreachable } from './faults.ts';
import { bodyOf, isLater, orUnreachable } from './ibm-answers.ts';

export interface IamPlace {
  /** `https://iam.cloud.ibm.com`; http: only on this machine. */
  readonly iam: URL;
  readonly apiKey: string;
  readonly now: () => string;
  readonly patience?: Patience | undefined;
}

export interface Iam {
  /** One that is good for some minutes at least. @throws serviceRefused, serviceUnreachable */
  token(): Promise<string>;
  /** A service took this one no more: the next is a new one, unless it was renewed already. */
  spurn(token: string): void;
}

const Told = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });

/** Of its life a token is used up to this share: clocks differ, and what was asked with it takes a while. */
const SHARE_USED = 0.8;
const SERVICE = 'IBM Cloud IAM';

export function iamOf(place: IamPlace): Iam {
  let held: { readonly token: string; readonly until: number } | null = null;
  /** Asked for once, however many wait for it. */
  let asked: Promise<string> | null = null;
  const renewed = async (): Promise<string> => {
    const since = Date.parse(place.now());
    const { access_token: token, expires_in: seconds } = await bought(place);
    held = { token, until: since + seconds * 1000 * SHARE_USED };
    return token;
  };
  return {
    async token() {
      if (held !== null && Date.parse(place.now()) < held.until) return held.token;
      asked ??= renewed().finally(() => (asked = null));
      return asked;
    },
    spurn(token) {
      if (held?.token === token) held = null;
    },
  };
}

function bought({ iam, apiKey, patience = PATIENT }: IamPlace): Promise<z.infer<typeof Told>> {
  const wanted = 'give a token for the API key';
  const form = { grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey: apiKey };
  return patiently(patience, async () => {
    const answer = await ask({
      method: 'POST',
      url: new URL('/identity/token', iam),
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    }).catch((error: unknown) => orUnreachable(error, { service: SERVICE, wanted }));
    const { status } = answer;
    const text = await textOf(answer).catch((error: unknown) =>
      orUnreachable(error, { service: SERVICE, wanted }),
    );
    // What it says of a key that it does not know never holds the key itself.
    const said = `HTTP ${status} ${Refused.safeParse(bodyOf(text)).data?.errorMessage ?? ''}`.trim();
    if (isLater(status)) throw serviceUnreachable({ service: SERVICE, wanted, said, waitMs: null });
    const told = Told.safeParse(bodyOf(text));
    if (status === 200 && told.success) return told.data;
    throw serviceRefused({
      service: SERVICE,
      wanted,
      found: status === 200 ? 'an answer without one' : said,
    });
  });
}

const Refused = z.object({ errorMessage: z.string() });
