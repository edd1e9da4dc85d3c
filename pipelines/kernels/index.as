export { sweepBytes, sweepWords } from './anneal';
export { layer32, layer64 } from './layer';
export { leastOfBlock } from './least';
export { opposite32, opposite64, overlapOpposite } from './opposite';
export { overlapMixer, overlapPhase } from './overlap';
