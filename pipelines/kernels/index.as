export { sweepBytes, sweepWords } from './anneal';
