/** What happened: every kind of event that the log holds, in the envelope that all of them share. */
import * as z from 'zod';
import { Decimal } from '../base/decimal.ts';
import { Digest } from '../base/digest.ts';
import { ArtifactKind, ArtifactRef } from './artifact.ts';
import { LeaseEnded, LeaseTaken } from './lease.ts';
import { Metric } from './metric.ts';
import { Channel, ModelName, Version } from './model.ts';
import { OptimisationRecorded } from './optimisation.ts';
import { ModuleName, SignedAttestation, SignedPolicy } from './policy.ts';
import { Outcome, RunId, StepRecord } from './run.ts';
import { Answer, Demand, GateVerdict, Judged } from './verdict.ts';

/** Who caused it: a GitHub account by its numeric id, or whoever git says sits at this machine. */
export const Actor = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['user', 'bot']), id: z.int().positive(), login: z.string().min(1) }),
  z.strictObject({ kind: z.literal('local'), login: z.string().min(1) }),
]);
export type Actor = z.infer<typeof Actor>;

/** Through which door it came, with what identifies the visit there. */
export const Source = z.discriminatedUnion('door', [
  z.strictObject({ door: z.literal('cli') }),
  z.strictObject({
    door: z.literal('action'),
    repo_id: z.int(),
    run_id: z.int(),
    attempt: z.int(),
    job: z.string(),
    sha: z.string(),
  }),
  /** A comment that a person wrote to the bot. */
  z.strictObject({
    door: z.literal('bot'),
    repo_id: z.int(),
    thread: z.int().positive(),
    comment_id: z.int().positive(),
  }),
]);
export type Source = z.infer<typeof Source>;

const RegistryCreated = z.strictObject({
  /** Which registry this is, for ever; one line of a checkpoint, so it has no line end and no space. */
  origin: z.string().regex(/^[\x21-\x7e]{1,200}$/, 'an origin: visible ASCII characters'),
  epoch: z.int().min(1),
});

const RunStarted = z.strictObject({
  run: RunId,
  recipe: z.string(),
  /** The words the run was asked with, as text; the plan's digest covers them. */
  asked: z.record(z.string(), z.string()),
  /** Inputs from outside, pinned. */
  inputs: z.array(z.strictObject({ name: z.string(), digest: Digest, sizeBytes: z.int().min(0) })),
  /** The steps by name in order, so that a run that was cut off shows what was left. */
  steps: z.array(z.string()),
});

const RunFinished = z.strictObject({ run: RunId, outcome: Outcome, steps: z.array(StepRecord) });

/** Everything needed to make the same bytes again. */
export const Lineage = z.strictObject({
  run: RunId,
  recipe: z.string(),
  /** The dataset it was trained on. */
  data: Digest,
  dataRows: z.int().min(0),
  /** Commit of the repository's code; null before its first commit. */
  commit: z.string().nullable(),
  /** Version of Fettle. */
  code: z.string(),
  params: z.record(z.string(), z.string()),
  seed: z.int(),
  /** Versions it was compared with or made from. */
  parents: z.array(Version),
});
export type Lineage = z.infer<typeof Lineage>;

const ModelRegistered = z.strictObject({
  version: Version,
  /** The model's files by name: `model`, `card`. */
  artifacts: z.record(z.string(), ArtifactRef),
  lineage: Lineage,
});

const Evaluation = z.strictObject({
  version: Version,
  run: RunId,
  /** The items it was scored on. */
  holdout: Digest,
  /** Per-item outcomes, kept as an artifact. */
  outcomes: ArtifactRef,
  metrics: z.array(Metric),
  labels: z.array(z.string()),
  /** Row: true label, column: predicted; both in the order of `labels`. */
  confusion: z.array(z.array(z.int().min(0))),
});

const VerdictGiven = z.strictObject({
  version: Version,
  run: RunId,
  /** The version that served when it was judged; null when none did. */
  against: Version.nullable(),
  answer: Answer,
  gates: z.array(GateVerdict).min(1),
  /** False when the batch that this run brought in must not be trained on again. */
  keepsData: z.boolean(),
  /** Left out by whoever judged before it was kept: such a verdict cannot be derived again. */
  judged: Judged.exactOptional(),
  /** Left out where the run itself asked for none. */
  approvals: Demand.exactOptional(),
});

const ModelPromoted = z.strictObject({
  version: Version,
  channel: Channel,
  /** The version that served until now; null for the first. */
  replaces: Version.nullable(),
  /** True when the gates alone decided. */
  automatic: z.boolean(),
  /** Gates that had not passed and were waived by the actor. */
  waived: z.array(z.string()),
  reason: z.string().max(1000),
});

/** What service showed, when service is why a version was taken back. */
export const ServiceEvidence = z.strictObject({
  outcomes: ArtifactRef,
  n: z.int().min(1),
  errors: z.int().min(0),
  /** Error rate the version was promised to stay under. */
  expectedErrorMax: Decimal,
  /** E-value against "the error rate is at most that"; capped at 1e12. */
  eValue: Decimal,
  /** How many outcomes had been seen when the e-value first passed its threshold. */
  detectedAt: z.int().min(1),
  /** Errors among these first outcomes, and the chance that was allowed: from them the e-value follows again. */
  errorsThen: z.int().min(0).exactOptional(),
  alpha: Decimal.exactOptional(),
});
export type ServiceEvidence = z.infer<typeof ServiceEvidence>;

