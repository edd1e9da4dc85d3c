/** The AssemblyScript compiler as used here; its own types declare names that are taken. */

export interface Outcome {
  readonly error: Error | null;
  readonly stderr: { toString(): string };
}

export interface Files {
  readonly readFile: (name: string, base: string) => string | null;
  readonly writeFile: (name: string, contents: string | Uint8Array) => void;
  readonly listFiles: () => readonly string[];
}

export const main: (words: readonly string[], files: Files) => Promise<Outcome>;
