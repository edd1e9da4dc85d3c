import { afterEach, beforeEach, describe } from 'vitest';
import { circuitRunnerConformance } from '../conformance/circuit-runner.ts';
import { ARNS } from '../fakes/braket-shapes.ts';
import { openBraket, type BraketFake } from '../fakes/braket.ts';
import { openIbm, type IbmFake } from '../fakes/ibm-quantum.ts';
import { temporaryFolder } from '../temporary.ts';
import { allow, runnerAt } from './braket-bench.ts';
import { ibmAt } from './ibm-bench.ts';

describe('Amazon Braket', () => {
  let fake: BraketFake;
  let folder: string;
  beforeEach(async () => {
    fake = await openBraket();
    folder = temporaryFolder();
    allow(fake, ARNS.garnet, 50);
  });
  afterEach(() => fake.close());

  for (const device of [ARNS.garnet, ARNS.sv1]) {
    circuitRunnerConformance(`braket on ${device.split('/').at(-1)}`, async () => ({
      open: () => runnerAt(fake, folder, { device }),
      hold: (waits) => (fake.life = waits ? ['QUEUED'] : ['QUEUED', 'RUNNING', 'COMPLETED']),
      sold: () => fake.tasks.length,
    }));
  }
});

describe('IBM Quantum', () => {
  let fake: IbmFake;
  let folder: string;
  beforeEach(async () => {
    fake = await openIbm();
    folder = temporaryFolder();
  });
  afterEach(() => fake.close());

  circuitRunnerConformance('ibm-quantum', async () => ({
    open: async () => ibmAt(fake, folder),
    hold: (waits) => (fake.looks = waits ? Number.POSITIVE_INFINITY : 2),
    sold: () => fake.jobs.length,
  }));
});
