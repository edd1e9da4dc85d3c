#!/usr/bin/env node
/** The door for people at a terminal: argv -> verb -> stdout and an exit code. */
import manifest from '../package.json' with { type: 'json' };
import { credentialsOf } from '../pipelines/artifacts/credentials.ts';
import { FettleError } from '../registry/base/fault.ts';
import { inputOf, splitCommandLine, type CommandLine } from './arguments.ts';
import { exitOfError } from './exit.ts';
import { nodeTooOld } from './faults.ts';
import { paintFor } from './paint.ts';
import { progressOn, SILENT } from './progress.ts';
import { takeKeys } from './take-keys.ts';
import { verbNamed } from './verbs/index.ts';
import { EXIT, type ExitCode, type Paint, type Told, type VerbContext } from './verbs/verb.ts';

const KEYS = takeKeys(process.env);

async function main(words: readonly string[]): Promise<ExitCode> {
  const debug = words.includes('--debug') || process.env['FETTLE_DEBUG'] === '1';
  const json = words.includes('--json');
  try {
    checkNode(manifest.engines.node, process.versions.node);
    const line = splitCommandLine(words);
    const paint = paintFor(hasColours(process.stdout, line));
    if (line.common.version) {
      return tell({ data: { version: manifest.version }, text: () => manifest.version }, line, paint);
    }
    const verb = await verbNamed(line.verb ?? 'help').load();
    if (!line.common.help) return tell(await verb.run(contextOf(line), inputOf(verb, line)), line, paint);
    const help = await verbNamed('help').load();
    const about = line.verb === null ? {} : { verb: verb.name };
    return tell(await help.run(contextOf(line), about), line, paint);
  } catch (error) {
    return tellError(error, { json, debug });
  }
}

/** Before any verb is loaded: an older Node fails somewhere within, by words that help nobody. @throws nodeTooOld */
function checkNode(wanted: string, found: string): void {
  const least = Number(/\d+/.exec(wanted)?.[0]);
  if (Number(found.split('.')[0]) < least) throw nodeTooOld({ wanted, found });
}

function tell(told: Told, { common }: CommandLine, paint: Paint): ExitCode {
  print(common.json ? jsonOf({ ok: true, data: told.data }) : told.text(paint));
  return told.exit ?? EXIT.done;
}

function contextOf({ common }: CommandLine): VerbContext {
  const screen = {
    isTerminal: process.stderr.isTTY === true,
    write: (text: string) => void process.stderr.write(text),
    elapsedMs: () => performance.now(),
  };
  return {
    folder: common.folder ?? process.cwd(),
    now: () => new Date().toISOString(),
    progress: common.quiet || common.json ? SILENT : progressOn(screen),
    dryRun: common.dryRun,
    actor: null,
    source: { door: 'cli' },
    secrets: { keys: KEYS, stores: credentialsOf(process.env) },
  };
}

/** NO_COLOR and FORCE_COLOR as their conventions have it; otherwise colours on a terminal alone. */
function hasColours(stream: NodeJS.WriteStream, { common }: CommandLine): boolean {
  if (common.noColor || common.json || (process.env['NO_COLOR'] ?? '') !== '') return false;
  if ((process.env['FORCE_COLOR'] ?? '0') !== '0') return true;
  return stream.isTTY === true && process.env['TERM'] !== 'dumb';
}

interface Telling {
  readonly json: boolean;
  readonly debug: boolean;
}

function tellError(error: unknown, { json, debug }: Telling): ExitCode {
  const known = error instanceof FettleError ? error : null;
  if (json) {
    const { code, message, mend, retry } = known ?? {
      code: 'action/broken',
      message: String(error),
      mend: '',
      retry: 'never',
    };
    print(jsonOf({ ok: false, error: { code, says: message, mend, retry } }));
  } else if (known !== null) {
    process.stderr.write(printable(`fettle: ${known.message}.\n  ${known.mend}\n`));
  } else {
    process.stderr.write(
      printable(
        `fettle: something broke here: ${String(error)}\n  Run it again with --debug to see where.\n`,
      ),
    );
  }
  if (debug && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n${causeOf(error)}`);
  return exitOfError(error);
}

function causeOf({ cause }: Error): string {
  return cause instanceof Error ? `caused by ${cause.stack ?? String(cause)}\n` : '';
}

function jsonOf(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

function print(text: string): ExitCode {
  process.stdout.write(`${printable(text)}\n`);
  return EXIT.done;
}

/**
 * Labels and reasons come from outside and could steer a terminal: of control characters only line ends, tabs and
 * the colours of `paint.ts` pass. Others can hide what follows them.
 */
function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what this is about
  const others = /\u001b(?!\[(?:[12]|22|3[1239])m)|[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f]/g;
  return text.replaceAll(others, '');
}

// A reader that has seen enough (`| head`) closes the pipe; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  throw error;
});
process.once('SIGINT', () => {
  process.stderr.write('\nInterrupted. What was finished is kept; the same command goes on from there.\n');
  process.exit(EXIT.interrupted);
});

process.exitCode = await main(process.argv.slice(2));
