export { sweepBytes, sweepWords } from './anneal';
export { combine, combineDivided, combineElected, weigh } from './combine';
export { blend, countLower, countUpper, dot, drop, subtract, unbounded } from './deltas';
export { fromBrain, fromHalf, toBrain, toHalf } from './floats';
export { layer32, layer64 } from './layer';
export { leastOfBlock } from './least';
export { adam, grokfast, momentum, squares } from './optimize';
export { opposite32, opposite64, overlapOpposite } from './opposite';
export { overlapMixer, overlapPhase } from './overlap';
