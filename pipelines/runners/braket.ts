/** Amazon Braket as a runner of circuits: quoted first, bought once, collected from the bucket that the task wrote to. */
import { FettleError } from '../../registry/base/fault.ts';
import { grouped } from '../../registry/report/words.ts';
import type { Counts } from '../quantum/counts.ts';
import { groupsOf, purchaseOf, taskOf } from './braket-action.ts';
import type { BraketCalls, TaskAnswer } from './braket-client.ts';
import { machineOf, opensAt, placeOf, type BraketMachine } from './braket-device.ts';
import type { Price, Prices } from './braket-prices.ts';
import { countsIn } from './braket-results.ts';
import type { CircuitJob, CircuitRunner, CircuitStanding, CircuitTicket, Quote } from './circuit-runner.ts';
import { claimKey, LOOK_BACK_MS, quoteNow, type Claim, type Claims, type Purchase } from './claims.ts';
import {
  circuitNotOver,
  circuitUnfit,
  countsMissing,
  machineOffline,
  machineRetired,
  priceUnknown,
  quoteTooDear,
  serviceRefused,
  spendingLimitMissing,
} from './faults.ts';
import { dollarsText, MicroDollars, microDollarsOf } from './money.ts';
import type { JobState } from './runner.ts';

export interface BraketSite {
  /** The machine's ARN. */
  readonly device: string;
  readonly kind: CircuitRunner['kind'];
  /** Where its tasks are performed and their results lie. */
  readonly region: string;
  readonly calls: BraketCalls;
  readonly prices: () => Promise<Prices>;
  readonly claims: Claims;
  readonly bucket: string;
  /** Below which results are left, without slashes around it. */
  readonly prefix: string;
  /** An object's text; null where there is none. @throws storeRefused, storeUnreachable */
  readonly textAt: (place: { readonly bucket: string; readonly key: string }) => Promise<string | null>;
  readonly now: () => string;
}

export function braketRunner(site: BraketSite): CircuitRunner {
  const { device, kind, calls } = site;
  let askAgainMs: number | null = null;
  return {
    name: 'braket',
    device,
    kind,
    async quote(job) {
      const machine = await machineFor(site, job);
      return quoteFor(site, job, { machine, tasks: groupsOf(job, machine.programSets).length });
    },
    async find(job) {
      const claim = await found(site, job);
      return claim === null ? null : { ticket: ticketOf(job, claim), quote: quoteNow(claim, job) };
    },
    submit: (job) => submit(site, job).then((claim) => ticketOf(job, claim)),
    async poll({ job }) {
      askAgainMs ??= machineOf(device, await calls.device(device)).askAgainMs;
      const tasks = await Promise.all(idsOf(await boughtFor(site, job)).map((id) => calls.task(id)));
      return { ...standingOf(tasks), askAgainMs };
    },
    collect: ({ job }) => collect(site, job),
    async cancel({ job }) {
      const stopped = await Promise.all(idsOf(await boughtFor(site, job)).map((id) => calls.cancel(id)));
      return !stopped.includes(false);
    },
  };
}

function ticketOf(job: CircuitJob, { purchases }: Claim): CircuitTicket {
  return { job, id: idsOf(purchases).join(' ') };
}

/** Whether all of it is known to be bought. */
function isWhole({ purchases }: Claim): boolean {
  return purchases.every(({ id }) => id !== null);
}

function idsOf(purchases: readonly Purchase[]): readonly string[] {
  return purchases.flatMap(({ id }) => id ?? []);
}

/** The machine, if it takes such a job. @throws machineRetired, machineOffline, circuitUnfit */
async function machineFor({ device, calls }: BraketSite, job: CircuitJob): Promise<BraketMachine> {
  const machine = machineOf(device, await calls.device(device));
  if (machine.status === 'RETIRED') throw machineRetired({ device });
  if (machine.status === 'OFFLINE') throw machineOffline({ device, found: 'offline' });
  const unfit = (wanted: string, found: string): Error => circuitUnfit({ device, wanted, found });
  if (!machine.takesPrograms) throw unfit('a machine that runs OpenQASM', 'one that does not');
  const qubits = Math.max(...job.programs.map(({ problem }) => problem.n));
  if (machine.qubits !== null && qubits > machine.qubits) {
    throw unfit(`at most ${machine.qubits} qubits`, `${qubits}`);
  }
  if (job.shots < machine.shotsLeast || job.shots > machine.shotsMost) {
    throw unfit(`${machine.shotsLeast} to ${machine.shotsMost} shots`, `${job.shots}`);
  }
  return machine;
}

