/** Which addresses bytes may travel to: https, or this machine; never a cloud's metadata service. */
import { lookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { storeAddressRefused } from '../faults.ts';

/** Link-local addresses hand a machine's own credentials to whoever asks from there; IPv4 in IPv6 is seen through. */
const METADATA = new BlockList();
METADATA.addSubnet('169.254.0.0', 16, 'ipv4');
METADATA.addAddress('100.100.100.200', 'ipv4');
METADATA.addAddress('192.0.0.192', 'ipv4');
METADATA.addSubnet('0.0.0.0', 8, 'ipv4');
METADATA.addSubnet('fe80::', 10, 'ipv6');
METADATA.addSubnet('fd00:ec2::', 32, 'ipv6');
METADATA.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6');

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** @throws storeAddressRefused */
export function checkAddress(url: URL): void {
  const host = hostOf(url);
  const found = `${url.protocol}//${url.host}`;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw storeAddressRefused({ wanted: 'an https: address', found });
  }
  if (url.username !== '' || url.password !== '') {
    throw storeAddressRefused({ wanted: 'an address without a password', found: `one for ${url.host}` });
  }
  if (isIn(METADATA, host) || /(^|\.)metadata(\.google\.internal)?\.?$/.test(host)) {
    throw storeAddressRefused({ wanted: 'no metadata service', found });
  }
  if (url.protocol === 'http:' && !isLoopback(url)) {
    throw storeAddressRefused({ wanted: 'an https: address', found });
  }
}

/** A server out there must not send anybody to what listens on this machine. @throws storeAddressRefused */
export function checkRedirect(from: URL, to: URL): void {
  checkAddress(to);
  if (isLoopback(from) || !isLoopback(to)) return;
  throw storeAddressRefused({ wanted: `no redirect of ${from.host} to this machine`, found: to.host });
}

export function isLoopback(url: URL): boolean {
  const host = hostOf(url);
  return isLocalName(host) || isIn(LOOPBACK, host);
}

/** Names are checked once more by what they stand for, where the connection is made. */
export const checkedLookup: LookupFunction = (hostname, options, done) => {
  // Not every resolver knows the names below `localhost`.
  const name = isLocalName(hostname) ? 'localhost' : hostname;
  lookup(name, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return done(error, '', 0);
    const forbidden = addresses.find(({ address }) => !mayReach(hostname, address));
    if (forbidden !== undefined) {
      const fault = storeAddressRefused({
        wanted: 'no metadata service',
        found: `${hostname} (${forbidden.address})`,
      });
      return done(fault, '', 0);
    }
    return options.all === true ? done(null, [...addresses]) : one(addresses, done);
  });
};

function one(addresses: readonly LookupAddress[], done: Parameters<LookupFunction>[2]): void {
  const [first] = addresses;
  done(null, first?.address ?? '', first?.family ?? 0);
}

function mayReach(hostname: string, address: string): boolean {
  if (isIn(METADATA, address)) return false;
  return !isLocalName(hostname) || isIn(LOOPBACK, address);
}

/** RFC 6761, section 6.3: `localhost` and every name below it are this machine. */
function isLocalName(host: string): boolean {
  return /(^|\.)localhost$/.test(host);
}

function isIn(list: BlockList, host: string): boolean {
  const family = isIP(host);
  return family !== 0 && list.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

/** Without the brackets of IPv6; the URL parser has already made plain numbers of every other spelling. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').toLowerCase();
}
