/** The ingress over raw HTTP: what it refuses, what it drops, in which order it works and how it stops. */
import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { secretMissing } from '../../bot/faults.ts';
import type { Delivery } from '../../bot/ingress/delivery-log.ts';
import { verifierFor } from '../../bot/ingress/signature.ts';
import '../matchers.ts';
import { openService, send, signatureOf, type Opened } from './deliveries.ts';

const open: Opened[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((service) => service.drain(0)));
});

async function started(options: Parameters<typeof openService>[0] = {}): Promise<Opened> {
  const service = await openService(options);
  open.push(service);
  return service;
}

const COMMENT = JSON.stringify({ lane: 'octo/models', n: 1 });

/** A handler that waits until it is let go. */
function gate(): { readonly open: () => void; readonly passed: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { open: resolve, passed: promise };
}

describe('a webhook secret', () => {
  it.each([undefined, '', '  ', 'development'])('that is %o is refused at the start', (secret) => {
    expect(() => verifierFor(secret)).toThrowFault(secretMissing);
  });
});

describe('a delivery', () => {
  it('is acknowledged at once and handled once', async () => {
    const hold = gate();
    const handled: Delivery[] = [];
    const { url } = await started({
      handle: async (delivery) => {
        await hold.passed;
        handled.push(delivery);
      },
    });
    expect(await send({ url, body: COMMENT, id: 'guid-1' })).toEqual({ status: 202, text: 'taken' });
    expect(handled).toEqual([]);
    hold.open();
    expect(await send({ url, body: COMMENT, id: 'guid-1' })).toEqual({ status: 200, text: 'duplicate' });
    await expect.poll(() => handled.map(({ id }) => id)).toEqual(['guid-1']);
  });

  it('with a wrong, an old-fashioned or no signature is refused before it is parsed', async () => {
    const { url, handled } = await started();
    const forged = await send({ url, body: 'not JSON', secret: 'development' });
    expect(forged).toEqual({ status: 401, text: 'wrong signature' });
    for (const header of [
      '',
      'sha1=00',
      'sha256=00',
      `sha256=${'é'.repeat(64)}`,
      signatureOf(COMMENT).toUpperCase(),
    ]) {
      const headers = { 'x-hub-signature-256': Buffer.from(header).toString('latin1') };
      expect((await send({ url, body: COMMENT, headers })).status).toBe(401);
    }
    expect(handled).toEqual([]);
  });

  it('with a signature of another body is refused', async () => {
    const { url } = await started();
    const headers = { 'x-hub-signature-256': signatureOf('{}') };
    expect((await send({ url, body: COMMENT, headers })).status).toBe(401);
  });

  it('without the words of a delivery, or with odd ones, is refused', async () => {
    const { url } = await started();
    expect((await send({ url, body: COMMENT, id: '../../etc' })).status).toBe(400);
    expect((await send({ url, body: COMMENT, name: 'issue comment' })).status).toBe(400);
    expect((await send({ url, body: '{"lane":' })).text).toBe('wanted JSON');
  });

  it('that is said to be 200 MB is refused before it is read', async () => {
    const { url } = await started();
    const { hostname, port } = new URL(url);
    const socket = createConnection(Number(port), hostname);
    socket.write(
      'POST /api/github/webhooks HTTP/1.1\r\nhost: x\r\ncontent-length: 209715200\r\n' +
        'x-github-delivery: big\r\nx-github-event: push\r\n\r\n',
    );
    const answer = await new Promise<string>((resolve) =>
      socket.once('data', (data) => resolve(String(data))),
    );
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    await new Promise((resolve) => socket.once('close', resolve));
  });

  it('that grows over the cap without saying so is cut off, and takes no memory', async () => {
    const { url } = await started({ bytesMax: 1_000_000 });
    const { hostname, port } = new URL(url);
    const socket = createConnection(Number(port), hostname);
    socket.on('error', () => undefined);
    const answered = new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(
      'POST /api/github/webhooks HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n' +
        'x-github-delivery: big\r\nx-github-event: push\r\n\r\n',
    );
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    for (let sent = 0; sent < 40; sent++) socket.write(chunk);
    expect(await answered).toMatch(/^HTTP\/1.1 413 /);
    await closed;
  });

  it('that concerns nobody is acknowledged and not kept', async () => {
    const { url, handled } = await started({ route: () => null });
    expect(await send({ url, body: COMMENT })).toEqual({ status: 202, text: 'nothing to do' });
    expect(handled).toEqual([]);
  });

  it('is told to come again when too much waits', async () => {
    const hold = gate();
    const { url } = await started({ waitingMax: 2, handle: () => hold.passed });
    const statuses = [];
    for (let n = 0; n < 4; n++) statuses.push((await send({ url, body: COMMENT })).status);
    hold.open();
    expect(statuses).toEqual([202, 202, 503, 503]);
  });

  it('whose handler throws does not stop those after it', async () => {
    const handled: string[] = [];
    const { url, failures } = await started({
      handle: async ({ id }) => {
        if (id === 'bad') throw new Error('broken');
        handled.push(id);
      },
    });
    await send({ url, body: COMMENT, id: 'bad' });
    await send({ url, body: COMMENT, id: 'good' });
    await expect.poll(() => handled).toEqual(['good']);
    expect(failures).toHaveLength(1);
  });
});