const ModelRolledBack = z.strictObject({
  channel: Channel,
  from: Version,
  to: Version,
  automatic: z.boolean(),
  reason: z.string().min(1).max(1000),
  evidence: ServiceEvidence.nullable(),
});

/** What another registry's tag did, in our words. */
export const ImportedDeed = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('registered'), version: Version }),
  /** Which version the channel serves after the tag; null for none. */
  z.strictObject({ kind: z.literal('serves'), channel: Channel, version: Version.nullable() }),
  z.strictObject({ kind: z.literal('deprecated') }),
]);
export type ImportedDeed = z.infer<typeof ImportedDeed>;

/** One tag of another registry, kept for what it is: it tells of no run, no data and no files. */
const ModelImported = z.strictObject({
  source: z.literal('gto'),
  tag: z.string(),
  /** The commit that the tag names. */
  commit: z.string(),
  taggedAt: z.iso.datetime(),
  /** Who made the tag. */
  by: z.string(),
  deed: ImportedDeed,
});

const ModelRetired = z.strictObject({ reason: z.string().min(1).max(1000) });

/** What an approver saw: any of it changing makes the approval one for something else. */
export const Approved = z.strictObject({
  version: Version,
  channel: Channel,
  /** What serves there while it is approved. */
  replaces: Version.nullable(),
  /** Digest of the model's files by name. */
  artifacts: Digest,
  /** Digest of the metrics; null where it was never scored. */
  metrics: Digest.nullable(),
  /** Version of the policy in force; 0 before the first. */
  policy: z.int().min(0),
  /** The model's settled position. */
  seen: z.int().min(0),
});
export type Approved = z.infer<typeof Approved>;

const ApprovalGiven = z.strictObject({ ...Approved.shape, expires: z.iso.datetime() });

/** Somebody wants it promoted, or does not: about exactly what was there to be seen. */
const OnPromotion = z.strictObject({ ...Approved.shape, reason: z.string().min(1).max(1000) });

/** A module that was declared inert was asked to act. */
const ActivationTried = z.strictObject({
  module: ModuleName,
  allowed: z.boolean(),
  reason: z.string().min(1).max(1000),
});

/** A parcel from the inbox that was not folded, kept by its digest so that nothing vanishes without a word. */
const ParcelRefused = z.strictObject({
  parcel: Digest,
  reason: z.string().min(1).max(1000),
  /** Types of the events in it; none when it could not be read. */
  types: z.array(z.string()).max(500),
});

/** Rows were taken out of bytes for good. Neither the rows nor what named them is told: the log is never rewritten. */
const ArtifactForgotten = z.strictObject({
  kind: ArtifactKind,
  removed: Digest,
  /** The same bytes without the rows; null when nothing was left. */
  replacement: Digest.nullable(),
  rows: z.int().min(1),
  reason: z.string().min(1).max(1000),
});

const Reasoned = z.strictObject({ reason: z.string().min(1).max(1000) });
const OnChannel = z.strictObject({ channel: Channel, ...Reasoned.shape });

/** The body of each type; adding one here makes the compiler ask for its fold and its line in the report. */
/** What all events before it fold to. */
const SnapshotSealed = z.strictObject({
  /** Events before it. */
  size: z.int().min(1),
  /** Version of the fold that made the files. */
  reducer: z.int().min(0),
  /** Of the sorted lines `<path> <sha256 in hex>` of every file under state, index and idem, as they were then. */
  state: Digest,
});

/** The log goes on in a tree without the lines before it, of which it says what they come to. */
const EpochBegun = z.strictObject({
  /** Its number: one more than that of the epoch that it ends. */
  epoch: z.int().min(2),
  ...SnapshotSealed.shape,
  /** RFC 6962 frontier of the events before it, hex: its root is that of the last checkpoint of the epoch it ends. */
  frontier: z.array(z.string().regex(/^[0-9a-f]{64}$/, '64 hex digits')).max(64),
});

const BODIES = {
  'registry.created': RegistryCreated,
  'run.started': RunStarted,
  'run.finished': RunFinished,
  'lease.taken': LeaseTaken,
  'lease.ended': LeaseEnded,
  'model.registered': ModelRegistered,
  'evaluation.recorded': Evaluation,
  'verdict.given': VerdictGiven,
  'model.promoted': ModelPromoted,
  'model.rolled-back': ModelRolledBack,
  'model.retired': ModelRetired,
  'promotion.asked': OnPromotion,
  'promotion.refused': OnPromotion,
  'approval.given': ApprovalGiven,
  'hold.placed': Reasoned,
  'hold.lifted': Reasoned,
  'channel.frozen': OnChannel,
  'channel.thawed': OnChannel,
  'policy.changed': SignedPolicy,
  'module.attested': SignedAttestation,
  'activation.tried': ActivationTried,
  'switch.thrown': Reasoned,
  'switch.released': Reasoned,
  'parcel.refused': ParcelRefused,
  'model.imported': ModelImported,
  'artifact.forgotten': ArtifactForgotten,
  'optimisation.recorded': OptimisationRecorded,
  'snapshot.sealed': SnapshotSealed,
  'epoch.begun': EpochBegun,
} as const;
export type EventType = keyof typeof BODIES;
export const EVENT_TYPES = Object.keys(BODIES) as readonly EventType[];

