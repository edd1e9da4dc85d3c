/** The house as a test: imports only go down, files stay small and open with a sentence, rooms list their members. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const TOP = path.resolve(import.meta.dirname, '..');

/** Read downward: a room imports only from floors below its own. The table of ARCHITECTURE.md, word for word. */
const FLOORS: readonly (readonly string[])[] = [
  ['registry/base'],
  ['registry/faults.ts'],
  ['registry/schema'],
  ['registry/trust'],
  ['registry/state', 'registry/store'],
  ['registry/audit', 'registry/decide', 'registry/exports', 'registry/report'],
  ['pipelines/faults.ts', 'pipelines/kernels', 'pipelines/maths'],
  [
    'pipelines/artifacts',
    'pipelines/codecs',
    'pipelines/connectors',
    'pipelines/onnx',
    'pipelines/solvers',
    'pipelines/stats',
    'pipelines/tensors',
  ],
  ['pipelines/training'],
  [
    'pipelines/choices',
    'pipelines/models',
    'pipelines/quantum',
    'pipelines/retention',
    'pipelines/simulations',
    'pipelines/transforms',
  ],
  ['pipelines/forge', 'pipelines/scores'],
  ['pipelines/gates'],
  ['pipelines/stages'],
  ['pipelines/engine', 'pipelines/runners'],
  ['pipelines/recipes'],
  ['pipelines/settings'],
  ['bot/faults.ts', 'pipelines/contradictions'],
  ['bot/github', 'bot/ingress', 'bot/policy'],
  ['bot/commands'],
  ['bot/events'],
  ['bot/web'],
  ['bot'],
  ['action/faults.ts'],
  ['action/verbs'],
  ['action'],
];

