/** Reads .github/fettle.yml and says by line and column what is wrong with it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { LineCounter, parseDocument, type Document } from 'yaml';
import type * as z from 'zod';
import { codeOf } from '../artifacts/durable.ts';
import { settingsMisshapen } from '../faults.ts';
import { Settings, SETTINGS_FILE } from './settings.ts';

/** The defaults where there is no such file. @throws settingsMisshapen */
export async function readSettings(top: string): Promise<Settings> {
  try {
    return settingsOf(await readFile(path.join(top, SETTINGS_FILE), 'utf8'));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return Settings.parse({});
    throw error;
  }
}

/** @throws settingsMisshapen */
export function settingsOf(text: string): Settings {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const [broken] = document.errors;
  if (broken !== undefined) {
    const { line, col } = lines.linePos(broken.pos[0]);
    throw settingsMisshapen({
      file: SETTINGS_FILE,
      line,
      column: col,
      wanted: 'YAML',
      found: broken.message,
    });
  }
  const parsed = Settings.safeParse(valueOf(document) ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue === undefined) throw parsed.error;
  throw faultOf(issue, document, lines);
}

/** A few aliases of aliases would stand for gigabytes; the library counts them and stops. */
function valueOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw settingsMisshapen({ file: SETTINGS_FILE, line: 1, column: 1, wanted: 'few aliases', found }, error);
  }
}

function faultOf(issue: z.core.$ZodIssue, document: Document, lines: LineCounter): Error {
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const place = unknown === undefined ? issue.path : [...issue.path, unknown];
  const { line, col } = lines.linePos(offsetOf(document, place));
  const at = place.map(String).join('.');
  const found = unknown === undefined ? foundAt(document, place) : `the unknown key \`${unknown}\``;
  const wanted = unknown === undefined ? `${messageOf(issue)} at \`${at}\`` : wantedKeys(at);
  return settingsMisshapen({ file: SETTINGS_FILE, line, column: col, wanted, found });
}

const KINDS: Readonly<Record<string, string>> = { int: 'a whole number', array: 'a list', object: 'a map' };

/** What would have been right, in the words that stand after "wanted"; of a key that is no name, what a name is. */
function messageOf(outer: z.core.$ZodIssue): string {
  const issue = outer.code === 'invalid_key' ? (outer.issues[0] ?? outer) : outer;
  if (issue.code === 'invalid_type') return KINDS[issue.expected] ?? `a ${issue.expected}`;
  if (issue.code === 'invalid_value') return `one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'too_small' && isNumber(issue.origin)) {
    return issue.inclusive === false ? `more than ${issue.minimum}` : `${issue.minimum} or more`;
  }
  if (issue.code === 'too_big' && isNumber(issue.origin)) {
    return issue.inclusive === false ? `less than ${issue.maximum}` : `${issue.maximum} or less`;
  }
  const expected = /^Invalid discriminator value. Expected (.*)$/.exec(issue.message)?.[1];
  if (expected !== undefined) {
    // A word that may be left out is `undefined` among them.
    const words = expected.replaceAll("'", '').split(' | ');
    return `one of ${words.filter((word) => word !== 'undefined').join(', ')}`;
  }
  return issue.message.replace(/^Invalid (input|string): /, '');
}

function isNumber(origin: string): boolean {
  return origin === 'number' || origin === 'int';
}

function wantedKeys(at: string): string {
  const parent = at.split('.').slice(0, -1).join('.');
  return parent === '' ? 'only known keys' : `only known keys under \`${parent}\``;
}

/** Where the deepest part of the path that the file has begins; a missing key is shown at its parent. */
function offsetOf(document: Document, place: readonly PropertyKey[]): number {
  for (let length = place.length; length > 0; length--) {
    const node: unknown = document.getIn(place.slice(0, length), true);
    if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) {
      continue;
    }
    const [start]: unknown[] = node.range;
    if (typeof start === 'number') return start;
  }
  return 0;
}

function foundAt(document: Document, place: readonly PropertyKey[]): string {
  const value: unknown = document.getIn(place);
  if (value === undefined) return 'nothing';
  if (typeof value === 'object') return 'a list or a map';
  return `\`${String(value).slice(0, 60)}\``;
}
