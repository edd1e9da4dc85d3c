/** Events that a writer could not append itself, left for whoever folds them into the log. */
import * as z from 'zod';
import { Bundle } from './bundle.ts';
import { RegistryEvent } from './event.ts';

/** More than any run records. */
const PARCEL_EVENTS_MAX = 500;

export const Parcel = z.strictObject({
  v: z.literal(1),
  /** The registry it is for. */
  origin: z.string().min(1),
  /** The settled position of each subject when the events were decided; −1 for none. */
  seen: z.record(z.string(), z.int().min(-1)),
  events: z.array(RegistryEvent).min(1).max(PARCEL_EVENTS_MAX),
  /** The author's signatures, where a policy asks for them. */
  bundle: Bundle.nullable(),
});
export type Parcel = z.infer<typeof Parcel>;
