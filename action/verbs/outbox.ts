/** Where events go when the log cannot be written: the inbox, and when that cannot be reached either, a file here. */
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeDurably } from '../../pipelines/artifacts/durable.ts';
import { FettleError } from '../../registry/base/fault.ts';
import { canonical } from '../../registry/base/json.ts';
import type { Outbox } from '../../registry/decide/execute.ts';
import type { FoldRules } from '../../registry/decide/vouched.ts';
import { remoteRefused, remoteUnreachable } from '../../registry/faults.ts';
import type { Inbox } from '../../registry/store/inbox.ts';
import { parcelRef } from '../../registry/store/inbox.ts';
import type { Repository } from '../../registry/store/repository.ts';
import { secretFolder } from './secret-folder.ts';

export interface OutboxOptions {
  readonly repository: Repository;
  readonly inbox: Inbox;
  /** Whether somebody folds the inbox all the time, so that a lost race is better left to them. */
  readonly eager: boolean;
  readonly today: string;
  /** Null where there are no settings. */
  readonly rules: () => Promise<FoldRules | null>;
  /** Told where a parcel lies. */
  readonly sent: (place: string) => void;
}

export function outboxTo({ repository, inbox, eager, today, rules, sent }: OutboxOptions): Outbox {
  return {
    eager,
    rules,
    async send(parcel) {
      const text = `${canonical(parcel)}\n`;
      try {
        sent(await inbox.offer(today, text));
      } catch (error) {
        if (!isOutOfReach(error)) throw error;
        sent(await keep(repository, { today, text }));
      }
    },
  };
}

function isOutOfReach(error: unknown): boolean {
  return error instanceof FettleError && [remoteRefused.code, remoteUnreachable.code].includes(error.code);
}

interface Kept {
  readonly today: string;
  readonly text: string;
}

async function keep(repository: Repository, { today, text }: Kept): Promise<string> {
  const name = parcelRef(today, text).split('/').slice(-2).join('.');
  const file = path.join(await spoolFolder(repository), `${name}.json`);
  await writeDurably(file, text);
  return file;
}

async function spoolFolder(repository: Repository): Promise<string> {
  return path.join(await secretFolder(repository), 'spool');
}

/** Parcels that reached nobody yet, oldest day first. */
export async function spooledIn(repository: Repository): Promise<readonly string[]> {
  const folder = await spoolFolder(repository);
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => /^\d{4}-\d{2}-\d{2}\.[0-9a-f]{64}\.json$/.test(name))
    .sort()
    .map((name) => path.join(folder, name));
}

/** Offers each again; a file goes only after its parcel is safe elsewhere. @throws remoteUnreachable, remoteRefused */
export async function drainSpool(repository: Repository, inbox: Inbox): Promise<readonly string[]> {
  const refs: string[] = [];
  for (const file of await spooledIn(repository)) {
    const day = path.basename(file).slice(0, '2026-11-20'.length);
    refs.push(await inbox.offer(day, await readFile(file, 'utf8')));
    await rm(file);
  }
  return refs;
}
