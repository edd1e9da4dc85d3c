/** Services that run circuits elsewhere, by the name that people choose one by. */
import path from 'node:path';
import { openBraket } from '../../pipelines/runners/braket-open.ts';
import type { CircuitRunner } from '../../pipelines/runners/circuit-runner.ts';
import { folderClaims, type Claims } from '../../pipelines/runners/claims.ts';
import { openIbm } from '../../pipelines/runners/ibm-open.ts';
import { readSettings } from '../../pipelines/settings/read.ts';
import type { QuantumSettings } from '../../pipelines/settings/quantum.ts';
import { repositoryAt } from '../../registry/store/repository.ts';
import type { RunnerName } from './optimise-ask.ts';
import type { VerbContext } from './verb.ts';
import { hideShelf, shelfIn } from './workplace.ts';

export interface Machines {
  /** The machine that was asked for, and what stands in for it where it gives no answer. */
  readonly runners: readonly CircuitRunner[];
  readonly settings: QuantumSettings;
  /** Where it is kept how each run went. */
  readonly records: string;
}

interface Opening {
  readonly settings: QuantumSettings;
  readonly claims: Claims;
  readonly device: string | undefined;
}

/** What a person asks for where they name no machine: simulators of the service, which cost least. */
const BRAKET_SIMULATOR = 'sv1';

/** Every service by its name: the machine that was asked for, and the service's own stand-in. */
const OPENERS: Readonly<
  Record<RunnerName, (context: VerbContext, opening: Opening) => Promise<readonly CircuitRunner[]>>
> = {
  async braket({ secrets, now }, { settings, claims, device }) {
    const account = { ...settings.braket, key: secrets.stores.s3, claims, now };
    const first = await openBraket(account, device ?? BRAKET_SIMULATOR);
    return first.kind === 'qpu' ? [first, await openBraket(account, BRAKET_SIMULATOR)] : [first];
  },
  async 'ibm-quantum'({ secrets, now }, { settings, claims, device }) {
    const apiKey = secrets.stores.ibmKey ?? null;
    return [openIbm({ ...settings.ibm, apiKey, claims, now }, device ?? settings.ibm.backend)];
  },
};

/** @throws serviceNotTold, machineUnknown, settingsMisshapen, notARepository */
export async function machinesFor(
  context: VerbContext,
  { runner, device }: { readonly runner: RunnerName; readonly device?: string | undefined },
): Promise<Machines> {
  const repository = await repositoryAt(context.folder);
  const { quantum: settings } = await readSettings(repository.top);
  const shelf = shelfIn(repository);
  if (!context.dryRun) await hideShelf(shelf);
  const claims = folderClaims(path.join(shelf.folder, 'quantum'));
  const records = path.join(shelf.folder, 'optimised');
  return { runners: await OPENERS[runner](context, { settings, claims, device }), settings, records };
}
