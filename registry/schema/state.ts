/** What is, one model at a time: the derived words that are committed beside the log and bounded in size. */
import * as z from 'zod';
import { Digest } from '../base/digest.ts';
import { ArtifactKind, ArtifactRef } from './artifact.ts';
import { Approved, Lineage, ServiceEvidence } from './event.ts';
import { LeaseState, Spent } from './lease.ts';
import { Metric } from './metric.ts';
import { Channel, ModelName, Version } from './model.ts';
import { ModuleName, SignedAttestation, SignedPolicy } from './policy.ts';
import { Outcome, RunId, StepRecord } from './run.ts';
import { Answer, Demand, GateVerdict, Granted, Paired } from './verdict.ts';

/** Older versions, tenures, decisions and runs stay in the log; the view keeps the last ones. */
export const KEPT = {
  versions: 50,
  tenures: 50,
  decisions: 50,
  runs: 20,
  approvals: 20,
  attempts: 20,
  refused: 20,
  forgotten: 200,
  grants: 62,
  leases: 100,
  months: 3,
} as const;

export const EvaluationState = z.strictObject({
  run: RunId,
  holdout: Digest,
  outcomes: ArtifactRef,
  metrics: z.array(Metric),
  labels: z.array(z.string()),
  confusion: z.array(z.array(z.int().min(0))),
});
export type EvaluationState = z.infer<typeof EvaluationState>;

export const VerdictState = z.strictObject({
  run: RunId,
  against: Version.nullable(),
  answer: Answer,
  gates: z.array(GateVerdict),
  /** Beside the version that served; left out where nothing of it was recorded. */
  paired: Paired.exactOptional(),
  /** Approvals that the run itself asked for; left out where it asked for none. */
  approvals: Demand.exactOptional(),
});
export type VerdictState = z.infer<typeof VerdictState>;

/** What is left of what a version was made from and scored on, once rows of it were forgotten. */
export const Forgotten = z.strictObject({
  /** When rows were last taken out. */
  at: z.iso.datetime(),
  /** Rows taken out of the dataset, in all. */
  rows: z.int().min(0),
  /** The dataset as it is now; null when nothing is left of it. */
  data: Digest.nullable(),
  /** The outcomes as they are now; null when nothing is left, or where there were none. */
  outcomes: Digest.nullable(),
});
export type Forgotten = z.infer<typeof Forgotten>;

export const VersionState = z.strictObject({
  version: Version,
  seq: z.int(),
  at: z.iso.datetime(),
  by: z.string(),
  /** The account's number; null where somebody sat at a machine. */
  byId: z.int().nullable(),
  artifacts: z.record(z.string(), ArtifactRef),
  /** Null for a version that was imported: nobody told how it was made. */
  lineage: Lineage.nullable(),
  /** The tag that it was read from; null for a version made here. */
  imported: z.strictObject({ source: z.string(), tag: z.string(), commit: z.string() }).nullable(),
  evaluation: EvaluationState.nullable(),
  verdict: VerdictState.nullable(),
  /** Why it was taken out of service; such a version is not promoted automatically again. */
  rolledBack: z.string().nullable(),
  /** Null while the rows that it was made from are all there. */
  forgotten: Forgotten.nullable(),
});
export type VersionState = z.infer<typeof VersionState>;

/** One stretch of service. */
export const Tenure = z.strictObject({
  channel: Channel,
  version: Version,
  from: z.iso.datetime(),
  until: z.iso.datetime().nullable(),
  /** How it came to serve. */
  by: z.enum(['promotion', 'rollback', 'import']),
});
export type Tenure = z.infer<typeof Tenure>;

/** One line of the story that people read. */
export const Decision = z.strictObject({
  seq: z.int(),
  at: z.iso.datetime(),
  by: z.string(),
  what: z.enum(['promoted', 'refused', 'held', 'rolled-back', 'retired', 'imported']),
  version: Version.nullable(),
  /** Before: what served when it was decided; null when nothing did. */
  before: Version.nullable(),
  channel: Channel.nullable(),
  automatic: z.boolean(),
  /** Gates that had not passed and were overruled by whoever promoted. */
  waived: z.array(z.string()),
  reason: z.string(),
  evidence: ServiceEvidence.nullable(),
});
export type Decision = z.infer<typeof Decision>;