/** @throws priceUnknown */
async function quoteFor(
  site: BraketSite,
  job: CircuitJob,
  { machine, tasks }: { readonly machine: BraketMachine; readonly tasks: number },
): Promise<Quote> {
  const { device, region } = site;
  const prices = await site.prices();
  const price = prices.priceOf({ region, name: device.split('/').at(-1) ?? device });
  if (price === null) throw priceUnknown({ device, pricesOf: prices.of });
  return {
    ...costOf(job, tasks, price),
    pricesOf: prices.of,
    queue: machine.queue,
    opensAt: opensAt(machine.windows, site.now()),
  };
}

const MINUTE_MS = 60_000;

function costOf(job: CircuitJob, tasks: number, price: Price): Pick<Quote, 'cost' | 'says' | 'runMsMost'> {
  const counted = tasks === 1 ? '1 task' : `${tasks} tasks`;
  if (price.by === 'time') {
    const cost = Math.ceil((tasks * price.leastMs * price.minute) / MINUTE_MS);
    return {
      cost: MicroDollars.parse(cost),
      says: `${counted} of at least ${price.leastMs / 1000} s at ${dollarsText(price.minute)} a minute`,
      // They may all run at once, and each is paid for.
      runMsMost: Math.floor((job.spendMost * MINUTE_MS) / Math.max(1, tasks * price.minute)),
    };
  }
  const shots = job.shots * job.programs.length;
  return {
    cost: MicroDollars.parse(tasks * price.task + shots * price.shot),
    says: `${counted} at ${dollarsText(price.task)} and ${grouped(shots)} shots at ${dollarsText(price.shot)}`,
    runMsMost: null,
  };
}

const TOKEN_TAG = 'fettle-token';

/**
 * The claim is on the disk before anything is asked for, and the service's own tasks are looked through before anything
 * is asked for a second time. What is asked again has the same token, which the service takes for the same request.
 */
async function submit(site: BraketSite, job: CircuitJob): Promise<Claim> {
  const { device, claims, calls, bucket, prefix } = site;
  const key = claimKey(device, job);
  const known = await claims.read(key);
  if (known !== null && isWhole(known)) return known;
  const machine = await machineFor(site, job);
  const groups = groupsOf(job, machine.programSets);
  // What was begun goes on as it was begun, whatever the machine takes by now.
  const quote = await quoteFor(site, job, { machine, tasks: (known?.purchases ?? groups).length });
  const fresh = {
    askedAt: site.now(),
    quote,
    spendMost: job.spendMost,
    purchases: groups.map((group) => purchaseOf(job, device, group)),
  };
  let claim: Claim = await adopted(site, known ?? fresh);
  const missing = claim.purchases.filter(({ id }) => id === null);
  if (missing.length > 0) {
    const programs = missing.flatMap((one) => one.programs.flatMap((at) => job.programs[at] ?? []));
    const rest = await quoteFor(site, { ...job, programs }, { machine, tasks: missing.length });
    await mayBuy(site, job, { quote, rest: rest.cost });
  }
  await claims.write(key, claim);
  for (const [at, purchase] of claim.purchases.entries()) {
    if (purchase.id !== null) continue;
    const { token, programs } = purchase;
    const tags = { [TOKEN_TAG]: token, 'fettle-run': job.run };
    const id = await calls.create({ device, token, bucket, prefix, tags, ...taskOf(job, programs) });
    claim = { ...claim, purchases: claim.purchases.with(at, { ...purchase, id }) };
    await claims.write(key, claim);
  }
  return claim;
}

/** The claim of a job that is bought, even where nobody heard of it; null where some of it is not. */
async function found(site: BraketSite, job: CircuitJob): Promise<Claim | null> {
  const key = claimKey(site.device, job);
  const known = await site.claims.read(key);
  if (known === null || isWhole(known)) return known;
  const claim = await adopted(site, known);
  if (!isWhole(claim)) return null;
  await site.claims.write(key, claim);
  return claim;
}

/** The claim with the tasks that were bought and never heard of. */
async function adopted({ device, calls }: BraketSite, claim: Claim): Promise<Claim> {
  const since = new Date(Date.parse(claim.askedAt) - LOOK_BACK_MS).toISOString();
  const tasks = [...(await calls.tasksSince(device, since))];
  const idOf = (token: string): string | null =>
    tasks.find(([, tags]) => tags[TOKEN_TAG] === token)?.[0] ?? null;
  return { ...claim, purchases: claim.purchases.map((one) => ({ ...one, id: one.id ?? idOf(one.token) })) };
}

