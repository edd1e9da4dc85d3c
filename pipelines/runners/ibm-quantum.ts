/** IBM Quantum as a runner of circuits: quoted by seconds, bought once, found again by its tag, stopped by its cap. */
import { PATIENT, patiently, type Patience } from '../artifacts/patience.ts';
import type { Counts } from '../quantum/counts.ts';
import type { CircuitJob, CircuitRunner, CircuitStanding, CircuitTicket, Quote } from './circuit-runner.ts';
import { claimKey, LOOK_BACK_MS, type Claim, type Claims } from './claims.ts';
import {
  circuitNotOver,
  circuitUnfit,
  countsMissing,
  machineOffline,
  priceUnknown,
  quoteTooDear,
  spendingLimitMissing,
} from './faults.ts';
import { IBM_SERVICE, type IbmCalls, type IbmJob } from './ibm-client.ts';
import { machineOf, nativePrograms, type IbmMachine } from './ibm-machine.ts';
import { IBM_PRICES, secondsMostOf, secondsOf, type IbmPlan } from './ibm-prices.ts';
import { countsIn } from './ibm-results.ts';
import { dollarsText, MicroDollars } from './money.ts';
import type { JobState } from './runner.ts';

export interface IbmSite {
  /** The backend, such as `ibm_fez`. */
  readonly device: string;
  /** Null: it is not known what a second costs. */
  readonly plan: IbmPlan | null;
  /** Whether rx and rzz of any angle may be used where the machine has them. */
  readonly fractional: boolean;
  readonly calls: IbmCalls;
  readonly claims: Claims;
  readonly now: () => string;
  readonly patience?: Patience | undefined;
}

const ASK_AGAIN_MS = 3000;

export function ibmRunner(site: IbmSite): CircuitRunner {
  const { device, calls } = site;
  return {
    name: 'ibm-quantum',
    device,
    kind: 'qpu',
    quote: async (job) => (await plannedFor(site, job)).quote,
    find: (job) => found(site, job),
    submit: async (job) => ({ job, id: await submit(site, job) }),
    poll: async ({ id }) => standingOf(await calls.job(id)),
    collect: (ticket) => collect(site, ticket),
    cancel: ({ id }) => calls.cancel(id),
  };
}

/** What the service takes in one job, over all programs. */
const EXECUTIONS_MOST = 5_000_000;

/** The machine, if it takes such a job. @throws machineOffline, circuitUnfit */
async function machineFor({ device, calls }: IbmSite, job: CircuitJob): Promise<IbmMachine> {
  const machine = machineOf(device, await calls.machine(device));
  if (machine.closed !== null) throw machineOffline({ device, found: machine.closed });
  const unfit = (wanted: string, found: string): Error => circuitUnfit({ device, wanted, found });
  const qubits = Math.max(...job.programs.map(({ problem }) => problem.n));
  if (qubits > machine.qubits) throw unfit(`at most ${machine.qubits} qubits`, `${qubits}`);
  if (job.shots > machine.shotsMost) throw unfit(`at most ${machine.shotsMost} shots`, `${job.shots}`);
  const executions = job.shots * job.programs.length;
  if (executions > EXECUTIONS_MOST) throw unfit(`at most ${EXECUTIONS_MOST} shots in all`, `${executions}`);
  return machine;
}

interface Planned {
  readonly machine: IbmMachine;
  readonly quote: Quote;
  readonly secondsMost: number;
}

/** @throws priceUnknown, machineOffline, circuitUnfit */
async function plannedFor(site: IbmSite, job: CircuitJob): Promise<Planned> {
  const { device, plan } = site;
  const machine = await machineFor(site, job);
  const second = plan === null ? undefined : IBM_PRICES.second[plan];
  if (second === undefined) {
    throw priceUnknown({ device: `${device} (${plan ?? 'no plan told'})`, pricesOf: IBM_PRICES.of });
  }
  const seconds = secondsOf(job, machine);
  const secondsMost = secondsMostOf(seconds);
  return {
    machine,
    secondsMost,
    quote: {
      cost: MicroDollars.parse(secondsMost * second),
      says: `likely ${seconds.toFixed(1)} s and at most ${secondsMost} s at ${dollarsText(second)} a second (${plan})`,
      pricesOf: IBM_PRICES.of,
      queue: machine.queue,
      opensAt: null,
      // The service counts the machine's time and stops the job itself; nobody else can tell that time.
      runMsMost: null,
    },
  };
}

