/** Writers of one process: each leaves batches in the inbox of its remote, and prints when each was durable. */
import { randomBytes } from 'node:crypto';
import { canonical } from '../../registry/base/json.ts';
import { gitInbox } from '../../registry/store/git-inbox.ts';

const [folders = '', first = '0', batches = '1', size = '1', origin = ''] = process.argv.slice(2);
const DAY = '2026-11-21';

async function write(folder: string, name: string): Promise<void> {
  const inbox = gitInbox({ folder, remote: 'origin' });
  for (let batch = 0; batch < Number(batches); batch++) {
    const events = Array.from({ length: Number(size) }, (_, index) => eventOf(name, batch, index));
    const text = `${canonical({ v: 1, origin, seen: { [`model-${name}`]: -1 }, events, bundle: null })}\n`;
    const begin = performance.now();
    await inbox.offer(DAY, text);
    process.stdout.write(`${name} ${(performance.now() - begin).toFixed(1)}\n`);
  }
}

function eventOf(name: string, batch: number, index: number): unknown {
  return {
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
  };
}

await Promise.all(folders.split(',').map((folder, index) => write(folder, String(Number(first) + index))));
