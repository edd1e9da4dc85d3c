/** A lineage as a tree of lines: a version, what became of it, what made it, and below that its parents likewise. */
import {
  versionId,
  type ChannelNode,
  type Lineage,
  type LineageNode,
  type RunNode,
  type VerdictNode,
  type VersionNode,
} from '../state/lineage.ts';
import { cameText, endedText, scoreText } from './service-words.ts';
import type { Version } from '../schema/model.ts';
import { nodeWords, shortDigest } from './lineage-words.ts';
import { bytesText, clauseOf, counted, plain, timeText } from './words.ts';

interface Branch {
  readonly text: string;
  readonly below: readonly Branch[];
}

export function lineageTree(lineage: Lineage): string {
  return linesOf(versionBranch(lineage, lineage.version, new Set())).join('\n');
}

function linesOf({ text, below }: Branch): readonly string[] {
  const lines = below.flatMap((branch, index) => {
    const last = index === below.length - 1;
    const [first = '', ...others] = linesOf(branch);
    return [`${last ? '└─ ' : '├─ '}${first}`, ...others.map((line) => `${last ? '   ' : '│  '}${line}`)];
  });
  return [plain(text), ...lines];
}

function leaf(text: string): Branch {
  return { text, below: [] };
}

/** @param above  versions that were told already: two may have one parent */
function versionBranch(lineage: Lineage, version: Version, above: Set<Version>): Branch {
  const node = lineage.nodes.find(
    (one): one is VersionNode => one.id === versionId(version) && one.kind === 'version',
  );
  if (node === undefined) return leaf(`${lineage.model}@${version}`);
  const { whole } = nodeWords(node, lineage.model);
  if (above.has(version)) return leaf(`${lineage.model}@${version}, told above`);
  above.add(version);
  if (!node.whole) {
    const more = node.parents.length === 0 ? '' : `; its parents: ${node.parents.join(', ')}`;
    return leaf(`${whole} (deeper: --depth)${more}`);
  }
  return {
    text: whole,
    below: [
      ...becameOf(lineage, node),
      ...filesOf(node),
      ...runsOf(lineage, node),
      ...node.parents.map((parent) => {
        const branch = versionBranch(lineage, parent, above);
        return { ...branch, text: `parent ${branch.text}` };
      }),
    ],
  };
}

function becameOf(lineage: Lineage, { version }: VersionNode): readonly Branch[] {
  return lineage.nodes.flatMap((node) => {
    if (node.kind === 'channel' && node.version === version) return [channelBranch(node)];
    if (node.kind === 'verdict' && node.version === version) return [verdictBranch(node, lineage.version)];
    return [];
  });
}

function channelBranch({ channel, services }: ChannelNode): Branch {
  const now = services.some(({ ended }) => ended === null);
  const lines = services.map((service) => {
    const end = service.ended === null ? 'serves now' : endedText(service);
    return leaf(`${timeText(service.from.at)}: ${cameText(service)}; ${end}`);
  });
  return { text: `${now ? 'serves' : 'served'} ${channel}`, below: lines };
}

/** Every gate of the version that was asked for; of an earlier one only what the first said. */
function verdictBranch({ version, answer, against, gates, metrics }: VerdictNode, asked: Version): Branch {
  const score = scoreText({ metrics });
  const lines = gates.map((gate) => leaf(`${gate.answer} ${gate.gate}: ${clauseOf(gate.reason)}`));
  return {
    text: `judged${against === null ? '' : ` against ${against}`}: ${answer}${score === '' ? '' : `; ${score}`}`,
    below: version === asked ? lines : lines.slice(0, 1),
  };
}

function filesOf({ artifacts }: VersionNode): readonly Branch[] {
  return Object.entries(artifacts).map(([name, { kind, digest, sizeBytes }]) =>
    leaf(`file ${name}: ${kind} ${shortDigest(digest)}, ${bytesText(sizeBytes)}`),
  );
}

function runsOf(lineage: Lineage, { id }: VersionNode): readonly Branch[] {
  const made = lineage.edges.filter((edge) => edge.to === id && edge.kind === 'made');
  return lineage.nodes
    .filter((node): node is RunNode => node.kind === 'run' && made.some(({ from }) => from === node.id))
    .map((node) => runBranch(lineage, node));
}

function runBranch(lineage: Lineage, node: RunNode): Branch {
  const { id, run, recipe, startedAt, code, commit, seed } = node;
  const from = new Set(lineage.edges.filter((edge) => edge.to === id).map((edge) => edge.from));
  const settings = settingsOf(lineage, node);
  return {
    text: `made by ${run}, ${recipe}${startedAt === null ? '' : `, ${timeText(startedAt)}`}`,
    below: [
      ...lineage.nodes.filter((one) => from.has(one.id)).flatMap(inputBranches),
      leaf(`code ${commit ?? 'without a commit'}, fettle ${code}, seed ${seed}`),
      ...(settings.length === 0 ? [] : [{ text: 'parameters', below: settings.map(leaf) }]),
    ],
  };
}

function inputBranches(node: LineageNode): readonly Branch[] {
  switch (node.kind) {
    case 'data':
      return [
        leaf(`data ${shortDigest(node.digest)}${node.rows === null ? '' : `, ${counted(node.rows, 'row')}`}`),
      ];
    case 'source':
      return [leaf(`taken in as ${node.name}: ${shortDigest(node.digest)}, ${bytesText(node.sizeBytes)}`)];
    default:
      return [];
  }
}

/** All of the first run's; of an earlier one's only those that were others. */
function settingsOf({ nodes }: Lineage, node: RunNode): readonly string[] {
  const first = nodes.find((one): one is RunNode => one.kind === 'run');
  const all = Object.entries(node.params);
  const shown = first === node ? all : all.filter(([name, value]) => first?.params[name] !== value);
  return shown.map(([name, value]) => `${name} = ${value}`);
}
