import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { jobLeftNothing, jobLost } from '../../pipelines/faults.ts';
import { actionsRunner, type ActionsPlace } from '../../pipelines/runners/github-actions.ts';
import { localRunner } from '../../pipelines/runners/local.ts';
import type { Runner } from '../../pipelines/runners/runner.ts';
import type { StepRecord } from '../../registry/schema/run.ts';
import { jobFor, recordFor, runnerConformance, untilOver, workOf } from '../conformance/runner.ts';
import { openTwin, type Twin } from '../fakes/github/twin.ts';

/** The very workflow that is dispatched, whose inputs and name the stand-in reads. */
const STAGE = readFileSync(path.resolve(import.meta.dirname, '../../.github/workflows/stage.yml'), 'utf8');

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

runnerConformance('local', async () => {
  const held = gate();
  const runner = localRunner(async (job) => {
    await held.opened;
    return workOf(job);
  });
  return { runner, release: held.open };
});

/** GitHub, whose machines do the work and leave what came of it where the registry would. */
function newMachines() {
  return { held: gate(), records: new Map<string, StepRecord>() };
}

const machines = { now: newMachines() };
const twin: Twin = await openTwin({
  repositories: [{ name: 'octo/models', files: { '.github/workflows/stage.yml': STAGE } }],
  checksAnswers: true,
  async onDispatch(run, github) {
    const { held, records } = machines.now;
    await held.opened;
    if (run.conclusion !== null) return;
    await github.startRun(run.id);
    const step = run.inputs['step'] ?? '';
    const record = await workOf({ step }).catch(() => null);
    if (record !== null) records.set(step, record);
    await github.finishRun(run.id, record === null ? 'failure' : 'success');
  },
});
afterAll(() => twin.close());
beforeEach(() => {
  machines.now = newMachines();
  twin.faults.clear();
});

let tickets = 0;

function runnerOn(changes: Partial<ActionsPlace> = {}): Runner {
  const { records } = machines.now;
  return actionsRunner({
    api: new URL(twin.url),
    repository: 'octo/models',
    token: twin.tokens['linus'] ?? '',
    workflow: 'stage.yml',
    ref: 'main',
    now: () => new Date().toISOString(),
    ticketFor: () => `ticket-${tickets++}`,
    recordOf: async ({ step }) => records.get(step) ?? null,
    patience: { attempts: 4, waitMsMax: 1000, wait: async () => undefined },
    ...changes,
  });
}

runnerConformance('github-actions', async () => ({ runner: runnerOn(), release: machines.now.held.open }));

describe('a dispatch', () => {
  const dispatches = (): number => twin.memory.runs.length;
  const isDispatch = ({ path: at }: { readonly path: string }): boolean => at.endsWith('/dispatches');

  it('says what to perform and on which machine, and asks for nothing that GitHub does not describe', async () => {
    await runnerOn().submit(jobFor('train'));
    const { run, plan, step } = jobFor('train');
    expect(twin.memory.runs.at(-1)?.inputs).toMatchObject({
      run,
      step,
      plan,
      label: 'ubuntu-24.04',
      folder: '.',
    });
    expect(twin.violations).toEqual([]);
    machines.now.held.open();
  });

  // The answer never arrives, or only half of it does: the run is there all the same.
  it.each(['lose', 'truncate'] as const)('is not sent again when its answer is lost: %s', async (kind) => {
    machines.now.held.open();
    const before = dispatches();
    twin.faults.plan({ fault: { kind }, when: isDispatch });
    const runner = runnerOn();
    const ticket = await runner.submit(jobFor('train'));
    expect(dispatches()).toBe(before + 1);
    expect(ticket.id).toBe(String(twin.memory.runs.at(-1)?.id));
    expect(await untilOver(runner, ticket)).toBe('over');
    expect(await runner.collect(ticket)).toEqual(recordFor('train'));
  });

  it('is sent again when GitHub did not do it', async () => {
    machines.now.held.open();
    const before = dispatches();
    const answer = { status: 502, body: { message: 'Server Error' } };
    twin.faults.plan({ fault: { kind: 'answer', answer }, when: isDispatch, times: 2 });
    expect(await untilOver(runnerOn(), await runnerOn().submit(jobFor('train')))).toBe('over');
    expect(dispatches()).toBe(before + 1);
  });

  // An Enterprise Server before 3.21: the word is refused, and the answer is empty.
  it('is found by its name where GitHub does not tell which run it is', async () => {
    machines.now.held.open();
    const asks = (body: unknown): boolean => JSON.stringify(body).includes('return_run_details');
    const answer = { status: 400, body: { message: 'Invalid request.' } };
    twin.faults.plan({
      fault: { kind: 'answer', answer },
      when: (seen) => isDispatch(seen) && asks(seen.body),
    });
    const ticket = await runnerOn().submit(jobFor('train'));
    expect(ticket).toMatchObject({
      id: String(twin.memory.runs.at(-1)?.id),
      url: expect.stringContaining('/runs/'),
    });
  });

  it('is told of as lost where no run bears its name', async () => {
    machines.now.held.open();
    const asks = (body: unknown): boolean => JSON.stringify(body).includes('return_run_details');
    twin.faults.plan({
      fault: { kind: 'answer', answer: { status: 204, body: null } },
      when: (seen) => isDispatch(seen) && asks(seen.body),
    });
    await expect(runnerOn().submit(jobFor('train'))).rejects.toThrowFault(jobLost);
  });

  it('leaves nothing to collect where the machine wrote nothing into the registry', async () => {
    machines.now.held.open();
    const runner = runnerOn({ recordOf: async () => null });
    const ticket = await runner.submit(jobFor('train'));
    expect(await untilOver(runner, ticket)).toBe('over');
    await expect(runner.collect(ticket)).rejects.toThrowFault(jobLeftNothing);
  });
});
