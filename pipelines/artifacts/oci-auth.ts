/** How a container registry lets somebody in: basic, or a token fetched from where its challenge says. */
import * as z from 'zod';
import { storeAddressRefused, storeRefused } from '../faults.ts';
import { isLoopback } from './address.ts';
import { ask, emptied, faultOf, jsonOf, urlOf, type Answer, type Call } from './http.ts';

export interface Login {
  readonly user: string;
  readonly password: string;
}

export interface Entry {
  /** Null goes in as anybody. */
  readonly login: Login | null;
  readonly repository: string;
  /** ISO 8601, to read what a server says of waiting. */
  readonly now: () => string;
}

const Token = z.object({ token: z.string().optional(), access_token: z.string().optional() });

export interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Asks with what let us in last; where that is not enough, does what the registry demands and asks once more. */
export function doorkeeper(entry: Entry): (call: Call) => Promise<Answer> {
  let authorization: string | null = null;
  return async (call) => {
    const answer = await ask(withAuthorization(call, authorization));
    const demanded = answer.headers['www-authenticate'];
    if (answer.status !== 401 || demanded === undefined) return answer;
    await emptied(answer);
    authorization = await authorizationFor(challengeOf(demanded), call, entry);
    return ask(withAuthorization(call, authorization));
  };
}

function withAuthorization(call: Call, authorization: string | null): Call {
  return authorization === null ? call : { ...call, secretHeaders: { authorization } };
}

/** @source RFC 9110 section 11.6.1: one scheme and its parameters, each a token or a quoted string */
export function challengeOf(header: string): Challenge {
  const [, scheme = '', rest = ''] = /^\s*([\w-]+)\s*(.*)$/s.exec(header) ?? [];
  const pairs = [...rest.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)];
  const parameters = pairs.map(([, name = '', quoted, plain = '']) => [
    name.toLowerCase(),
    quoted === undefined ? plain : quoted.replaceAll(/\\(.)/g, '$1'),
  ]);
  return { scheme: scheme.toLowerCase(), parameters: Object.fromEntries(parameters) };
}

/** @throws storeRefused, storeAddressRefused, storeUnreachable */
async function authorizationFor(
  { scheme, parameters }: Challenge,
  call: Call,
  entry: Entry,
): Promise<string> {
  const { login, now } = entry;
  const basic = login === null ? null : basicOf(login);
  if (scheme === 'basic') {
    if (basic !== null) return basic;
    const found = 'that it lets nobody in without a password';
    throw storeRefused({ where: call.url.host, wanted: 'let us in', found });
  }
  const { realm, service } = parameters;
  if (scheme !== 'bearer' || realm === undefined) {
    throw storeRefused({ where: call.url.host, wanted: 'let us in', found: `a demand for \`${scheme}\`` });
  }
  const url = urlOf(realm, call.url);
  if (basic !== null) checkRealm(url, call.url);
  if (service !== undefined) url.searchParams.set('service', service);
  // Asked for once and for both, since a token for reading alone would be refused at the first upload.
  const actions = login === null ? 'pull' : 'pull,push';
  url.searchParams.set('scope', `repository:${entry.repository}:${actions}`);
  const secretHeaders = basic === null ? {} : { authorization: basic };
  const answer = await ask({ method: 'GET', url, secretHeaders });
  if (answer.status !== 200) throw await faultOf(answer, 'let us in', now());
  const given = Token.safeParse(await jsonOf(answer)).data;
  const token = given?.token ?? given?.access_token;
  if (token !== undefined) return `Bearer ${token}`;
  throw storeRefused({ where: url.host, wanted: 'give a token', found: 'an answer without one' });
}

/**
 * The registry says who gives tokens; the password goes there only if both belong together by their last two names, as
 * auth.docker.io and registry-1.docker.io do.
 */
function checkRealm(realm: URL, registry: URL): void {
  const family = ({ hostname }: URL): string => hostname.split('.').slice(-2).join('.');
  const together = isLoopback(realm) ? isLoopback(registry) : family(realm) === family(registry);
  if (together && (realm.protocol === 'https:' || isLoopback(realm))) return;
  throw storeAddressRefused({ wanted: `a giver of tokens near ${registry.host}`, found: realm.origin });
}

function basicOf({ user, password }: Login): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