/** Origin day and 32 hex digits: the same deed asked twice carries the same key. */
export const IdemKey = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}-[0-9a-f]{32}$/, 'an idempotency key: day and 32 hex digits')
  .brand<'IdemKey'>();
export type IdemKey = z.infer<typeof IdemKey>;

/** The envelope without its type: what every reader of every age can rely on. */
export const Envelope = z.strictObject({
  v: z.literal(1),
  type: z.string(),
  /** Features a reader must know to compute state from this event. */
  crit: z.array(z.string()),
  /** The model, or `registry`. */
  subject: z.string(),
  /** When it happened, a remark: order is the position in the log. */
  at: z.iso.datetime(),
  by: Actor,
  src: Source,
  idem: IdemKey,
  body: z.record(z.string(), z.json()),
});

export type Envelope = z.infer<typeof Envelope>;

const { type: _type, body: _body, subject: _subject, ...SHARED } = Envelope.shape;

function eventOf<T extends EventType, S>(type: T, body: (typeof BODIES)[T], subject: S) {
  return z.strictObject({ ...SHARED, type: z.literal(type), subject, body });
}

export const RegistryEvent = z.discriminatedUnion('type', [
  eventOf('registry.created', BODIES['registry.created'], z.literal('registry')),
  eventOf('run.started', BODIES['run.started'], ModelName),
  eventOf('run.finished', BODIES['run.finished'], ModelName),
  eventOf('lease.taken', BODIES['lease.taken'], ModelName),
  eventOf('lease.ended', BODIES['lease.ended'], ModelName),
  eventOf('model.registered', BODIES['model.registered'], ModelName),
  eventOf('evaluation.recorded', BODIES['evaluation.recorded'], ModelName),
  eventOf('verdict.given', BODIES['verdict.given'], ModelName),
  eventOf('model.promoted', BODIES['model.promoted'], ModelName),
  eventOf('model.rolled-back', BODIES['model.rolled-back'], ModelName),
  eventOf('model.retired', BODIES['model.retired'], ModelName),
  eventOf('promotion.asked', BODIES['promotion.asked'], ModelName),
  eventOf('promotion.refused', BODIES['promotion.refused'], ModelName),
  eventOf('approval.given', BODIES['approval.given'], ModelName),
  eventOf('hold.placed', BODIES['hold.placed'], ModelName),
  eventOf('hold.lifted', BODIES['hold.lifted'], ModelName),
  eventOf('channel.frozen', BODIES['channel.frozen'], z.literal('registry')),
  eventOf('channel.thawed', BODIES['channel.thawed'], z.literal('registry')),
  eventOf('policy.changed', BODIES['policy.changed'], z.literal('registry')),
  eventOf('module.attested', BODIES['module.attested'], z.literal('registry')),
  eventOf('activation.tried', BODIES['activation.tried'], z.literal('registry')),
  eventOf('switch.thrown', BODIES['switch.thrown'], z.literal('registry')),
  eventOf('switch.released', BODIES['switch.released'], z.literal('registry')),
  eventOf('parcel.refused', BODIES['parcel.refused'], z.literal('registry')),
  eventOf('model.imported', BODIES['model.imported'], ModelName),
  eventOf('artifact.forgotten', BODIES['artifact.forgotten'], z.literal('registry')),
  eventOf('optimisation.recorded', BODIES['optimisation.recorded'], z.literal('registry')),
  eventOf('snapshot.sealed', BODIES['snapshot.sealed'], z.literal('registry')),
  eventOf('epoch.begun', BODIES['epoch.begun'], z.literal('registry')),
]);
export type RegistryEvent = z.infer<typeof RegistryEvent>;
export type EventOf<T extends EventType> = Extract<RegistryEvent, { type: T }>;

/** Events about the registry as a whole; every other one is about a model. */
const OF_THE_REGISTRY = [
  'registry.created',
  'policy.changed',
  'module.attested',
  'activation.tried',
  'switch.thrown',
  'switch.released',
  'channel.frozen',
  'channel.thawed',
  'parcel.refused',
  'artifact.forgotten',
  'optimisation.recorded',
  'snapshot.sealed',
  'epoch.begun',
] as const;
export type ModelEvent = Exclude<RegistryEvent, EventOf<(typeof OF_THE_REGISTRY)[number]>>;

export function isModelEvent(event: RegistryEvent): event is ModelEvent {
  const types: readonly EventType[] = OF_THE_REGISTRY;
  return !types.includes(event.type);
}

/** What decisions author: the deed, before the door's stamp (who, when, through which door) is put on it. */
export type Deed = { [T in EventType]: Pick<EventOf<T>, 'type' | 'subject' | 'body'> }[EventType];