/** Rooms whose members are listed in `index.ts`, by what marks a member. */
const LISTED: Readonly<Record<string, RegExp>> = {
  'pipelines/connectors': /: Connector = /,
  'pipelines/gates': /= defineGate\(/,
  'pipelines/stages': /= defineStage\(/,
  'pipelines/models': /^export const \w+: Learner</m,
  'pipelines/recipes': /: (Training)?Recipe = /,
  'pipelines/codecs': /: Codec = /,
  'bot/commands': /= defineCommand\(/,
  'bot/events': /= defineEvent</,
  'action/verbs': /= defineVerb\(/,
};

const DOORS = ['action/cli.ts', 'action/main.ts', 'bot/server.ts'];
const FORBIDDEN_NAMES = ['utils', 'util', 'common', 'helpers', 'types', 'core', 'misc'];

interface Source {
  readonly file: string;
  readonly text: string;
}

const SOURCES: readonly Source[] = globSync('{action,bot,pipelines,registry}/**/*.ts', { cwd: TOP })
  .filter((file) => !file.startsWith('action/dist/'))
  .sort()
  .map((file) => ({ file, text: readFileSync(path.join(TOP, file), 'utf8') }));

/** The most special entry of the table that the file falls under. */
function roomOf(file: string): string | undefined {
  const rooms = FLOORS.flat().filter((room) => file === room || file.startsWith(`${room}/`));
  return rooms.sort((a, b) => b.length - a.length)[0];
}

function floorOf(room: string): number {
  return FLOORS.findIndex((rooms) => rooms.includes(room));
}

function importsOf({ file, text }: Source): readonly string[] {
  const found = text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g);
  return [...found].map(([, target]) => path.posix.join(path.posix.dirname(file), target ?? ''));
}

function upwardImports(source: Source): readonly string[] {
  const mine = roomOf(source.file);
  if (mine === undefined) return [`${source.file} stands in no room of the table`];
  return importsOf(source).flatMap((target) => {
    if (!target.endsWith('.ts')) return [];
    const theirs = roomOf(target);
    if (theirs === mine) return [];
    if (theirs === undefined) return [`${source.file} imports ${target}, which stands in no room`];
    return floorOf(theirs) < floorOf(mine) ? [] : [`${source.file} imports ${target}, which is not below it`];
  });
}

function opensWithSentence({ text }: Source): boolean {
  return (
    /^(#![^\n]*\n)?\/\*\* [A-Z`'"][\s\S]*?[.!?] \*\/\n/.test(text) ||
    /^(#![^\n]*\n)?\/\*\*\n \* [A-Z`'"]/.test(text)
  );
}

function linesOf({ text }: Source): number {
  return text.split('\n').length - 1;
}

function readsEnvironment({ file, text }: Source): boolean {
  return !DOORS.includes(file) && /process\.env/.test(text);
}

function isNameless({ file }: Source): boolean {
  return file.split('/').some((part) => FORBIDDEN_NAMES.includes(part.replace(/\.ts$/, '')));
}

/** Last names of rooms that two rooms have. */
function sharedNames(sources: readonly Source[]): readonly string[] {
  const rooms = new Set(
    sources.map(({ file }) => path.posix.dirname(file)).filter((room) => room.includes('/')),
  );
  const last = [...rooms].map((room) => path.posix.basename(room));
  return last.filter((name, index) => last.indexOf(name) !== index);
}

function unlisted(room: string, mark: RegExp, sources: readonly Source[]): readonly string[] {
  const index = sources.find(({ file }) => file === `${room}/index.ts`)?.text ?? '';
  return sources
    .filter(
      ({ file, text }) => path.posix.dirname(file) === room && mark.test(text) && !file.endsWith('/index.ts'),
    )
    .filter(({ file }) => !index.includes(`'./${path.posix.basename(file)}'`))
    .map(({ file }) => file);
}

describe('the house', () => {
  it('lets imports only go down', () => {
    expect(SOURCES.flatMap(upwardImports)).toEqual([]);
  });

  it('has files that open with a sentence saying what they are for', () => {
    expect(SOURCES.filter((source) => !opensWithSentence(source)).map(({ file }) => file)).toEqual([]);
  });

  it('has no file over 400 lines', () => {
    expect(SOURCES.filter((source) => linesOf(source) > 400).map(({ file }) => file)).toEqual([]);
  });

  it('lets only the doors read the environment', () => {
    expect(SOURCES.filter(readsEnvironment).map(({ file }) => file)).toEqual([]);
  });

  it('lists every member of a room in its index', () => {
    expect(Object.entries(LISTED).flatMap(([room, mark]) => unlisted(room, mark, SOURCES))).toEqual([]);
  });

  it('has no room and no file named for nothing', () => {
    expect(SOURCES.filter(isNameless).map(({ file }) => file)).toEqual([]);
  });

  it('has room names that are unique, so that a test and a commit can name a room', () => {
    expect(sharedNames(SOURCES)).toEqual([]);
  });

  it('tells the floors in ARCHITECTURE.md as they are', () => {
    const text = readFileSync(path.join(TOP, 'ARCHITECTURE.md'), 'utf8');
    const told = [...text.matchAll(/^\| (\d+) \| (.+) \|$/gm)].map(([, floor, rooms]) => ({
      floor: Number(floor),
      rooms: [...(rooms ?? '').matchAll(/`([^`]+)`/g)].map(([, room]) => room),
    }));
    const wanted = FLOORS.map((rooms, index) => ({ floor: index + 1, rooms: [...rooms] })).reverse();
    expect(told).toEqual(wanted);
  });
});

// A check that cannot fail is none: each is shown what it must refuse.
describe('the checks of the house', () => {
  it('see an import that goes up or sideways', () => {
    const up = { file: 'registry/state/fold.ts', text: "import { a } from '../decide/execute.ts';" };
    const sideways = { file: 'registry/state/fold.ts', text: "import type { A } from '../store/log.ts';" };
    const lazily = { file: 'pipelines/gates/x.ts', text: "await import('../stages/train.ts')" };
    for (const source of [up, sideways, lazily]) expect(upwardImports(source)).toHaveLength(1);
    expect(upwardImports({ file: 'registry/decide/x.ts', text: "import '../state/fold.ts';" })).toEqual([]);
    expect(upwardImports({ file: 'registry/nowhere/x.ts', text: '' })).toHaveLength(1);
  });

  it('see a file without its sentence, and one that reads the environment', () => {
    expect(opensWithSentence({ file: 'a.ts', text: 'export const a = 1;\n' })).toBe(false);
    expect(opensWithSentence({ file: 'a.ts', text: '/** What it is for. */\n' })).toBe(true);
    expect(readsEnvironment({ file: 'pipelines/gates/x.ts', text: 'process.env.A' })).toBe(true);
    expect(readsEnvironment({ file: 'action/cli.ts', text: 'process.env.A' })).toBe(false);
  });

  it('see a file of 401 lines, and none of 400', () => {
    const lines = (count: number): Source => ({ file: 'a.ts', text: 'x\n'.repeat(count) });
    expect([400, 401].map((count) => linesOf(lines(count)) > 400)).toEqual([false, true]);
  });

  it('see a file or a room that is named for nothing', () => {
    const named = ['pipelines/utils/a.ts', 'registry/base/types.ts', 'registry/base/typeset.ts'];
    expect(named.map((file) => isNameless({ file, text: '' }))).toEqual([true, true, false]);
  });

  it('see two rooms of one name', () => {
    const files = [
      'pipelines/state/a.ts',
      'registry/state/b.ts',
      'registry/state/c.ts',
      'registry/faults.ts',
    ];
    expect(sharedNames(files.map((file) => ({ file, text: '' })))).toEqual(['state']);
  });

  it('see a member that its index forgot', () => {
    const gate = { file: 'pipelines/gates/new.ts', text: 'export const a = defineGate({' };
    const index = { file: 'pipelines/gates/index.ts', text: "import { b } from './old.ts';" };
    expect(unlisted('pipelines/gates', /= defineGate\(/, [gate, index])).toEqual(['pipelines/gates/new.ts']);
  });
});
