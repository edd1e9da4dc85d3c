/** One server of webhooks in a process of its own, so that its processor time can be told from that of its senders. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Probot, createNodeMiddleware } from 'probot';
import { EVENTS } from '../../bot/events/index.ts';
import { openDeliveryLog } from '../../bot/ingress/delivery-log.ts';
import { openIngress } from '../../bot/ingress/ingress.ts';
import { verifierFor } from '../../bot/ingress/signature.ts';

const [kind = '', folder = '', secret = '', privateKey = ''] = process.argv.slice(2);

async function plainProbot(): Promise<RequestListener> {
  const probot = new Probot({ appId: 1, privateKey, secret, logLevel: 'fatal' });
  const middleware = await createNodeMiddleware(
    (app) => {
      app.on('issue_comment.created', async () => undefined);
    },
    { probot, webhooksPath: '/' },
  );
  return (request, response) => void middleware(request, response);
}

/** With the events of the app, whose handlers are left out: what is measured is the way to them. */
async function ours(): Promise<RequestListener> {
  const ingress = openIngress({
    verify: verifierFor(secret),
    log: await openDeliveryLog(folder),
    now: () => new Date().toISOString(),
    route: (name, payload) => EVENTS.find((event) => event.name === name)?.read(payload) ?? null,
    handle: async () => undefined,
    failed: (error) => console.error(String(error)),
  });
  return (request, response) => void ingress.answer(request, response);
}

const server = createServer(kind === 'probot' ? await plainProbot() : await ours());
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuS: (user + system) / 1e6 });
});
