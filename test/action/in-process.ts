/** A verb's surroundings without a process of its own: where a test asks many times what models answer. */
import type { Verb, VerbContext } from '../../action/verbs/verb.ts';

function contextIn(folder: string): VerbContext {
  return {
    folder,
    now: () => new Date().toISOString(),
    progress: { step: () => ({ tell: () => {}, end: () => {} }), say: () => {} },
    dryRun: false,
    actor: { kind: 'local', login: 'ada' },
    source: { door: 'cli' },
    secrets: {
      keys: null,
      stores: { github: { token: null, api: '', repository: null }, oci: [], s3: null },
    },
  };
}

/** What `--json` would tell. */
export async function asked(
  folder: string,
  verb: Verb,
  words: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const { data } = await verb.run(contextIn(folder), words);
  return JSON.parse(JSON.stringify(data));
}