/** @throws quoteTooDear, spendingLimitMissing */
async function mayBuy({ device, plan, calls }: IbmSite, job: CircuitJob, planned: Planned): Promise<void> {
  const { quote, secondsMost } = planned;
  if (quote.cost > job.spendMost) {
    const [most, told] = [dollarsText(job.spendMost), dollarsText(quote.cost)];
    throw quoteTooDear({ device, most, quote: told, says: quote.says });
  }
  const usage = await calls.usage();
  const { usage_limit_seconds: limit, usage_consumed_seconds: used } = usage;
  if (usage.usage_limit_reached === true) {
    throw spendingLimitMissing({ device, found: `all ${limit ?? used} s of it used` });
  }
  // The open plan ends by itself; all others go on until somebody pays.
  if (limit == null && plan !== 'open') {
    throw spendingLimitMissing({ device, found: 'none for the instance' });
  }
  if (limit != null && limit - used < secondsMost) {
    const found = `${Math.max(0, limit - used)} s of it left for what may take ${secondsMost} s`;
    throw spendingLimitMissing({ device, found });
  }
}

/** A job is listed a moment after it was taken: looks for one that may be there, each after twice the pause. */
const LOOKS = 5;
const LOOK_AFTER_MS = 500;
/** What was asked for so long ago is listed by now, or is not there. */
const LISTED_WITHIN_MS = 600_000;

/**
 * The service knows no token that makes a second request the first, so the claim is on the disk with a tag before
 * anything is asked for, and the service's own jobs are looked through for the tag before anything is asked for again.
 */
async function submit(site: IbmSite, job: CircuitJob): Promise<string> {
  const { device, claims, patience = PATIENT } = site;
  const key = claimKey(device, job);
  const known = await claims.read(key);
  const told = known === null ? null : idOf(known);
  if (told !== null) return told;
  const planned = await plannedFor(site, job);
  const fresh = claimOf(site, job, { key, quote: planned.quote });
  const sold = known === null ? await onlyOne(site, lotOf(fresh)) : await heardOf(site, known);
  if (sold !== null) {
    await claims.write(key, boughtAs(known ?? fresh, sold));
    return sold;
  }
  const programs = await programsOf(site, job, planned);
  // It is asked for now, however old a claim is: what is heard of late is looked for as long again.
  const claim = { ...fresh, askedAt: site.now() };
  await claims.write(key, claim);
  const { secondsMost } = planned;
  const id = await patiently(patience, async ({ before }) => {
    const heard = before === null ? null : await heardOf(site, claim);
    return heard ?? bought(site, job, { lot: lotOf(claim), programs, secondsMost });
  });
  await claims.write(key, boughtAs(claim, id));
  return id;
}

/** One look at what was claimed and is not known to be bought. */
async function found(
  site: IbmSite,
  job: CircuitJob,
): Promise<{ readonly ticket: CircuitTicket; readonly quote: Quote } | null> {
  const key = claimKey(site.device, job);
  const claim = await site.claims.read(key);
  if (claim === null) return null;
  const id = idOf(claim) ?? (await onlyOne(site, lotOf(claim)));
  if (id === null) return null;
  if (idOf(claim) === null) await site.claims.write(key, boughtAs(claim, id));
  return { ticket: { job, id }, quote: claim.quote };
}

function idOf({ purchases }: Claim): string | null {
  return purchases[0]?.id ?? null;
}

function boughtAs(claim: Claim, id: string | null): Claim {
  return { ...claim, purchases: claim.purchases.map((one) => ({ ...one, id })) };
}

interface Lot {
  /** What no other job has. */
  readonly tag: string;
  /** No job of it is older, ISO 8601. */
  readonly since: string;
}

/** Everything that can keep a job from being bought is found out here. @throws quoteTooDear, spendingLimitMissing, circuitUnfit */
async function programsOf(site: IbmSite, job: CircuitJob, planned: Planned): Promise<readonly string[]> {
  const programs = nativePrograms(planned.machine, job.programs, site);
  await mayBuy(site, job, planned);
  return programs;
}

