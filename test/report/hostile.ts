/** A state in which everything that came from outside wants to do harm, and the check that markup stayed whole. */
import { digestOf } from '../../registry/base/digest.ts';
import type { Entry } from '../../registry/schema/entry.ts';
import type { RegistryEvent } from '../../registry/schema/event.ts';
import type { ModelState, RegistryState } from '../../registry/schema/state.ts';

export const ATTACKS = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  ']]></title></style></desc><svg/onload=alert(1)>',
  '@everyone @octocat #1 GH-7 | x | `code` [link](javascript:alert(1)) ![i](http://x.test/y.png)',
  '| a | b |\n|---|---|\n# heading\n\n- [ ] task',
  '</details><details open>',
  '&lt;b&gt;&#60;script&#62;',
  '```\n$\\ce{H2O}$ <!-- https://x.test www.x.test',
  '\u202Edetrever \u2066hidden\u0007',
] as const;

function poisonedModel(known: ModelState, text: string): ModelState {
  return {
    ...known,
    versions: known.versions.map((version) => ({
      ...version,
      by: text,
      artifacts: Object.fromEntries(Object.values(version.artifacts).map((file) => [text, file])),
      lineage: version.lineage && {
        ...version.lineage,
        params: { [text]: text },
        recipe: text,
        code: text,
        commit: text,
      },
      evaluation: version.evaluation && {
        ...version.evaluation,
        labels: version.evaluation.labels.map(() => text),
      },
      verdict: version.verdict && {
        ...version.verdict,
        gates: version.verdict.gates.map((gate) => ({ ...gate, reason: text })),
      },
      rolledBack: version.rolledBack && text,
    })),
    decisions: known.decisions.map((decision) => ({ ...decision, reason: text, by: text, automatic: false })),
    runs: known.runs.map((run) => ({
      ...run,
      recipe: text,
      outcome: { kind: 'failed', fault: text, says: text, step: text },
      records: run.records.map((record) => ({ ...record, step: text })),
    })),
    retired: known.retired && { ...known.retired, reason: text },
  };
}

export function poisoned(state: RegistryState, text: string): RegistryState {
  return {
    ...state,
    models: new Map([...state.models].map(([model, known]) => [model, poisonedModel(known, text)])),
  };
}

const EMPTY_ELEMENTS = new Set(['meta', 'path', 'rect', 'circle', 'line', '!doctype', 'br']);
const TAG = /<(\/?)([a-zA-Z!][\w-]*)((?:\s+[\w:-]+(?:="[^"<]*")?)*)\s*(\/?)>/g;

/** What is wrong with the markup: tags not closed in order, a stray `<`, an attribute that listens. Empty when whole. */
export function faultsOf(text: string): readonly string[] {
  const faults: string[] = [];
  const open: string[] = [];
  for (const [tag, close, name = '', attributes = '', self] of text.matchAll(TAG)) {
    const listens = /\s(on\w+|src|style)\b/i.test(attributes.replaceAll(/"[^"]*"/g, '""'));
    if (listens) faults.push(`attribute in ${tag}`);
    if (self === '/' || EMPTY_ELEMENTS.has(name.toLowerCase())) continue;
    if (close === '') open.push(name);
    else if (open.pop() !== name) faults.push(`${tag} closes what was not open`);
  }
  const stray = text
    .replaceAll(TAG, '')
    .replaceAll(/<style>.*<\/style>/gs, '')
    .match(/<.{0,40}/);
  if (stray !== null) faults.push(`stray ${stray[0]}`);
  return [...faults, ...open.map((name) => `${name} stays open`)];
}

/** Every text of an event that came from outside and that no schema holds to a form. */
export function poisonedLog(entries: readonly Entry[], text: string): readonly Entry[] {
  return entries.map((entry) => {
    const { event } = entry;
    return event === null ? entry : { ...entry, event: poisonedEvent(event, text) };
  });
}

function poisonedEvent(event: RegistryEvent, text: string): RegistryEvent {
  const by = { ...event.by, login: text };
  switch (event.type) {
    case 'run.started':
      return {
        ...event,
        by,
        body: { ...event.body, recipe: text, inputs: [poisonedInput(text)], asked: { [text]: text } },
      };
    case 'lease.taken':
      return { ...event, by, body: { ...event.body, holder: text, step: text } };
    case 'lease.ended':
      return {
        ...event,
        by,
        body: { ...event.body, step: text, end: { kind: 'failed', fault: text, says: text } },
      };
    case 'model.registered': {
      const lineage = {
        ...event.body.lineage,
        recipe: text,
        code: text,
        commit: text,
        params: { [text]: text },
      };
      const artifacts = Object.fromEntries(Object.values(event.body.artifacts).map((file) => [text, file]));
      return { ...event, by, body: { ...event.body, artifacts, lineage } };
    }
    case 'verdict.given': {
      const gates = event.body.gates.map((gate) => ({ ...gate, reason: text }));
      return { ...event, by, body: { ...event.body, gates } };
    }
    case 'model.promoted':
      return { ...event, by, body: { ...event.body, automatic: false, waived: [text], reason: text } };
    case 'model.rolled-back':
      return { ...event, by, body: { ...event.body, reason: text } };
    case 'model.retired':
      return { ...event, by, body: { reason: text } };
    default:
      return { ...event, by };
  }
}

function poisonedInput(name: string) {
  return { name, digest: digestOf(name), sizeBytes: 1 };
}
