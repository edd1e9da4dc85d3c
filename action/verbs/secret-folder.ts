/** What Fettle keeps inside git's own folder, where no commit can reach it: keys, pins and parcels not yet sent. */
import { chmod, mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeDurably } from '../../pipelines/artifacts/durable.ts';
import { parsePin, pinText, type Pin } from '../../registry/audit/pin.ts';
import { digestOf, shortOf } from '../../registry/base/digest.ts';
import type { Signers } from '../../registry/decide/sign.ts';
import type { EventLog } from '../../registry/store/log.ts';
import type { Repository } from '../../registry/store/repository.ts';
import { signerOf } from '../../registry/trust/keys.ts';
import type { Secrets } from './verb.ts';

const FOLDER = 'fettle';
const PEM = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/g;

export async function secretFolder(repository: Repository): Promise<string> {
  return path.join(await repository.commonFolder(), FOLDER);
}

/** The keys given by the door, then those kept in the repository's own folder. @throws keyUnreadable */
export async function signersIn(repository: Repository, { keys }: Secrets): Promise<Signers> {
  const folder = path.join(await secretFolder(repository), 'keys');
  const files = (await filesIn(folder)).filter((name) => name.endsWith('.pem'));
  const texts = await Promise.all(files.map((name) => readFile(path.join(folder, name), 'utf8')));
  const given = keys === null || keys.trim() === '' ? [] : (keys.match(PEM) ?? [keys]);
  const signers = [...given, ...texts].map(signerOf);
  return [...new Map(signers.map((signer) => [signer.id, signer])).values()];
}

/** @returns the file, which only its owner may read */
export async function keepKey(repository: Repository, pem: string): Promise<string> {
  const folder = path.join(await secretFolder(repository), 'keys');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, `${signerOf(pem).id.slice(0, 16)}.pem`);
  await writeDurably(file, pem);
  await chmod(file, 0o600);
  return file;
}

export interface PinFile {
  readonly file: string;
  read(): Promise<Pin | null>;
  write(pin: Pin): Promise<void>;
}

/**
 * One pin for each place a registry is read from: another remote is another registry until it shows otherwise. It does
 * by the origin that its log has: where nothing was verified at a place, what was at others of that registry counts, so
 * that who adds a remote forgets nothing.
 */
export async function pinFile(
  repository: Repository,
  log: Pick<EventLog, 'where' | 'read'>,
): Promise<PinFile> {
  const folder = await secretFolder(repository);
  const file = path.join(folder, `pin-${shortOf(digestOf(log.where))}.json`);
  return {
    file,
    async read() {
      const text = await textIn(file);
      return text === null ? pinElsewhere(folder, log) : parsePin(text, file);
    },
    write: (pin) => writeDurably(file, pinText(pin)),
  };
}

/** Of the registry that lies there, whatever it is called here: the one that remembers most. */
async function pinElsewhere(folder: string, log: Pick<EventLog, 'read'>): Promise<Pin | null> {
  const names = (await filesIn(folder)).filter((name) => /^pin-.*\.json$/.test(name));
  if (names.length === 0) return null;
  const origin = (await log.read([]))?.head.origin;
  const pins = await Promise.all(
    names.map(async (name) => parsePin((await textIn(path.join(folder, name))) ?? '', name)),
  );
  const same = pins.filter((pin) => pin.origin === origin && pin.intended !== true);
  return same.toSorted((a, b) => b.size - a.size)[0] ?? null;
}

async function textIn(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
