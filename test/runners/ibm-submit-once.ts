/** A process that submits one job to the stand-in of IBM Quantum, so that it can be killed while it does. */
import { microDollarsOf } from '../../pipelines/runners/money.ts';
import { ibmAt } from './ibm-bench.ts';
import { jobOf } from './braket-bench.ts';

const [url = '', folder = ''] = process.argv.slice(2);
const fake = { url: new URL(url), iam: new URL(new URL(url).origin), now: () => new Date().toISOString() };
await ibmAt(fake, folder).submit(jobOf({ spendMost: microDollarsOf(10) }));
