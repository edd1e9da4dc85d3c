export { sweepBytes, sweepWords } from './anneal';
export { layer32, layer64 } from './layer';
export { overlapMixer, overlapPhase } from './overlap';
