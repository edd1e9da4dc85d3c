/** The delivery log as a file: what a crash leaves, what is forgotten, and that only one process writes. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { deliveryLogDamaged, deliveryLogInUse } from '../../bot/faults.ts';
import { openDeliveryLog, type Delivery } from '../../bot/ingress/delivery-log.ts';
import '../matchers.ts';
import { temporaryFolder } from '../temporary.ts';

function delivery(id: string, at = '2026-11-20T10:00:00.000Z'): Delivery {
  return { id, name: 'issue_comment', lane: 'octo/models', at, payload: { comment: 1 } };
}

describe('the delivery log', () => {
  it('remembers what was taken, done and stepped after it was opened anew', async () => {
    const folder = temporaryFolder();
    const first = await openDeliveryLog(folder);
    await Promise.all([first.take(delivery('a')), first.take(delivery('b'))]);
    await first.note({ key: 'b/dispatch', at: '2026-11-20T10:00:00.000Z', value: { runId: 7 } });
    first.done('a', '2026-11-20T10:00:01.000Z');
    await first.close();
    const second = await openDeliveryLog(folder);
    expect(second.undone).toEqual([delivery('b')]);
    expect(second.known).toEqual(['a', 'b']);
    expect(second.recall('b/dispatch')).toEqual({ runId: 7 });
    expect(second.lastAt).toBe('2026-11-20T10:00:01.000Z');
    await second.close();
  });

  it('drops half a record that a crash left at the end', async () => {
    const folder = temporaryFolder();
    const first = await openDeliveryLog(folder);
    await first.take(delivery('a'));
    await first.close();
    appendFileSync(path.join(folder, 'deliveries.jsonl'), '{"is":"taken","deliv');
    const second = await openDeliveryLog(folder);
    expect(second.undone).toEqual([delivery('a')]);
    await second.close();
  });

  it('tells of damage by its line', async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'deliveries.jsonl'), 'rubbish\n');
    await expect(openDeliveryLog(folder)).rejects.toThrowFault(deliveryLogDamaged);
  });

  it('forgets after three days what was done, and never what was not', async () => {
    const folder = temporaryFolder();
    const first = await openDeliveryLog(folder);
    await first.take(delivery('old', '2026-11-01T10:00:00.000Z'));
    await first.take(delivery('gone', '2026-11-01T10:00:00.000Z'));
    first.done('gone', '2026-11-01T10:00:00.000Z');
    await first.take(delivery('new'));
    await first.close();
    const second = await openDeliveryLog(folder);
    expect(second.known).toEqual(['old', 'new']);
    await second.close();
    expect(readFileSync(path.join(folder, 'deliveries.jsonl'), 'utf8')).not.toContain('gone');
  });

  it('is written anew while it is in use, when it has grown', async () => {
    const folder = temporaryFolder();
    const log = await openDeliveryLog(folder, 4000);
    for (let n = 0; n < 100; n++) {
      await log.take(delivery(`d-${n}`));
      if (n !== 50) log.done(`d-${n}`, `2026-11-${n < 80 ? '01' : '20'}T10:00:00.000Z`);
      await log.note({ key: 'last', at: '2026-11-20T10:00:00.000Z', value: n });
    }
    await log.close();
    const text = readFileSync(path.join(folder, 'deliveries.jsonl'), 'utf8');
    expect(text.split('\n').length).toBeLessThan(200);
    const again = await openDeliveryLog(folder);
    expect(again.undone.map(({ id }) => id)).toEqual(['d-50']);
    expect(again.recall('last')).toBe(99);
    await again.close();
  });

  it('is written by one process, and taken over from one that is no more', async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'deliveries.lock'), '1');
    await expect(openDeliveryLog(folder)).rejects.toThrowFault(deliveryLogInUse);
    writeFileSync(path.join(folder, 'deliveries.lock'), '999999999');
    await (await openDeliveryLog(folder)).close();
  });
});
