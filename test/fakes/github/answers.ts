/** What the GitHub stand-in answers, to whom, and what goes wrong with it on the way. */
import type { ServerResponse } from 'node:http';
import type { Bare } from './bare-repository.ts';

export interface Caller {
  readonly may: 'none' | 'read' | 'write';
  /** The author of commits made by mutation. */
  readonly who: string;
}

export interface Repository {
  readonly bare: Bare;
  readonly fullName: string;
  readonly id: string;
  /** Why the rules of the repository forbid to touch the ref; null where they do not. */
  rule(ref: string): string | null;
  /** Types of the rules on each branch. */
  readonly rules: Readonly<Record<string, readonly string[]>>;
  readonly treeEntriesMax: number;
  readonly withoutUpdateRefs: boolean;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What goes wrong with one request. The first three answer in place of the repository, which sees nothing. */
export type Fault =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'html'; readonly status: number }
  | { readonly kind: 'drop' }
  /** Does it and ends the connection without an answer. */
  | { readonly kind: 'lose' }
  /** Does it and sends half of the answer, as if it were whole. */
  | { readonly kind: 'truncate' }
  /** Does it and says that something went wrong. */
  | { readonly kind: 'mask'; readonly status: number }
  | { readonly kind: 'delay'; readonly ms: number };

/** As every answer of GitHub carries them; the reset is an hour away. */
export function limits(): Readonly<Record<string, string>> {
  const reset = String(Math.floor(Date.now() / 1000) + 3600);
  return { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '4999', 'x-ratelimit-reset': reset };
}

export function send(response: ServerResponse, { status, body, headers }: Answer, cut = false): void {
  if (body instanceof Buffer) return void response.writeHead(status, { ...limits(), ...headers }).end(body);
  const text = body === null ? '' : JSON.stringify(body);
  const shown = cut ? text.slice(0, Math.floor(text.length / 2)) : text;
  const type = { 'content-type': 'application/json; charset=utf-8' };
  response.writeHead(status, { ...(body === null ? {} : type), ...limits(), ...headers });
  response.end(shown);
}

export function page(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' });
  response.end('<!DOCTYPE html><html><head><title>Unicorn! &middot; GitHub</title></head></html>');
}
