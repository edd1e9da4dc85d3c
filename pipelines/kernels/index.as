export { sweepBytes, sweepWords } from './anneal';
export { layer32, layer64 } from './layer';
export { leastOfBlock } from './least';
export { overlapMixer, overlapPhase } from './overlap';
