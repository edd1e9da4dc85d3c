/**
 * An ingress in a process of its own, to be killed: each command is one call to a ledger elsewhere. A call that a kill
 * cut off is looked for before it is made again, and what was never delivered is found by looking.
 */
import * as z from 'zod';
import { openDeliveryLog } from '../../bot/ingress/delivery-log.ts';
import { openIngress } from '../../bot/ingress/ingress.ts';
import { verifierFor } from '../../bot/ingress/signature.ts';
import { serve } from '../../bot/web/serve.ts';
import { SECRET } from './secret.ts';

const [folder = '', ledger = ''] = process.argv.slice(2);
const now = (): string => new Date().toISOString();
const Command = z.object({ lane: z.string(), comment: z.int() });

const log = await openDeliveryLog(folder);

async function act(comment: number): Promise<void> {
  const key = `comment-${comment}`;
  if (log.recall(key) !== undefined) return;
  const tried = log.recall(`${key}/intent`) !== undefined;
  const known = tried && (await (await fetch(`${ledger}/acted/${comment}`)).text()) === 'yes';
  if (!tried) await log.note({ key: `${key}/intent`, at: now(), value: true });
  if (!known) await fetch(`${ledger}/act/${comment}`, { method: 'POST' });
  await log.note({ key, at: now(), value: true });
}

const ingress = openIngress({
  verify: verifierFor(SECRET),
  log,
  now,
  route: (_name, payload) => {
    const { lane, comment } = Command.parse(payload);
    return { lane, payload: { lane, comment } };
  },
  handle: async ({ payload }) => act(Command.parse(payload).comment),
  failed: (error) => console.error(String(error)),
});
const { url } = await serve({
  ingress,
  host: '127.0.0.1',
  port: 0,
  page: async () => null,
  ready: () => true,
  samples: () => [],
  failed: (error) => console.error(String(error)),
});

/** What people wrote, of which some was never delivered. */
const written = z.array(Command).parse(await (await fetch(`${ledger}/written`)).json());
for (const command of written) {
  const id = `comment-${command.comment}`;
  await ingress.take({ id, name: 'issue_comment', lane: command.lane, payload: command });
}
console.log(url);
process.once('SIGTERM', () => {
  void ingress.drain(60_000).then(async (left) => {
    await log.close();
    process.exit(left === 0 ? 0 : 1);
  });
});