/** @throws quoteTooDear, spendingLimitMissing */
async function mayBuy(
  site: BraketSite,
  { spendMost }: CircuitJob,
  { quote, rest }: { readonly quote: Quote; readonly rest: MicroDollars },
): Promise<void> {
  const { device, kind, calls } = site;
  const { cost, says } = quote;
  if (cost > spendMost) {
    throw quoteTooDear({ device, most: dollarsText(spendMost), quote: dollarsText(cost), says });
  }
  if (kind === 'simulator') return;
  const now = Date.parse(site.now());
  const [limit] = (await calls.spendingLimits(device)).filter(
    ({ timePeriod }) => timePeriod.startAt.getTime() <= now && now < timePeriod.endAt.getTime(),
  );
  if (limit === undefined) throw spendingLimitMissing({ device, found: 'none in force' });
  const { spendingLimit, totalSpend, queuedSpend } = limit;
  const left = microDollarsOf(Math.max(0, spendingLimit - totalSpend - queuedSpend));
  if (left < rest) {
    const found = `${dollarsText(left)} of it left for what costs ${dollarsText(rest)}`;
    throw spendingLimitMissing({ device, found });
  }
}

/** @throws circuitNotOver for a job that was never submitted from here */
async function boughtFor({ device, claims }: BraketSite, job: CircuitJob): Promise<readonly Purchase[]> {
  const claim = await claims.read(claimKey(device, job));
  if (claim !== null) return claim.purchases;
  throw circuitNotOver({ id: `${job.run} on ${device}`, state: 'never submitted', reason: null });
}

const STATES: Readonly<Record<TaskAnswer['status'], JobState>> = {
  CREATED: 'waiting',
  QUEUED: 'waiting',
  RUNNING: 'running',
  CANCELLING: 'running',
  COMPLETED: 'over',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
};

/** One bad end is the job's; it is over when all of it is. */
function standingOf(tasks: readonly TaskAnswer[]): Omit<CircuitStanding, 'askAgainMs'> {
  const states = tasks.map(({ status }) => STATES[status]);
  const bad = states.find((state) => state === 'failed' || state === 'cancelled');
  const begun = states.some((state) => state !== 'waiting');
  const places = tasks.flatMap(({ queueInfo }) => placeOf(queueInfo?.position) ?? []);
  return {
    state: bad ?? (states.every((state) => state === 'over') ? 'over' : begun ? 'running' : 'waiting'),
    queue: places.length === 0 ? null : Math.max(...places),
    reason: tasks.find(({ failureReason }) => failureReason)?.failureReason ?? null,
    // What did not end badly is paid for, or will be.
    ...(bad !== undefined && states.some((state) => state !== 'failed' && state !== 'cancelled')
      ? { mayCost: true }
      : {}),
  };
}

async function collect(site: BraketSite, job: CircuitJob): Promise<readonly Counts[]> {
  const counts: Counts[] = [];
  for (const purchase of await boughtFor(site, job)) {
    counts.push(...(await countsOfTask(site, job, purchase)));
  }
  return counts;
}

async function countsOfTask(
  site: BraketSite,
  job: CircuitJob,
  { id, programs }: Purchase,
): Promise<readonly Counts[]> {
  if (id === null) {
    throw circuitNotOver({ id: `${job.run} on ${site.device}`, state: 'not sent', reason: null });
  }
  const {
    status,
    failureReason,
    outputS3Bucket: bucket,
    outputS3Directory: folder,
  } = await site.calls.task(id);
  if (status !== 'COMPLETED') {
    throw circuitNotOver({ id, state: STATES[status], reason: failureReason ?? null });
  }
  const where = `s3://${bucket}/${folder}`;
  const read = async (key: string): Promise<string> => {
    const text = await site.textAt({ bucket, key }).catch((error: unknown) => notGiven(error, where));
    if (text === null) throw countsMissing({ id, where: `s3://${bucket}/${key}` });
    return text;
  };
  return countsIn(await read(`${folder}/results.json`), {
    where: `${where}/results.json`,
    id,
    shots: job.shots,
    qubits: programs.map((at) => job.programs[at]?.problem.n ?? 0),
    folder,
    read,
  });
}

/** A bucket that refuses is the service's affair, not that of the settings of artifacts. */
function notGiven(error: unknown, where: string): never {
  if (!(error instanceof FettleError) || error.retry === 'later') throw error;
  throw serviceRefused({ service: where, wanted: 'give the counts', found: error.message }, error);
}
