/** A line of the log: an event with its position and the hash of the line before it. */
import * as z from 'zod';
import { Digest, digestOf } from '../base/digest.ts';
import { canonical, oddityIn } from '../base/json.ts';
import { leafHash } from '../base/merkle.ts';
import { registryDamaged, registryFromFuture } from '../faults.ts';
import { Envelope, EVENT_TYPES, RegistryEvent } from './event.ts';

/** What stands before the first line. */
export const GENESIS = '0'.repeat(64);

const Line = z.strictObject({
  seq: z.int().min(0),
  /** Leaf hash of the line before, hex. */
  prev: z.string().regex(/^[0-9a-f]{64}$/),
  event: z.unknown(),
  /** Digest of the signed bundle that the event came in; null while it is not signed. */
  b: Digest.nullable(),
});

/** A line as this Fettle writes it. Its schema changes no value, so what passes is taken as it stands. */
const KnownLine = z.strictObject({ ...Line.shape, event: RegistryEvent });

/** To compile the schema takes as long as to read some hundreds of lines without; after that a line takes a third. */
const WORTH_COMPILING = 400;
let linesRead = 0;
let knownLine = KnownLine;

/** All that an event of any version has for sure. */
const Versioned = z.looseObject({ v: z.int() });

export interface Entry {
  readonly seq: number;
  readonly prev: string;
  readonly envelope: Envelope;
  /** Null where a newer Fettle wrote a type that this one does not know and may skip. */
  readonly event: RegistryEvent | null;
  /** Digest of the signed bundle that the event came in; null where its author signed nothing. */
  readonly bundle: Digest | null;
}

/** SHA-256 of the canonical event under a domain prefix: the same deed has the same id at any position. */
export function eventId(event: RegistryEvent | Envelope): Digest {
  return digestOf(`fettle/event/v1\0${canonical(event)}`);
}

export interface LineParts {
  readonly seq: number;
  readonly prev: string;
  readonly event: RegistryEvent;
  readonly bundle: Digest | null;
}

/** @returns the line without its line feed, and the leaf hash that the next line names as `prev` */
export function lineOf({ seq, prev, event, bundle }: LineParts): { line: string; leaf: string } {
  const line = canonical({ seq, prev, event, b: bundle });
  return { line, leaf: leafHash(line) };
}

/**
 * Reads one line. Types it does not know are kept and skipped unless `crit` says that state depends on them.
 *
 * @param where  path and line for the message
 * @throws registryFromFuture, registryDamaged
 */
export function parseLine(line: string, where: string): Entry {
  const value = valueOf(line, where);
  // Nearly every line is of a known type with nothing critical; those are looked at once.
  if (!maybeOdd(line) && isKnown(value) && value.event.crit.length === 0) {
    const { seq, prev, event, b: bundle } = value;
    return { seq, prev, envelope: event, event, bundle };
  }
  return parseRare(value, where);
}

function isKnown(value: unknown): value is z.infer<typeof KnownLine> {
  if (++linesRead === WORTH_COMPILING) knownLine = z.compile(KnownLine);
  return knownLine.validate(value);
}

/** Whether the text may hold the one member that schemas overlook, however its name is written. */
function maybeOdd(line: string): boolean {
  return line.includes('__proto__') || line.includes('\\u');
}

/** What is newer, damaged or odd, and why. */
function parseRare(value: unknown, where: string): Entry {
  const odd = oddityIn(value);
  if (odd !== null) {
    throw registryDamaged({ where, wanted: 'a line that every reader reads alike', found: odd });
  }
  const { seq, prev, event: raw, b: bundle } = parsed(Line, value, where);
  const known = RegistryEvent.safeParse(raw);
  if (known.success && known.data.crit.length === 0) {
    return { seq, prev, envelope: known.data, event: known.data, bundle };
  }
  const version = Versioned.safeParse(raw);
  if (version.success && version.data.v > 1) {
    throw registryFromFuture({
      what: `events of version`,
      known: '1',
      found: `${version.data.v} at ${where}`,
    });
  }
  const envelope = parsed(Envelope, raw, where);
  const unknown = envelope.crit[0];
  if (unknown !== undefined) {
    throw registryFromFuture({
      what: 'events without critical features',
      known: 'only',
      found: `\`${unknown}\` at ${where}`,
    });
  }
  const types: readonly string[] = EVENT_TYPES;
  if (types.includes(envelope.type)) parsed(RegistryEvent, raw, where);
  return { seq, prev, envelope, event: null, bundle };
}

function valueOf(line: string, where: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw registryDamaged(
      { where, wanted: 'a line of JSON', found: JSON.stringify(line.slice(0, 60)) },
      error,
    );
  }
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw registryDamaged(
    { where, wanted: 'an event of format 1', found: z.prettifyError(result.error) },
    result.error,
  );
}
