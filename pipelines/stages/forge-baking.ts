/** A model -> the same, with what it did behind a prompt in its weights. */
import { bake } from '../forge/baked.ts';
import { forgeLesson } from './forge-shape.ts';

export const forgeBaking = forgeLesson('forge-baking', bake);
