/** A lineage in the language of Graphviz, for whoever draws it otherwise. */
import type { Lineage } from '../state/lineage.ts';
import { nodeWords } from './lineage-words.ts';

const SHAPES = {
  data: 'cylinder',
  source: 'note',
  run: 'component',
  version: 'box',
  verdict: 'diamond',
  channel: 'house',
} as const;

export function lineageDot({ model, version, nodes, edges }: Lineage): string {
  const lines = nodes.map((node) => {
    const { kind, name, detail } = nodeWords(node, model);
    const label = [kind, name, detail].map(escaped).join(String.raw`\n`);
    return `  ${quoted(node.id)} [shape=${SHAPES[node.kind]}, label="${label}"];`;
  });
  const arrows = edges.map(
    ({ from, to, kind }) => `  ${quoted(from)} -> ${quoted(to)} [label=${quoted(kind)}];`,
  );
  return [`digraph ${quoted(`${model}@${version}`)} {`, ...lines, ...arrows, '}'].join('\n');
}

function quoted(text: string): string {
  return `"${escaped(text)}"`;
}

/** Inside quotes only these two are special; control characters would break lines. */
function escaped(text: string): string {
  return text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`);
}
