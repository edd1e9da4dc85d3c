/** What the events about the registry as a whole mean: policy, attestations, and the switch that stops everything. */
import type { ArtifactKind } from '../schema/artifact.ts';
import type { EventOf, EventType, ModelEvent, RegistryEvent } from '../schema/event.ts';
import { KEPT, type TrustState } from '../schema/state.ts';

const OF_THE_LOG = ['registry.created', 'optimisation.recorded', 'snapshot.sealed', 'epoch.begun'] as const;
type LogEvent = (typeof OF_THE_LOG)[number];

/** A beginning, a seal and a comparison of solvers are read in the log: no decision rests on them. */
export function isLogEvent(event: RegistryEvent): event is EventOf<LogEvent> {
  const types: readonly EventType[] = OF_THE_LOG;
  return types.includes(event.type);
}

type TrustEvent = Exclude<RegistryEvent, ModelEvent | EventOf<LogEvent>>;

/** What a file or a run under way may still name after its rows were forgotten. */
const NAMED_AGAIN: readonly ArtifactKind[] = ['source', 'dataset'];

export const UNTRUSTED: TrustState = {
  lastSeq: -1,
  policy: null,
  attestations: [],
  stopped: null,
  frozen: [],
  refused: [],
  forgotten: [],
  attempts: [],
};

export function evolveTrust(before: TrustState, event: TrustEvent & { readonly seq: number }): TrustState {
  const { seq, at, by } = event;
  const after = { ...before, lastSeq: seq };
  switch (event.type) {
    case 'policy.changed':
      return { ...after, policy: event.body };
    case 'module.attested': {
      const { module } = event.body.attestation;
      const others = before.attestations.filter((known) => known.module !== module);
      return { ...after, attestations: [...others, { seq, module, signed: event.body }] };
    }
    case 'activation.tried': {
      const attempts = [...before.attempts, { seq, at, by: by.login, ...event.body }];
      return { ...after, attempts: attempts.slice(-KEPT.attempts) };
    }
    case 'switch.thrown':
      return { ...after, stopped: { seq, at, by: by.login, reason: event.body.reason } };
    case 'switch.released':
      return { ...after, stopped: null };
    case 'channel.frozen': {
      const { channel, reason } = event.body;
      const others = before.frozen.filter((known) => known.channel !== channel);
      return { ...after, frozen: [...others, { channel, seq, at, by: by.login, reason }] };
    }
    case 'channel.thawed': {
      const { channel } = event.body;
      return { ...after, frozen: before.frozen.filter((known) => known.channel !== channel) };
    }
    case 'parcel.refused': {
      const { parcel, reason } = event.body;
      return { ...after, refused: [...before.refused, { seq, at, parcel, reason }].slice(-KEPT.refused) };
    }
    case 'artifact.forgotten': {
      const { kind, removed, replacement } = event.body;
      if (!NAMED_AGAIN.includes(kind)) return after;
      const forgotten = [...before.forgotten, { seq, kind, removed, replacement }];
      return { ...after, forgotten: forgotten.slice(-KEPT.forgotten) };
    }
  }
}
