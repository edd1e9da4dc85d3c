/** Everything that registry and settings hold to be so, what of it cannot all be true, and what to believe instead. */
import type { RegistryState } from '../../registry/schema/state.ts';
import type { Settings } from '../settings/settings.ts';
import { contradictionsIn } from './detect.ts';
import type { Fact } from './fact.ts';
import { factsOfRegistry } from './registry-facts.ts';
import { resolved, type Resolution } from './resolve.ts';
import { factsOfSettings } from './settings-facts.ts';

export interface Examined {
  readonly facts: readonly Fact[];
  readonly resolutions: readonly Resolution[];
  /** Those of them that are left to people. */
  readonly open: readonly Resolution[];
}

export interface Examination {
  readonly state: RegistryState;
  readonly settings: Settings;
  /** ISO 8601. */
  readonly now: string;
  /** What others tell beside them. */
  readonly beside?: readonly Fact[];
}

export function examined({ state, settings, now, beside = [] }: Examination): Examined {
  const facts = [...factsOfRegistry(state, now), ...factsOfSettings(settings, state), ...beside];
  const resolutions = resolved(contradictionsIn(facts));
  return { facts, resolutions, open: resolutions.filter(({ strategy }) => strategy === 'escalation') };
}
