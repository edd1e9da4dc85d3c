/** Everything that can go wrong with circuits on machines elsewhere, whoever runs them. */
import { defineFault } from '../../registry/base/fault.ts';

// Money

export const priceUnknown = defineFault('runners/price-unknown', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { device: string; pricesOf: string }) =>
    `wanted a price of ${d.device}, found none among those of ${d.pricesOf}`,
  mend: 'Nothing was sent. Choose a machine whose price is known, or let the settings name a place of newer prices.',
});

export const pricesForeign = defineFault('runners/prices-foreign', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { found: string }) => `wanted the price list of the service itself, found one at ${d.found}`,
  mend: 'Nothing was sent: whoever writes the prices decides what may be spent. Name a list at pricing.us-east-1.amazonaws.com under `quantum.braket.prices`, or none.',
});

export const quoteTooDear = defineFault('runners/quote-too-dear', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { device: string; most: string; quote: string; says: string }) =>
    `wanted to spend at most ${d.most} on ${d.device}, found that it costs ${d.quote} (${d.says})`,
  mend: 'Nothing was sent. Take fewer shots, or allow more with `--spend-most`.',
});

export const timeSpent = defineFault('runners/time-spent', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { device: string; most: string; seconds: number }) =>
    `wanted to spend at most ${d.most} on ${d.device}, found that it ran for ${d.seconds} s, which may cost all of it`,
  mend: 'The job was told to stop, and what it ran for is paid for. Take fewer shots or a smaller problem, or allow more with `--spend-most`; `--attempt` buys another answer.',
});

export const spendingLimitMissing = defineFault('runners/spending-limit-missing', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { device: string; found: string }) =>
    `wanted a spending limit of the service for ${d.device}, found ${d.found}`,
  mend: 'Nothing was sent. Set a limit for this machine in the console of the service; it holds even where Fettle errs.',
});

export const claimUnreadable = defineFault('runners/claim-unreadable', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { file: string; said: string }) =>
    `wanted to read in ${d.file} what was bought before, found: ${d.said}`,
  mend: 'Nothing was sent, since it might be bought a second time. Mend the file, or delete it when the service shows no such task.',
});

// Machines

export const machineUnknown = defineFault('runners/machine-unknown', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { device: string; where: string; said: string }) =>
    `wanted ${d.device} of ${d.where}, found: ${d.said}`,
  mend: 'Check its name and its region: a machine is known in its own region alone.',
});

export const machineRetired = defineFault('runners/machine-retired', {
  audience: 'user',
  retry: 'never',
  says: (d: { device: string }) => `wanted ${d.device} to take a circuit, found it retired for good`,
  mend: 'Choose another machine.',
});

export const machineOffline = defineFault('runners/machine-offline', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { device: string; found: string }) => `wanted ${d.device} to take a circuit, found it ${d.found}`,
  mend: 'Try again later, or choose another machine.',
});

export const machineClosed = defineFault('runners/machine-closed', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { device: string; opensAt: string }) =>
    `wanted ${d.device} to perform circuits in time, found that it opens at ${d.opensAt}`,
  mend: (d) => `Run the same command after ${d.opensAt}, or wait longer with \`--wait\`.`,
});

export const machineBusy = defineFault('runners/machine-busy', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { device: string; queue: number; most: number }) =>
    `wanted at most ${d.most} jobs to wait before ours at ${d.device}, found ${d.queue}`,
  mend: 'Try again when fewer wait, or allow more under `quantum.queue` in .github/fettle.yml.',
});

export const notInTime = defineFault('runners/not-in-time', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { device: string; state: string; minutes: number }) =>
    `wanted ${d.device} to be done within ${d.minutes} minutes, found the job ${d.state}`,
  mend: 'Wait longer with `--wait`, and buy another attempt with `--attempt`.',
});

export const circuitUnfit = defineFault('runners/circuit-unfit', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { device: string; wanted: string; found: string }) =>
    `wanted ${d.wanted} for ${d.device}, found ${d.found}`,
  mend: 'Choose another number of shots, a smaller problem, or another machine.',
});

// Services

export const serviceNotTold = defineFault('runners/service-not-told', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { service: string; wanted: string }) => `wanted ${d.wanted} for ${d.service}, found it missing`,
  mend: 'Credentials stand in the environment of the command, everything else in .github/fettle.yml.',
});

export const keyKept = defineFault('runners/key-kept', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { wanted: string; found: string }) => `wanted ${d.wanted} to send a key to, found ${d.found}`,
  mend: 'Nothing was sent. Settings come with a repository, so they may send a key only where it belongs; correct the address in .github/fettle.yml.',
});

export const serviceRefused = defineFault('runners/service-refused', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { service: string; wanted: string; found: string }) =>
    `wanted ${d.service} to ${d.wanted}, found: ${d.found}`,
  mend: 'Check the credentials in the environment and what they may do.',
});

export const serviceUnreachable = defineFault('runners/service-unreachable', {
  audience: 'operator',
  retry: 'later',
  says: (d: { service: string; wanted: string; said: string; waitMs: number | null }) =>
    `wanted ${d.service} to ${d.wanted}, found: ${d.said}`,
  mend: 'Run the same command again: what was paid for is found and not bought twice.',
});

// Answers

export const answerBroken = defineFault('runners/answer-broken', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { solvers: readonly string[]; flips: number }) =>
    `wanted an answer that breaks nothing that must hold, found one that does after ${d.flips} flips of ${d.solvers.join(' and ')}`,
  mend: 'Give the solver more flips.',
});

// Results

export const circuitNotOver = defineFault('runners/circuit-not-over', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { id: string; state: string; reason: string | null }) =>
    `wanted the counts of ${d.id}, found it ${d.state}${d.reason === null ? '' : `: ${d.reason}`}`,
  mend: 'Ask again when it is over; one that failed or was cancelled leaves nothing, and another attempt is another job.',
});

export const countsMissing = defineFault('runners/counts-missing', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { id: string; where: string }) =>
    `wanted the counts of ${d.id} at ${d.where}, found nothing though it is over`,
  mend: 'Check that the credentials may read there and that nobody deleted it.',
});

export const countsCutOff = defineFault('runners/counts-cut-off', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { where: string; sizeBytes: number; said: string }) =>
    `wanted whole counts at ${d.where}, found ${d.sizeBytes} bytes that end too early: ${d.said}`,
  mend: 'Run the same command again: it reads them anew and buys nothing.',
});

export const countsMisshapen = defineFault('runners/counts-misshapen', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { where: string; wanted: string; found: string }) =>
    `${d.where}: wanted ${d.wanted}, found ${d.found}`,
  mend: 'The service may speak a newer form: update Fettle. The answer itself is kept where it lies.',
});
