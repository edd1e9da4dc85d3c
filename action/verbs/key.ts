/** `fettle key`: makes and lists the keys that sign what the policy asks for. */
import * as z from 'zod';
import { repositoryAt } from '../../registry/store/repository.ts';
import { Algorithm } from '../../registry/schema/policy.ts';
import { newKey, signerOf } from '../../registry/trust/keys.ts';
import { keepKey, signersIn } from './secret-folder.ts';
import { defineVerb } from './verb.ts';

export const key = defineVerb({
  name: 'key',
  says: 'Makes a key in git’s own folder, or lists those at hand.',
  words: ['deed'],
  input: z.strictObject({
    deed: z.enum(['new', 'list']).default('list').describe('what to do'),
    algorithm: Algorithm.default('ed25519').describe('of the new key'),
  }),
  writes: true,
  examples: ['fettle key new', 'fettle key new --algorithm ml-dsa-44', 'fettle key list'],

  async run(context, { deed, algorithm }) {
    const repository = await repositoryAt(context.folder);
    if (deed === 'new' && !context.dryRun) {
      const pem = newKey(algorithm);
      const file = await keepKey(repository, pem);
      const made = signerOf(pem);
      return {
        data: { id: made.id, ...made.public, file },
        text: (paint) =>
          `${paint.good('made')} ${made.id}\n${paint.dim(`${algorithm}, kept in ${file}. For a workflow, store that file as the secret FETTLE_KEYS.`)}`,
      };
    }
    const signers = await signersIn(repository, context.secrets);
    const rows = signers.map(({ id, public: known }) => [id, known.alg]);
    return {
      data: { keys: signers.map(({ id, public: known }) => ({ id, ...known })) },
      text: (paint) =>
        rows.length === 0
          ? 'No key at hand. Make one with `fettle key new`.'
          : paint.table([['key', 'algorithm'], ...rows]),
    };
  },
});
