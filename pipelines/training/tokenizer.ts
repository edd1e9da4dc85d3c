/** The port of tokenizers: text to whole numbers and back; the one of bytes needs nothing that was learned. */

export interface Tokenizer {
  /** How many tokens there are: each is below it. */
  readonly size: number;
  readonly encode: (text: string) => Int32Array;
  /** Bytes that are no UTF-8 become U+FFFD. @throws RangeError at a number that is no token: a programmer's error */
  readonly decode: (tokens: Iterable<number>) => string;
}

const UTF8 = new TextEncoder();
const LENIENT_UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** One token a byte of UTF-8, its own number. */
export const byteTokenizer: Tokenizer = {
  size: 256,
  encode: (text) => Int32Array.from(UTF8.encode(text)),
  decode: (tokens) => textOf(Array.from(tokens, (token) => Uint8Array.of(byteOf(token)))),
};

function byteOf(token: number): number {
  if (Number.isInteger(token) && token >= 0 && token < 256) return token;
  throw new RangeError(`a token below 256, not ${token}`);
}

/** The text of some bytes, one part after the other. */
export function textOf(parts: readonly Uint8Array[]): string {
  return LENIENT_UTF8.decode(Buffer.concat(parts));
}
