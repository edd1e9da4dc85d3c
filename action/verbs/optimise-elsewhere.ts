/** `fettle optimise --runner`: the circuit on a machine elsewhere, and what stands in for it, each reason told. */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeDurably } from '../../pipelines/artifacts/durable.ts';
import type { Counts } from '../../pipelines/quantum/counts.ts';
import { shownBy } from '../../pipelines/quantum/shots.ts';
import type { Trial } from '../../pipelines/quantum/trial.ts';
import type {
  CircuitJob,
  CircuitRunner,
  CircuitStanding,
  Quote,
} from '../../pipelines/runners/circuit-runner.ts';
import { answerBroken } from '../../pipelines/runners/faults.ts';
import { descended, refusalOf, type Fallback, type Rung } from '../../pipelines/runners/ladder.ts';
import { dollarsText, MicroDollars, microDollarsOf } from '../../pipelines/runners/money.ts';
import { performed } from '../../pipelines/runners/performance.ts';
import { programsFor, simulatedCounts, type Prepared } from '../../pipelines/runners/programs.ts';
import { exhaustive } from '../../pipelines/solvers/exhaustive.ts';
import type { PublishedProblem } from '../../pipelines/solvers/problem-files.ts';
import { hashOf } from '../../pipelines/solvers/qubo.ts';
import type { Reduced } from '../../pipelines/solvers/reduce.ts';
import { solvedWhole, type WholeAnswer } from '../../pipelines/solvers/whole.ts';
import { FettleError } from '../../registry/base/fault.ts';
import { digestOf, hexOf } from '../../registry/base/digest.ts';
import { grouped } from '../../registry/report/words.ts';
import { machinesFor, type Machines } from './circuit-runners.ts';
import type { ElsewhereAsk } from './optimise-ask.ts';
import type { Paint, Told, VerbContext } from './verb.ts';

export interface Elsewhere {
  /** Whose answer it is. */
  readonly by: string;
  /** Whether real qubits gave it. */
  readonly real: boolean;
  readonly spent: MicroDollars;
  readonly fallbacks: readonly Fallback[];
  /** What the circuit showed; null where no machine gave anything and a search had to. */
  readonly trial: Trial | null;
  /** What a machine counted and how long it took; null where none did, or it had been bought before. */
  readonly measured: Measured | null;
  /** The classical answer, better where the ladder went down to it. */
  readonly classical: WholeAnswer;
}

/** Of one job on a machine elsewhere. */
export interface Measured {
  readonly counts: readonly Counts[];
  /** Of the processor here: what finding the angles took. */
  readonly tuningMs: number;
  /** From submitting until it was first seen running, and from there to its end. */
  readonly queueMs: number;
  readonly ranMs: number;
}

interface Asked {
  readonly problem: PublishedProblem;
  readonly parts: Reduced;
  readonly ask: ElsewhereAsk;
}

/** Settings and credentials are read before anything else is done. */
export interface OpenElsewhere {
  /** What it would cost and whether it would be sent, machine by machine; nothing is. */
  quoted(): Promise<Told>;
  /** @param classical  what a search found */
  ran(classical: WholeAnswer): Promise<Elsewhere>;
}

/** @throws serviceNotTold, machineUnknown, settingsMisshapen, notARepository */
export async function openElsewhere(context: VerbContext, asked: Asked): Promise<OpenElsewhere> {
  const machines = await machinesFor(context, asked.ask);
  return {
    quoted: () => quoted(context, { ...asked, machines }),
    ran: (classical) => ran(context, { ...asked, machines, classical }),
  };
}

type Given =
  | {
      readonly counts: readonly Counts[];
      /** Null where nobody waited for them. */
      readonly waited: Pick<Measured, 'queueMs' | 'ranMs'> | null;
    }
  | { readonly answer: WholeAnswer };

