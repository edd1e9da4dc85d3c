/** Every command, in the order in which help prints them. */
import { approve } from './approve.ts';
import { bench, train } from './train.ts';
import { cancel } from './cancel.ts';
import type { Command } from './command.ts';
import { compare } from './compare.ts';
import { doctor } from './doctor.ts';
import { freeze, thaw } from './freeze.ts';
import { helpOn } from './help.ts';
import { history } from './history.ts';
import { hold, unhold } from './hold.ts';
import { promote } from './promote.ts';
import { reject } from './reject.ts';
import { rollback } from './rollback.ts';
import { status } from './status.ts';
import { why } from './why.ts';

export const COMMANDS: readonly Command[] = [
  helpOn(() => COMMANDS),
  status,
  why,
  history,
  compare,
  doctor,
  train,
  bench,
  promote,
  rollback,
  approve,
  reject,
  hold,
  unhold,
  freeze,
  thaw,
  cancel,
];
