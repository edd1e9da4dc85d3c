/** Events that an author signed together: their ids, whatever position the log gives them. */
import * as z from 'zod';
import { Digest } from '../base/digest.ts';
import { Signature } from './policy.ts';

export const Bundle = z.strictObject({
  bundle: z.strictObject({ origin: z.string().min(1), events: z.array(Digest).min(1) }),
  signatures: z.array(Signature).min(1).max(16),
});
export type Bundle = z.infer<typeof Bundle>;
