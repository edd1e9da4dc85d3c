/** A log in memory, for tests and trials: the same files as on the branch, kept in a map. */
import { logMoved, registryForeign } from '../faults.ts';
import { EPOCH_HEAD_PATH, filesInEpoch, segmentsOf } from './epoch.ts';
import {
  CHECKPOINT_PATH,
  checkFormat,
  FORMAT_PATH,
  HEAD_PATH,
  isViewPath,
  parseHead,
  positionsIn,
  readSegments,
  sameHead,
  strangerAmong,
  stretchOf,
} from './lay-out.ts';
import type { AppendAsk, EventLog, Head } from './log.ts';
import { nameOf, planAppend } from './plan-append.ts';

const WHERE = 'memory';
const BATCH_MAX = 500;

/**
 * @param files  where it keeps them; two logs over one map are two writers of one registry
 * @param past  where it keeps what leaves when an epoch begins
 */
export function memoryLog(
  files: Map<string, string> = new Map(),
  past: Map<string, string> = new Map(),
): EventLog {
  return {
    where: WHERE,
    batchMax: BATCH_MAX,

    async read(paths) {
      const head = headIn(files);
      if (head === null) return null;
      const wanted = (path: string): boolean => isViewPath(path) && (paths?.includes(path) ?? true);
      const checkpoint = files.get(CHECKPOINT_PATH) ?? '';
      return { head, checkpoint, view: new Map([...files].filter(([path]) => wanted(path))) };
    },

    async entries(from, until = Infinity) {
      const head = headIn(files);
      if (head === null || from >= Math.min(head.size, until)) return [];
      const stretch = stretchOf(from, until, head);
      const { left, kept } = segmentsOf(stretch, files.get(EPOCH_HEAD_PATH));
      const segments = [
        ...left.map((path) => ({ path, text: past.get(path) })),
        ...kept.map((path) => ({ path, text: files.get(path) })),
      ];
      return readSegments(segments, stretch).slice(from - stretch.first, until - stretch.first);
    },

    append: (ask) => appendTo(files, past, ask),

    async restore({ files: wanted }) {
      files.clear();
      for (const [path, text] of wanted) files.set(path, text);
    },

    async positions(idems) {
      return positionsIn(files, idems);
    },

    async shards() {
      return new Map([...files].filter(([path]) => path.startsWith('idem/')));
    },

    async epoch() {
      return filesInEpoch(files);
    },

    async bygone(paths) {
      return picked(past, paths);
    },

    async look() {
      if (files.size === 0) return null;
      return { mark: null, before: null, files: new Map(files), gone: [], problems: [] };
    },
  };
}

async function appendTo(
  files: Map<string, string>,
  past: Map<string, string>,
  ask: AppendAsk,
): Promise<Head> {
  const source = {
    load: async (paths: readonly string[]) => picked(files, paths),
    bygone: async (paths: readonly string[]) => picked(past, paths),
    list: async () => [...files.keys()],
  };
  const plan = await planAppend(source, ask, WHERE);
  // Another append may have come in between; from here to the end nothing waits.
  const found = headIn(files);
  if (!sameHead(found, ask.expected)) {
    throw logMoved({ expected: nameOf(ask.expected), found: nameOf(found) });
  }
  for (const path of plan.gone) {
    past.set(path, files.get(path) ?? '');
    files.delete(path);
  }
  for (const [path, text] of plan.files) files.set(path, text);
  return plan.head;
}

function headIn(files: ReadonlyMap<string, string>): Head | null {
  if (files.size === 0) return null;
  checkFormat(files.get(FORMAT_PATH), WHERE);
  const stranger = strangerAmong(files.keys());
  if (stranger !== null) throw registryForeign({ where: WHERE, found: `the file ${stranger}` });
  return parseHead(files.get(HEAD_PATH) ?? '');
}

function picked(files: ReadonlyMap<string, string>, paths: readonly string[]): ReadonlyMap<string, string> {
  return new Map([...files].filter(([path]) => paths.includes(path)));
}