function claimOf(
  { now }: IbmSite,
  job: CircuitJob,
  { key, quote }: { readonly key: string; readonly quote: Quote },
): Claim {
  const programs = job.programs.map((_, at) => at);
  return {
    askedAt: now(),
    quote,
    spendMost: job.spendMost,
    purchases: [{ programs, token: `fettle-job:${key}`, id: null }],
  };
}

function lotOf({ askedAt, purchases: [purchase] }: Claim): Lot {
  return {
    tag: purchase?.token ?? '',
    since: new Date(Date.parse(askedAt) - LOOK_BACK_MS).toISOString(),
  };
}

/** The job of a request whose answer nobody heard; null where there is none. */
async function heardOf(site: IbmSite, claim: Claim): Promise<string | null> {
  const { now, patience = PATIENT } = site;
  const ageMs = Date.parse(now()) - Date.parse(claim.askedAt);
  const looks = ageMs > LISTED_WITHIN_MS ? 1 : LOOKS;
  for (let look = 0; look < looks; look++) {
    if (look > 0) await patience.wait(LOOK_AFTER_MS * 2 ** look);
    const id = await onlyOne(site, lotOf(claim));
    if (id !== null) return id;
  }
  return null;
}

async function bought(
  site: IbmSite,
  { run, shots }: CircuitJob,
  given: { readonly lot: Lot; readonly programs: readonly string[]; readonly secondsMost: number },
): Promise<string> {
  const { lot, programs, secondsMost } = given;
  const tags = [`fettle:${run}`, lot.tag];
  const id = await site.calls.create({ backend: site.device, tags, shots, programs, secondsMost });
  return (await onlyOne(site, lot)) ?? id;
}

/**
 * The oldest job of the tag, which every process takes for the one; others, which two processes at once or a request
 * that was thought lost may have made, are stopped while they wait.
 */
async function onlyOne({ calls }: IbmSite, { tag, since }: Lot): Promise<string | null> {
  const jobs = (await calls.tagged(tag, since)).toSorted(byAge);
  const alive = jobs.filter((job) => standingOf(job).state !== 'cancelled');
  const [first, ...others] = alive.length > 0 ? alive : jobs.slice(0, 1);
  for (const { id } of others) await calls.cancel(id);
  return first?.id ?? null;
}

function byAge(a: IbmJob, b: IbmJob): number {
  const [left, right] = [`${a.created ?? ''} ${a.id}`, `${b.created ?? ''} ${b.id}`];
  return left < right ? -1 : 1;
}

const STATES: readonly (readonly [string, JobState])[] = [
  ['QUEUED', 'waiting'],
  ['RUNNING', 'running'],
  ['COMPLETED', 'over'],
  ['CANCELLED', 'cancelled'],
  ['FAILED', 'failed'],
];
/** It ran longer than it may: a failure, though the service calls it cancelled. */
const RAN_TOO_LONG = 1305;

function standingOf({ state, status, usage }: IbmJob): CircuitStanding {
  const told = (state?.status ?? status ?? '').toUpperCase();
  const code = state?.reason_code ?? null;
  const tooLong = code === RAN_TOO_LONG || told.includes('RAN TOO LONG');
  const found = STATES.find(([word]) => told.startsWith(word))?.[1] ?? 'waiting';
  const words = [state?.reason, code === null ? null : `(${code})`].filter(Boolean).join(' ');
  return {
    state: tooLong ? 'failed' : found,
    queue: null,
    reason: found === 'over' || words === '' ? null : words,
    // A job that its cap stopped is charged; one that the service broke is not.
    mayCost: (usage?.qpu_charge_time_seconds ?? (tooLong ? 1 : 0)) > 0,
    askAgainMs: ASK_AGAIN_MS,
  };
}

async function collect({ calls }: IbmSite, { id, job }: CircuitTicket): Promise<readonly Counts[]> {
  const { state, reason } = standingOf(await calls.job(id));
  if (state !== 'over') throw circuitNotOver({ id, state, reason });
  const where = `the results of ${id}`;
  const text = await calls.results(id);
  if (text === null) throw countsMissing({ id, where: IBM_SERVICE });
  return countsIn(text, { where, shots: job.shots, variables: job.programs.map(({ problem }) => problem.n) });
}