describe('a lane', () => {
  it('does what arrives for one repository in turn, and others beside it', async () => {
    const done: string[] = [];
    const first = gate();
    const { url } = await started({
      handle: async ({ id }) => {
        if (id === 'a-1') await first.passed;
        done.push(id);
      },
    });
    for (const [lane, id] of [
      ['a', 'a-1'],
      ['a', 'a-2'],
      ['b', 'b-1'],
    ]) {
      await send({ url, body: JSON.stringify({ lane }), id: id ?? '' });
    }
    await expect.poll(() => done).toEqual(['b-1']);
    first.open();
    await expect.poll(() => done).toEqual(['b-1', 'a-1', 'a-2']);
  });

  it('goes on while somebody is asked, and comes back to who asked', async () => {
    const done: string[] = [];
    const yes = gate();
    const { url } = await started({
      handle: async ({ id }, turn) => {
        if (id === 'asks') await turn.aside(() => yes.passed);
        done.push(id);
      },
    });
    await send({ url, body: COMMENT, id: 'asks' });
    await send({ url, body: COMMENT, id: 'short' });
    await expect.poll(() => done).toEqual(['short']);
    yes.open();
    await expect.poll(() => done).toEqual(['short', 'asks']);
  });
});

describe('draining', () => {
  it('finishes what was taken, takes nothing more and says how much is left', async () => {
    const hold = gate();
    const done: string[] = [];
    const service = await started({
      handle: async ({ id }) => {
        await hold.passed;
        done.push(id);
      },
    });
    await send({ url: service.url, body: COMMENT, id: 'one' });
    const drained = service.drain(10_000);
    await sleep(10);
    expect((await send({ url: service.url, body: COMMENT })).status).toBe(503);
    hold.open();
    open.splice(0);
    expect(await drained).toBe(0);
    expect(done).toEqual(['one']);
  });

  it('leaves what takes too long in the delivery log, from which the next start takes it', async () => {
    const hold = gate();
    const first = await started({ handle: () => hold.passed });
    await send({ url: first.url, body: COMMENT, id: 'long' });
    open.splice(0);
    expect(await first.drain(1)).toBe(1);
    const second = await started({ folder: first.folder });
    await expect.poll(() => second.handled.map(({ id }) => id)).toEqual(['long']);
    hold.open();
    expect((await send({ url: second.url, body: COMMENT, id: 'long' })).text).toBe('duplicate');
  });
});
