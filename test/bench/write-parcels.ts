/** A writer process: leaves batches of events in the inbox of a remote, and prints when each was durable. */
import { randomBytes } from 'node:crypto';
import { canonical } from '../../registry/base/json.ts';
import { gitInbox } from '../../registry/store/git-inbox.ts';

const [folder = '', name = '', batches = '1', size = '1', origin = ''] = process.argv.slice(2);
const inbox = gitInbox({ folder, remote: 'origin' });
const DAY = '2026-11-21';

for (let batch = 0; batch < Number(batches); batch++) {
  const events = Array.from({ length: Number(size) }, (_, index) => ({
    v: 1,
    type: 'run.started',
    crit: [],
    subject: `model-${name}`,
    at: new Date().toISOString(),
    by: { kind: 'local', login: name },
    src: { door: 'cli' },
    idem: `${DAY}-${randomBytes(16).toString('hex')}`,
    body: {
      run: `run-${randomBytes(8).toString('hex')}`,
      recipe: 'bench',
      asked: { batch: String(batch), index: String(index) },
      inputs: [],
      steps: ['train'],
    },
  }));
  const text = `${canonical({ v: 1, origin, seen: { [`model-${name}`]: -1 }, events, bundle: null })}\n`;
  const begin = performance.now();
  await inbox.offer(DAY, text);
  process.stdout.write(`${(performance.now() - begin).toFixed(1)}\n`);
}