async function ran(
  context: VerbContext,
  asked: Asked & { readonly machines: Machines; readonly classical: WholeAnswer },
): Promise<Elsewhere> {
  const { problem, parts, ask, machines, classical } = asked;
  const before = process.cpuUsage();
  const prepared = programsFor(parts, { ...ask, tunedTo: ask.qubits });
  const { user, system } = process.cpuUsage(before);
  const purse = microDollarsOf(ask.spendMost);
  const rungs = [
    ...machines.runners.map((runner) => machineRung(context, { runner, machines, prepared, asked })),
    ownRung(prepared, ask),
    ...searchRungs(asked, classical),
  ];
  const { value, by, spent, fallbacks } = await descended<Given>(rungs, purse);
  const real = machines.runners.some((runner) => runner.kind === 'qpu' && nameOf(runner) === by);
  const told = { by, real, spent, fallbacks };
  const record = { at: context.now(), run: runOf(asked), attempt: ask.attempt, ...told };
  const file = path.join(machines.records, `${record.run}-${ask.attempt}.json`);
  await writeDurably(file, `${JSON.stringify(record, null, 2)}\n`);
  if ('answer' in value) return { ...told, trial: null, measured: null, classical: value.answer };
  const { counts, waited } = value;
  const measured = waited === null ? null : { counts, tuningMs: (user + system) / 1000, ...waited };
  const { quantum, guessed, shots } = shownBy(problem.qubo, { parts, counts, seed: ask.seed });
  const trial = {
    quantum,
    guessed,
    shots,
    evaluations: prepared.evaluations,
    qubits: parts.parts[0]?.qubo.n ?? 0,
    angles: prepared.programs[0]?.angles ?? null,
  };
  return { ...told, trial, measured, classical };
}

/** The same words on the same problem are the same run, whose circuits are paid for once. */
function runOf({ problem, ask }: Asked): string {
  const { seed, angles, depth, share, shots, qubits } = ask;
  const words = [hashOf(problem.qubo), seed, angles, depth, share, shots, qubits];
  return `optimise-${hexOf(digestOf(words.join(' '))).slice(0, 16)}`;
}

function jobFor(asked: Asked, { programs }: Prepared, spendMost: MicroDollars): CircuitJob {
  const { shots, attempt } = asked.ask;
  return { programs, shots, run: runOf(asked), attempt, spendMost };
}

function nameOf({ name, device }: CircuitRunner): string {
  return `${device.split('/').at(-1)} (${name})`;
}

interface OnMachine {
  readonly runner: CircuitRunner;
  readonly machines: Machines;
  readonly prepared: Prepared;
  readonly asked: Asked;
}

const MINUTE_MS = 60_000;

function machineRung(context: VerbContext, { runner, machines, prepared, asked }: OnMachine): Rung<Given> {
  const name = nameOf(runner);
  return {
    name,
    async attempt(left) {
      const step = context.progress.step(name);
      const limits = limitsOf(asked.ask, machines, left);
      let last = '';
      const job = jobFor(asked, prepared, left);
      // What was bought before was waited for then, and nobody knows how long.
      const isKnown = ((await runner.find?.(job).catch(() => null)) ?? null) !== null;
      const nowMs = (): number => Date.parse(context.now());
      const began = nowMs();
      let running: number | null = null;
      const tell = ({ state, queue }: CircuitStanding): void => {
        if (state !== 'waiting') running ??= nowMs();
        const now = `${name}: ${state}${queue === null ? '' : `, ${queue} before it`}`;
        if (now !== last) context.progress.say(now);
        last = now;
      };
      const wait = async (ms: number): Promise<void> => sleep(ms);
      const watching = { limits, now: context.now, wait, tell };
      const tried = await performed(runner, job, watching);
      const ended = nowMs();
      step.end('why' in tried ? 'left' : dollarsText(tried.spent));
      if ('why' in tried) return tried;
      // A job that was never seen running waited all the time, as far as anybody knows.
      const until = running ?? ended;
      const waited = isKnown ? null : { queueMs: until - began, ranMs: ended - until };
      return { value: { counts: tried.value, waited }, spent: tried.spent };
    },
  };
}

function limitsOf({ wait }: ElsewhereAsk, { settings }: Machines, left: MicroDollars) {
  return { spendMost: left, queueMost: settings.queue, waitMsMost: wait * MINUTE_MS };
}

const NOTHING = MicroDollars.parse(0);

