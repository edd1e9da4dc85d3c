/** GitHub's own check of workflow files, bundled once: as it is published, plain Node cannot load it. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import * as z from 'zod';

const Finding = z.object({
  message: z.string(),
  range: z.object({ start: z.object({ line: z.number() }) }),
});
const Service = z.object({
  validate: z.custom<(document: TextDocument) => Promise<unknown>>((found) => typeof found === 'function'),
});

/** As much of the language server's document as the check asks for. */
interface TextDocument {
  readonly uri: string;
  readonly languageId: string;
  readonly version: number;
  readonly lineCount: number;
  getText(): string;
  positionAt(offset: number): { readonly line: number; readonly character: number };
  offsetAt(position: { readonly line: number; readonly character: number }): number;
}

export type Check = (name: string, text: string) => Promise<readonly string[]>;

export async function openLanguageService(): Promise<Check> {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'fettle-language-service-')), 'bundle.mjs');
  const bundle = await rolldown({ input: '@actions/languageservice', platform: 'node', logLevel: 'silent' });
  await bundle.write({ file, format: 'esm' });
  let asked = 0;
  const { validate } = Service.parse(await import(pathToFileURL(file).href));
  return async (name, text) => {
    const found = z.array(Finding).parse(await validate(documentOf(`${asked++}-${name}`, text)));
    return found.map(({ message, range }) => `${name}:${range.start.line + 1}: ${message}`);
  };
}

/** Each by a name of its own: the service remembers what it parsed by name alone. */
function documentOf(name: string, text: string): TextDocument {
  const lines = text.split('\n');
  return {
    uri: `file:///.github/workflows/${name}`,
    languageId: 'yaml',
    version: 1,
    lineCount: lines.length,
    getText: () => text,
    positionAt(offset) {
      const before = text.slice(0, offset).split('\n');
      return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
    },
    offsetAt: ({ line, character }) =>
      lines.slice(0, line).join('\n').length + (line > 0 ? 1 : 0) + character,
  };
}
