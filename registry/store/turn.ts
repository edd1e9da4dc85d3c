/** Writers on one machine go one after another, first come first served, so that none of them loses every race. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long the first in the row may stay so before the others take it for gone. */
const PATIENCE_MS = 5000;
const LOOK_EVERY_MS = 10;

/**
 * Does the act when it is our turn. The row is a courtesy and no lock: a ticket that was left behind is thrown away,
 * and where no tickets can be written the act is done at once, for what keeps the log right is compare and swap.
 *
 * @param folder  where the tickets lie, shared by all writers of this machine
 */
export async function inTurn<T>(folder: string, act: () => Promise<T>): Promise<T> {
  const ticket = await drawn(folder);
  try {
    if (ticket !== null) await reached(folder, ticket);
    return await act();
  } finally {
    if (ticket !== null) await thrownAway(folder, ticket);
  }
}

/** Null where no ticket can be written. */
async function drawn(folder: string): Promise<string | null> {
  try {
    await mkdir(folder, { recursive: true });
    const last = Number((await rowIn(folder)).at(-1)?.split('-')[0] ?? 0);
    const number = String(last + 1).padStart(12, '0');
    const ticket = `${number}-${process.pid}-${randomBytes(4).toString('hex')}`;
    await (await open(path.join(folder, ticket), 'wx')).close();
    return ticket;
  } catch {
    return null;
  }
}

async function reached(folder: string, ticket: string): Promise<void> {
  let [first, waitedMs] = ['', 0];
  for (;;) {
    const row = await rowIn(folder);
    const now = row[0] ?? ticket;
    // Ours is gone when others lost their patience with it: they no longer wait for us, nor we for them.
    if (now === ticket || !row.includes(ticket)) return;
    if (now !== first) [first, waitedMs] = [now, 0];
    if (isGone(now) || waitedMs > PATIENCE_MS) await thrownAway(folder, now);
    const pauseMs = LOOK_EVERY_MS * (0.5 + Math.random());
    await sleep(pauseMs);
    waitedMs += pauseMs;
  }
}

async function rowIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => /^\d{12}-\d+-[0-9a-f]{8}$/.test(name)).sort();
}

/** Whether the process that drew it is no more, as far as this machine can tell. */
function isGone(ticket: string): boolean {
  try {
    process.kill(Number(ticket.split('-')[1]), 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

async function thrownAway(folder: string, ticket: string): Promise<void> {
  await rm(path.join(folder, ticket), { force: true }).catch(() => undefined);
}
