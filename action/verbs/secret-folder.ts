/** What Fettle keeps inside git's own folder, where no commit can reach it: keys, pins and parcels not yet sent. */
import { chmod, mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeDurably } from '../../pipelines/artifacts/durable.ts';
import { parsePin, pinText, type Pin } from '../../registry/audit/pin.ts';
import { digestOf, shortOf } from '../../registry/base/digest.ts';
import type { Signers } from '../../registry/decide/sign.ts';
import { gitLog } from '../../registry/store/git-log.ts';
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
 * by the origin that its log has: where nothing was verified at a place, what was at another of that registry counts,
 * so that who adds a remote forgets nothing.
 *
 * @param remote  that the registry is set to be at; null where it is on this clone's own branch
 */
export async function pinFile(
  repository: Repository,
  log: Pick<EventLog, 'where' | 'read'>,
  remote: string | null,
): Promise<PinFile> {
  const folder = await secretFolder(repository);
  const file = path.join(folder, pinName(log.where));
  return {
    file,
    async read() {
      const text = await textIn(file);
      if (text !== null) return parsePin(text, file);
      return pinElsewhere({ folder, log, nearer: await nearerPlaces(repository, remote) });
    },
    write: (pin) => writeDurably(file, pinText(pin)),
  };
}

function pinName(where: string): string {
  return `pin-${shortOf(digestOf(where))}.json`;
}

/** What `registry.remote: auto` means where there is one. */
const USUAL_REMOTE = 'origin';

/** Places that are chosen here, the nearest first: their word counts before that of any other remote. */
async function nearerPlaces(repository: Repository, remote: string | null): Promise<readonly string[]> {
  const author = await repository.user();
  return [remote, null, USUAL_REMOTE].map(
    (one) => gitLog({ folder: repository.top, remote: one, author }).where,
  );
}

interface Elsewhere {
  readonly folder: string;
  readonly log: Pick<EventLog, 'read'>;
  readonly nearer: readonly string[];
}

/**
 * Of the registry that lies there, whatever it is called here: the pin of the nearest place, and only where none of
 * those has one the pin that remembers most. Who can lengthen what lies at some other remote would otherwise decide
 * what all remotes must show.
 */
async function pinElsewhere({ folder, log, nearer }: Elsewhere): Promise<Pin | null> {
  const names = (await filesIn(folder)).filter((name) => /^pin-.*\.json$/.test(name));
  if (names.length === 0) return null;
  const origin = (await log.read([]))?.head.origin;
  const pins = await Promise.all(
    names.map(async (name) => {
      return { name, pin: parsePin((await textIn(path.join(folder, name))) ?? '', name) };
    }),
  );
  const same = pins.filter(({ pin }) => pin.origin === origin && pin.intended !== true);
  const near = nearer.map((where) => same.find(({ name }) => name === pinName(where)));
  const found = near.find((one) => one !== undefined) ?? same.toSorted((a, b) => b.pin.size - a.pin.size)[0];
  return found?.pin ?? null;
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
