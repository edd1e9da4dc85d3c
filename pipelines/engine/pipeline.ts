/** What a recipe is: steps in order, each a stage whose slots are filled by the steps before it. Data, no code. */
import type * as z from 'zod';
import type { ArtifactKind } from '../../registry/schema/artifact.ts';
import type { Stage } from '../stages/stage.ts';

export interface Step {
  /** Unique in its recipe. */
  readonly name: string;
  readonly stage: Stage;
  /** Slot of the stage -> `step.slot` of an earlier step, or `input.name` of the run. */
  readonly takes: Readonly<Record<string, string>>;
  /** Which of the run's parameters this stage is given. */
  readonly params: readonly string[];
  /** Left out, with every slot it would fill, when the run has no such input. */
  readonly onlyWith?: string;
  /** Gives something to judge by and nothing that a version is made of: a run without it is a run. */
  readonly check?: true;
}

/** What a model trained by a recipe starts from; settings change any of it. */
export interface RecipeDefaults {
  readonly columns: Readonly<Record<string, string>>;
  readonly holdout: number;
  readonly stratify: boolean;
  readonly learner: Readonly<Record<string, number | boolean>>;
  /** Parameters by gate; a gate not named takes its own defaults. */
  readonly gates: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;
}

export interface Recipe {
  readonly name: string;
  /** One sentence for people. */
  readonly says: string;
  readonly inputs: Readonly<Record<string, { readonly kind: ArtifactKind; readonly required: boolean }>>;
  readonly params: z.ZodType<Readonly<Record<string, unknown>>>;
  readonly steps: readonly Step[];
  /** Steps that are performed once more with another seed, only where a verdict is near its margin; none unless told. */
  readonly confirmation?: readonly Step[];
}

/** A recipe whose runs make versions of models. */
export interface TrainingRecipe extends Recipe {
  /** What settings may say under `learner`. */
  readonly learner: z.ZodType<Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>>;
  readonly defaults: RecipeDefaults;
}
