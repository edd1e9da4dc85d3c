/** A judged artifact becomes a version, and serves when every gate passed. All of it in one append. */
import { championMoved } from '../faults.ts';
import type { Deed, EventOf, Lineage } from '../schema/event.ts';
import { versionAfter, type Channel, type ModelName, type Version } from '../schema/model.ts';
import type { ArtifactRef } from '../schema/artifact.ts';
import type { StepRecord } from '../schema/run.ts';
import type { RegistryState } from '../schema/state.ts';
import { answerOf, type Answer, type GateVerdict, type Judged } from '../schema/verdict.ts';
import { frozenIn, lastVersion, runOf } from '../state/query.ts';

export interface JudgedCandidate {
  readonly model: ModelName;
  readonly artifacts: Readonly<Record<string, ArtifactRef>>;
  readonly lineage: Lineage;
  readonly evaluation: Omit<EventOf<'evaluation.recorded'>['body'], 'version' | 'run'>;
  readonly gates: readonly GateVerdict[];
  /** What the gates judged by. */
  readonly judged?: Judged;
  /** The version it was compared with; it must still serve when this is decided. */
  readonly against: Version | null;
  /** Where it serves when every gate passed; null leaves promotion to people. */
  readonly channel: Channel | null;
  /** How many people the settings ask for before it serves there; left out where the policy alone asks. */
  readonly approvals?: number;
  /** How many the run itself asks for, whatever the settings say: recorded, and held to whenever it is promoted. */
  readonly demanded?: number;
  readonly steps: readonly StepRecord[];
}

/**
 * @returns nothing when this run has been recorded already
 * @throws championMoved when another version serves than the candidate was judged against
 */
export function decideRegistration(state: RegistryState, candidate: JudgedCandidate): readonly Deed[] {
  const { model, lineage, against, channel } = candidate;
  const known = state.models.get(model);
  if (runOf(known, lineage.run)?.outcome?.kind === 'completed') return [];

  const serving = known?.serving[channel ?? 'production'] ?? null;
  if (serving !== against) throw championMoved({ model, against, serving });

  const version = versionAfter(lastVersion(known)?.version ?? null);
  const answer = answerOf(candidate.gates);
  return [
    ...record(candidate, version, answer),
    ...(mayServeAtOnce(state, candidate) ? promotion(candidate, { version, answer }) : []),
    {
      type: 'run.finished',
      subject: model,
      body: { run: lineage.run, outcome: { kind: 'completed' }, steps: [...candidate.steps] },
    },
  ];
}

/** Where people must approve, or have stopped, frozen or held it, the gates alone decide nothing. */
function mayServeAtOnce({ trust, models }: RegistryState, candidate: JudgedCandidate): boolean {
  const { model, channel, approvals = 0, demanded = 0 } = candidate;
  if (channel === null || approvals > 0 || demanded > 0) return false;
  const held = models.get(model)?.hold ?? null;
  const closed = trust.stopped ?? frozenIn(trust, channel) ?? held;
  return closed === null && trust.policy?.policy.approvals[channel] === undefined;
}

function record(candidate: JudgedCandidate, version: Version, answer: Answer): readonly Deed[] {
  const { model, artifacts, lineage, evaluation, gates, against, judged, channel, demanded = 0 } = candidate;
  const { run } = lineage;
  // A batch that made the model worse is not trained on again; thin evidence is no reason to throw data away.
  const keepsData = answer !== 'fail';
  return [
    { type: 'model.registered', subject: model, body: { version, artifacts: { ...artifacts }, lineage } },
    { type: 'evaluation.recorded', subject: model, body: { version, run, ...evaluation } },
    {
      type: 'verdict.given',
      subject: model,
      body: {
        version,
        run,
        against,
        answer,
        gates: [...gates],
        keepsData,
        ...(judged === undefined ? {} : { judged }),
        ...(demanded === 0 ? {} : { approvals: { channel: channel ?? 'production', count: demanded } }),
      },
    },
  ];
}

function promotion(
  { model, channel, against, gates }: JudgedCandidate,
  { version, answer }: { readonly version: Version; readonly answer: Answer },
): readonly Deed[] {
  if (channel === null || answer !== 'pass') return [];
  const decisive = gates.find(({ gate }) => gate === 'no-regression') ?? gates[0];
  const reason = decisive === undefined ? 'every gate passed' : decisive.reason;
  const body = { version, channel, replaces: against, automatic: true, waived: [], reason };
  return [{ type: 'model.promoted', subject: model, body }];
}