function ownRung({ programs }: Prepared, { shots, seed }: ElsewhereAsk): Rung<Given> {
  return {
    name: 'own simulator',
    async attempt() {
      try {
        return {
          value: { counts: programs.map((one) => simulatedCounts(one, { shots, seed })), waited: null },
          spent: NOTHING,
        };
      } catch (error) {
        if (error instanceof FettleError) return { why: error, spent: NOTHING };
        throw error;
      }
    },
  };
}

/** What was found already, and where it breaks what must hold, every assignment of the parts that are small enough. */
function searchRungs({ problem, parts, ask }: Asked, found: WholeAnswer): readonly Rung<Given>[] {
  const { allowed } = problem.worthOf(found.bits);
  const why = answerBroken({ solvers: found.solvers, flips: found.flips });
  const fits = (parts.parts[0]?.qubo.n ?? 0) <= exhaustive.variablesMost;
  const exact = (): WholeAnswer => solvedWhole(problem.qubo, { ask, solver: exhaustive, parts });
  return [
    {
      name: found.solvers.join(' and ') || 'reductions',
      attempt: async () => (allowed ? { value: { answer: found }, spent: NOTHING } : { why, spent: NOTHING }),
    },
    { name: 'exact', attempt: async () => ({ value: { answer: fits ? exact() : found }, spent: NOTHING }) },
  ];
}

interface Quoted {
  readonly machine: string;
  readonly quote: Quote | null;
  /** Why it would not be sent; null: it would. */
  readonly refused: string | null;
}

async function quoted(context: VerbContext, asked: Asked & { readonly machines: Machines }): Promise<Told> {
  const { parts, ask, machines } = asked;
  // Angles do not change what it costs.
  const prepared = programsFor(parts, { ...ask, tunedTo: 0 });
  const purse = microDollarsOf(ask.spendMost);
  const limits = limitsOf(ask, machines, purse);
  const quotes: Quoted[] = [];
  for (const runner of machines.runners) {
    const machine = nameOf(runner);
    try {
      const quote = await runner.quote(jobFor(asked, prepared, purse));
      const why = refusalOf(runner.device, quote, { limits, now: context.now() });
      quotes.push({ machine, quote, refused: why?.message ?? null });
    } catch (error) {
      if (!(error instanceof FettleError)) throw error;
      quotes.push({ machine, quote: null, refused: error.message });
    }
  }
  const circuits = parts.parts.map(({ qubo }) => qubo.n);
  const spendMost = dollarsText(purse);
  return {
    data: { dryRun: true, circuits, shots: ask.shots, spendMost, quotes },
    text: (paint) => quotesText({ circuits, shots: ask.shots, spendMost, quotes }, paint),
  };
}

interface Quotes {
  /** Qubits of each. */
  readonly circuits: readonly number[];
  readonly shots: number;
  readonly spendMost: string;
  readonly quotes: readonly Quoted[];
}

function quotesText({ circuits, shots, spendMost, quotes }: Quotes, paint: Paint): string {
  const counted = circuits.length === 1 ? '1 circuit' : `${grouped(circuits.length)} circuits`;
  const rows = quotes.map(({ machine, quote, refused }) => [
    machine,
    quote === null ? '' : dollarsText(quote.cost),
    String(quote?.queue ?? ''),
    quote === null ? '' : (quote.opensAt ?? 'now'),
    refused === null ? paint.good('yes') : paint.warn('no'),
  ]);
  return [
    `${counted} of up to ${circuits[0] ?? 0} qubits, ${grouped(shots)} shots each, for at most ${spendMost}:`,
    '',
    paint.table([['machine', 'costs', 'waiting', 'opens', 'would be sent'], ...rows]),
    '',
    ...quotes.flatMap(({ machine, quote, refused }) => [
      ...(quote === null ? [] : [`${machine}: ${quote.says}, by prices of ${quote.pricesOf}`]),
      ...(refused === null ? [] : [paint.warn(`${machine}: ${refused}`)]),
    ]),
    'Nothing was sent. Where none of them gives an answer, the simulator here does, and then a search.',
  ].join('\n');
}
