/** A model -> the same with one task more, learned by a controlled curriculum and verified replay. */
import { teach } from '../forge/taught.ts';
import { forgeLesson } from './forge-shape.ts';

export const forgeTraining = forgeLesson('forge-training', teach);
