/** `fettle approve <model@version>`: a person's word for a promotion, before it happens. */
import * as z from 'zod';
import { leastFor } from '../../pipelines/settings/people.ts';
import { readSettings } from '../../pipelines/settings/read.ts';
import { decideApproval } from '../../registry/decide/approve.ts';
import { tallyNow } from '../../registry/state/approvals.ts';
import { approverUnknown } from '../../registry/faults.ts';
import { Channel, VersionRef } from '../../registry/schema/model.ts';
import { defineVerb } from './verb.ts';
import { decideIn, openReader, viewIn } from './workplace.ts';

export const approve = defineVerb({
  name: 'approve',
  says: 'Approves a version for a channel, where the policy asks for approvals.',
  words: ['version'],
  input: z.strictObject({
    version: VersionRef.describe('model@version'),
    to: Channel.default('production').describe('the channel'),
    days: z.coerce.number().int().min(1).max(90).default(7).describe('how long the approval counts'),
  }),
  writes: true,
  examples: ['fettle approve digits@1.4.0', 'fettle approve digits@1.4.0 --to staging'],

  async run(context, { version: ref, to, days }) {
    const ledger = await openReader(context);
    const by = context.actor ?? { kind: 'local' as const, login: (await ledger.repository.user()).name };
    if (context.againBy !== undefined) {
      const why = `it is ${by.login} whose run is done again, and nobody approves for another`;
      throw approverUnknown({ login: context.againBy, why });
    }
    const expires = new Date(Date.parse(context.now()) + days * 86_400_000).toISOString();
    const settings = await readSettings(ledger.repository.top);
    const ask = { ...ref, channel: to, ...leastFor(settings, { model: ref.model, channel: to }) };
    await decideIn(ledger, context, (state) => decideApproval(state, { ...ask, by, expires }));
    const { needed, given, void: spoilt } = tallyNow((await viewIn(ledger)).state, ask, context.now());
    const open = Math.max(0, (needed ?? 0) - given.length);
    return {
      data: { ...ask, needed, given: given.map(({ by: login }) => login), open, void: spoilt.length },
      text: (paint) => {
        const name = paint.bold(`${ref.model}@${ref.version}`);
        const tally = `${given.length} of ${needed ?? 0} approvals for ${to}`;
        if (open > 0) return `${name}: ${tally}; ${open} more needed.`;
        return `${name}: ${paint.good(tally)}.\nNext: fettle promote ${ref.model}@${ref.version} --to ${to}`;
      },
    };
  },
});
