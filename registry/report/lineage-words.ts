/** What the nodes of a lineage are called, short enough for a picture and whole for whoever looks closer. */
import type { ModelName } from '../schema/model.ts';
import type {
  ChannelNode,
  DataNode,
  LineageNode,
  RunNode,
  SourceNode,
  VerdictNode,
  VersionNode,
} from '../state/lineage.ts';
import { cameText, scoreText } from './service-words.ts';
import { bytesText, counted, timeText } from './words.ts';

export interface NodeWords {
  /** What kind of thing it is, in one or two words. */
  readonly kind: string;
  readonly name: string;
  readonly detail: string;
  /** All of it, in one line. */
  readonly whole: string;
}

/** Enough digits of a digest to find it by; twelve are what git would show. */
export function shortDigest(digest: string): string {
  return digest.replace(/^(sha256:|run-)/, '').slice(0, 12);
}

export function nodeWords(node: LineageNode, model: ModelName): NodeWords {
  switch (node.kind) {
    case 'data':
      return dataWords(node);
    case 'source':
      return sourceWords(node);
    case 'run':
      return runWords(node);
    case 'version':
      return versionWords(node, model);
    case 'verdict':
      return verdictWords(node);
    case 'channel':
      return channelWords(node);
  }
}

function dataWords({ digest, rows }: DataNode): NodeWords {
  const detail = rows === null ? 'held-out items' : counted(rows, 'row');
  return { kind: 'dataset', name: shortDigest(digest), detail, whole: `dataset ${digest}, ${detail}` };
}

function sourceWords({ name, digest, sizeBytes }: SourceNode): NodeWords {
  const detail = bytesText(sizeBytes);
  return {
    kind: name,
    name: shortDigest(digest),
    detail,
    whole: `taken in as ${name}: ${digest}, ${detail}`,
  };
}

function runWords({ run, recipe, startedAt, code, commit, seed }: RunNode): NodeWords {
  const when = startedAt === null ? '' : `, started ${timeText(startedAt)}`;
  const made = `code ${commit === null ? 'without a commit' : commit}, fettle ${code}, seed ${seed}`;
  return { kind: 'run', name: shortDigest(run), detail: recipe, whole: `${run}, ${recipe}${when}; ${made}` };
}

function versionWords({ version, registered }: VersionNode, model: ModelName): NodeWords {
  const name = `${model}@${version}`;
  if (registered === null) {
    return { kind: 'version', name, detail: 'not in this log', whole: `${name}, not in this log` };
  }
  const whole = `${name}, registered ${timeText(registered.at)} by ${registered.login}`;
  return { kind: 'version', name, detail: registered.at.slice(0, 10), whole };
}

function verdictWords({ answer, against, gates, metrics }: VerdictNode): NodeWords {
  const passed = gates.filter((gate) => gate.answer === 'pass').length;
  const name = { pass: 'passed', fail: 'refused', investigate: 'held' }[answer];
  const count = `${passed} of ${counted(gates.length, 'gate')}`;
  const versus = against === null ? '' : ` against ${against}`;
  const score = scoreText({ metrics });
  const stopped = gates
    .filter((gate) => gate.answer !== 'pass')
    .map(({ gate, reason }) => `${gate}: ${reason}`);
  const whole = [`${name}${versus}, ${count} passed`, ...(score === '' ? [] : [score]), ...stopped].join(
    '; ',
  );
  return { kind: 'verdict', name, detail: count, whole };
}

function channelWords({ channel, version, services }: ChannelNode): NodeWords {
  const kind = services.some(({ ended }) => ended === null) ? 'serves' : 'served';
  const times = services.length === 1 ? '' : `, ${services.length} times`;
  const detail = `${services[0]?.from.at.slice(0, 10) ?? ''}${times}`;
  const came = services.map((service) => `${cameText(service)} ${timeText(service.from.at)}`).join('; ');
  return { kind, name: channel, detail, whole: `${version} ${kind} ${channel}: ${came}` };
}
