/** The port of this room: what a door can be told to do. Words, options, help and completion come from one schema. */
import type * as z from 'zod';
import type { Credentials } from '../../pipelines/artifacts/credentials.ts';
import type { Clock } from '../../registry/base/clock.ts';
import type { Actor, Source } from '../../registry/schema/event.ts';

/** Styles of a terminal; each gives its text back unchanged where there is none. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
  /** Columns aligned; the first row is the header. */
  table(rows: readonly (readonly string[])[]): string;
}

/** How a long step is shown. */
export interface StepProgress {
  tell(done: number, total: number): void;
  /** @param note  such as `known`; empty when there is nothing to add */
  end(note: string): void;
}

export interface Progress {
  step(name: string): StepProgress;
  /** One line of its own, between steps. */
  say(line: string): void;
}

/** Secrets that the door found in its environment; never printed, recorded or passed on to another process. */
export interface Secrets {
  /** Private keys in PEM, one after the other. */
  readonly keys: string | null;
  /** What the environment tells of shared stores. */
  readonly stores: Credentials;
}

export interface VerbContext {
  /** Where the person is; relative paths start here. */
  readonly folder: string;
  readonly now: Clock;
  readonly progress: Progress;
  /** Decide and tell, but write nothing. */
  readonly dryRun: boolean;
  /** Who asks, where the door knows; null: whoever git says sits here. */
  readonly actor: Actor | null;
  /** Who had the actor's run done again; left out where nobody else did. */
  readonly againBy?: string;
  readonly source: Source;
  readonly secrets: Secrets;
}

/** Exit codes; `help` and the documents print them. */
export const EXIT = {
  done: 0,
  fault: 1,
  usage: 2,
  refused: 3,
  broken: 4,
  damaged: 5,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_SAYS: Readonly<Record<keyof typeof EXIT, string>> = {
  done: 'done, or nothing was to be done',
  fault: 'the input or the state does not allow it; the message says what to change',
  usage: 'the command line was not understood',
  refused:
    'done, and the judgement is no: a candidate was refused or held, or nothing is known to verify against',
  broken: 'something outside broke: disk, network, or Fettle itself',
  damaged: 'verification found problems in the registry or in the files it names',
  interrupted: 'interrupted; the same command goes on where it stopped',
};

export interface Told {
  /** For `--json`. */
  readonly data: unknown;
  /** For people. */
  text(paint: Paint): string;
  /** `done` unless told. */
  readonly exit?: ExitCode;
  /** Why it ended so, as a stable code in lower case and underscores; from `exit` unless told. */
  readonly reason?: string;
  /** Markdown for a job summary; the text in a code block where there is none. */
  readonly summary?: string;
}

/** Words after the verb and `--options` alike: words are the keys listed in `words`, in that order. */
export interface Verb {
  readonly name: string;
  /** One sentence. */
  readonly says: string;
  readonly words: readonly string[];
  readonly input: z.ZodObject;
  /** Takes `--dry-run`. */
  readonly writes: boolean;
  readonly examples: readonly string[];
  run(context: VerbContext, input: unknown): Promise<Told>;
}

interface VerbDefinition<S extends z.ZodObject> {
  readonly name: string;
  readonly says: string;
  readonly words: readonly (keyof S['shape'] & string)[];
  readonly input: S;
  readonly writes: boolean;
  readonly examples: readonly string[];
  run(context: VerbContext, input: z.output<S>): Promise<Told>;
}

export function defineVerb<S extends z.ZodObject>(definition: VerbDefinition<S>): Verb {
  const { input } = definition;
  return {
    ...definition,
    run: (context, given) => definition.run(context, input.parse(given)),
  };
}
