/** The exit code that an error ends with, the same at every door. */
import { FettleError } from '../registry/base/fault.ts';
import {
  argumentsUnclosed,
  inputWrong,
  optionUnknown,
  switchWrong,
  verbUnknown,
  wordTooMany,
} from './faults.ts';
import { EXIT, type ExitCode } from './verbs/verb.ts';

/** Faults of how it was asked rather than of what is there. */
const USAGE: readonly string[] = [
  verbUnknown,
  optionUnknown,
  inputWrong,
  wordTooMany,
  argumentsUnclosed,
  switchWrong,
].map(({ code }) => code);

export function exitOfError(error: unknown): ExitCode {
  if (!(error instanceof FettleError)) return EXIT.broken;
  if (USAGE.includes(error.code)) return EXIT.usage;
  return error.audience === 'user' ? EXIT.fault : EXIT.broken;
}
