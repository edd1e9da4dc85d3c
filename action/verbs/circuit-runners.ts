/** Services that run circuits elsewhere, by the name that people choose one by. */
import path from 'node:path';
import { openBraket } from '../../pipelines/runners/braket-open.ts';
import type { CircuitRunner } from '../../pipelines/runners/circuit-runner.ts';
import { folderClaims } from '../../pipelines/runners/claims.ts';
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
}

/** What a person asks for where they name no machine: simulators of the service, which cost least. */
const BRAKET_SIMULATOR = 'sv1';

/** @throws serviceNotTold, machineUnknown, settingsMisshapen, notARepository */
export async function machinesFor(
  context: VerbContext,
  asked: { readonly runner: RunnerName; readonly device?: string | undefined },
): Promise<Machines> {
  const repository = await repositoryAt(context.folder);
  const { quantum: settings } = await readSettings(repository.top);
  const shelf = shelfIn(repository);
  if (!context.dryRun) await hideShelf(shelf);
  const account = {
    ...settings.braket,
    key: context.secrets.stores.s3,
    claims: folderClaims(path.join(shelf.folder, 'quantum')),
    now: context.now,
  };
  const first = await openBraket(account, asked.device ?? BRAKET_SIMULATOR);
  const second = first.kind === 'qpu' ? [await openBraket(account, BRAKET_SIMULATOR)] : [];
  return { runners: [first, ...second], settings };
}
