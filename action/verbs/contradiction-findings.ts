/** What `fettle doctor` says of facts in registry and settings that cannot all be true. */
import { examined } from '../../pipelines/contradictions/examine.ts';
import { readSettings } from '../../pipelines/settings/read.ts';
import { FettleError } from '../../registry/base/fault.ts';
import type { Finding } from './registry-health.ts';
import type { VerbContext } from './verb.ts';
import { counted } from './words.ts';
import { openReader } from './workplace.ts';

/** Nothing where there is no registry; what keeps registry or settings from being read is told by their own findings. */
export async function contradictionFindings(context: VerbContext): Promise<readonly Finding[]> {
  const check = 'contradictions';
  try {
    const { registry, repository } = await openReader(context);
    const state = (await registry.read())?.state ?? null;
    if (state === null) return [];
    const settings = await readSettings(repository.top);
    const { facts, resolutions, open } = examined({ state, settings, now: context.now() });
    if (resolutions.length === 0) {
      return [{ check, answer: 'ok', says: `none among ${counted(facts.length, 'fact')}` }];
    }
    const told = open.map(({ contradiction }): Finding => {
      const says = contradiction.facts.map((fact) => `${fact.says} (${fact.where})`).join('; but ');
      return { check, answer: 'wrong', says };
    });
    const settled = resolutions.length - open.length;
    if (settled === 0) return told;
    const says = `${settled} settled; \`fettle contradictions\` tells how`;
    return [...told, { check, answer: 'note', says }];
  } catch (error) {
    if (error instanceof FettleError) return [];
    throw error;
  }
}
