/** The grammar of GTO's tags: `model@v1.2.0`, `model#stage#3`, `model#stage!#4`, `model@deprecated`. */
import * as z from 'zod';

/** What a tag says of its artifact. */
export type GtoDeed =
  | { readonly kind: 'register' | 'deregister'; readonly version: string }
  | { readonly kind: 'assign' | 'unassign'; readonly stage: string }
  | { readonly kind: 'deprecate' };

export type GtoTagName = GtoDeed & {
  /** As the tag writes it, with `=` between folder and name where there is a folder. */
  readonly artifact: string;
  /** Null where the tag carries none. */
  readonly counter: number | null;
};

const NAME = '[a-zA-Z0-9](?:[a-zA-Z0-9/_-]*[a-zA-Z0-9])?';
const NUMBER = '(?:0|[1-9]\\d*)';
const PRE = '(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)';
const BUILD = '[0-9a-zA-Z-]+';
const SEMVER =
  `${NUMBER}\\.${NUMBER}\\.${NUMBER}` + `(?:-${PRE}(?:\\.${PRE})*)?(?:\\+${BUILD}(?:\\.${BUILD})*)?`;
const TAG = new RegExp(
  `^(?<artifact>(?:[a-zA-Z0-9_./-]+=)?${NAME})` +
    `(?:(?:#(?<stage>${NAME})|@v(?<version>${SEMVER}))(?<cancel>!?)|@(?<word>deprecated|created))` +
    `(?:#(?<counter>[0-9]+))?$`,
);

const Groups = z.object({
  artifact: z.string(),
  stage: z.string().optional(),
  version: z.string().optional(),
  cancel: z.string().optional(),
  word: z.string().optional(),
  counter: z.coerce.number().optional(),
});

/** @returns null for any other tag; `@created` says nothing that GTO itself would act on */
export function parseGtoTag(tag: string): GtoTagName | null {
  const found = Groups.safeParse(TAG.exec(tag)?.groups);
  if (!found.success) return null;
  const { artifact, stage, version, cancel, word, counter = null } = found.data;
  const shared = { artifact, counter };
  if (version !== undefined) return { ...shared, kind: cancel === '!' ? 'deregister' : 'register', version };
  if (stage !== undefined) return { ...shared, kind: cancel === '!' ? 'unassign' : 'assign', stage };
  return word === 'deprecated' ? { ...shared, kind: 'deprecate' } : null;
}

export function gtoTag(tag: GtoTagName): string {
  return `${tag.artifact}${deedText(tag)}${tag.counter === null ? '' : `#${tag.counter}`}`;
}

function deedText(deed: GtoDeed): string {
  switch (deed.kind) {
    case 'register':
      return `@v${deed.version}`;
    case 'deregister':
      return `@v${deed.version}!`;
    case 'assign':
      return `#${deed.stage}`;
    case 'unassign':
      return `#${deed.stage}!`;
    case 'deprecate':
      return '@deprecated';
  }
}

/** Whether GTO reads a tag of this model as one; a dot in a name is the usual reason why not. */
export function fitsGto(model: string): boolean {
  return new RegExp(`^${NAME}$`).test(model);
}