export const RunState = z.strictObject({
  /** Inputs from outside by name, pinned. */
  inputs: z.array(z.strictObject({ name: z.string(), digest: Digest, sizeBytes: z.int().min(0) })),
  run: RunId,
  recipe: z.string(),
  asked: z.record(z.string(), z.string()),
  steps: z.array(z.string()),
  startedAt: z.iso.datetime(),
  /** Null while it runs, or after it was cut off. */
  finishedAt: z.iso.datetime().nullable(),
  outcome: Outcome.nullable(),
  records: z.array(StepRecord),
});
export type RunState = z.infer<typeof RunState>;

export const Approval = z.strictObject({
  seq: z.int(),
  at: z.iso.datetime(),
  by: z.string(),
  /** Accounts are counted by number, because a login can be renamed and taken by somebody else. */
  byId: z.int(),
  expires: z.iso.datetime(),
  of: Approved,
});
export type Approval = z.infer<typeof Approval>;

/** A word on a promotion that is not an approval. */
export const PromotionWord = z.strictObject({
  seq: z.int(),
  at: z.iso.datetime(),
  by: z.string(),
  /** The account's number; null where somebody sat at a machine. */
  byId: z.int().nullable(),
  reason: z.string(),
  of: Approved,
});
export type PromotionWord = z.infer<typeof PromotionWord>;

/** What somebody closed, and why. */
const Closed = z.strictObject({ seq: z.int(), at: z.iso.datetime(), by: z.string(), reason: z.string() });

export const ModelState = z.strictObject({
  model: ModelName,
  lastSeq: z.int(),
  /** Position of the last event that decisions rest on: no approval, and no run beginning or ending. */
  settledSeq: z.int(),
  versionCount: z.int(),
  /** Oldest first; the ones in service are kept whatever their age. */
  versions: z.array(VersionState),
  serving: z.partialRecord(Channel, Version),
  /** Oldest first. */
  tenures: z.array(Tenure),
  decisions: z.array(Decision),
  runs: z.array(RunState),
  /** Steps of open runs that machines elsewhere took on, in the order of what was last heard of them. */
  leases: z.array(LeaseState),
  /** What runs took by month, oldest first. */
  spent: z.array(Spent),
  /** Of the versions as they are now; those of an earlier moment are dropped. */
  approvals: z.array(Approval),
  /** Promotions that were asked for or refused by people, of the versions as they are now. */
  asked: z.array(PromotionWord),
  refusals: z.array(PromotionWord),
  /** Oldest day first. */
  grants: z.array(Granted),
  /** While it is set the gates alone promote nothing. */
  hold: Closed.nullable(),
  /** The dataset that the next run adds its batch to; null before the first, and after only refused batches. */
  data: Digest.nullable(),
  retired: z.strictObject({ at: z.iso.datetime(), reason: z.string() }).nullable(),
});
export type ModelState = z.infer<typeof ModelState>;

/** What concerns the registry as a whole. */
export const TrustState = z.strictObject({
  /** −1 before the first event of this kind. */
  lastSeq: z.int(),
  policy: SignedPolicy.nullable(),
  /** The last attestation of each module. */
  attestations: z.array(z.strictObject({ seq: z.int(), module: ModuleName, signed: SignedAttestation })),
  /** While it is set nothing is promoted and no module acts. */
  stopped: Closed.nullable(),
  /** Channels into which nothing is promoted; going back stays possible. */
  frozen: z.array(z.strictObject({ channel: Channel, ...Closed.shape })),
  /** Parcels that were not folded. */
  refused: z.array(
    z.strictObject({ seq: z.int(), at: z.iso.datetime(), parcel: Digest, reason: z.string() }),
  ),
  /** Sources and datasets from which rows were taken, the last ones: whoever still names them means the replacement. */
  forgotten: z.array(
    z.strictObject({
      seq: z.int(),
      kind: ArtifactKind,
      removed: Digest,
      replacement: Digest.nullable(),
    }),
  ),
  attempts: z.array(
    z.strictObject({
      seq: z.int(),
      at: z.iso.datetime(),
      by: z.string(),
      module: ModuleName,
      allowed: z.boolean(),
      reason: z.string(),
    }),
  ),
});
export type TrustState = z.infer<typeof TrustState>;

export interface RegistryState {
  readonly trust: TrustState;
  readonly models: ReadonlyMap<ModelName, ModelState>;
}
