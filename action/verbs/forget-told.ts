/** How forgetting is told: what was taken out of what, and which models had learnt from it. */
import type { Forgetting } from '../../pipelines/retention/forget.ts';
import type { ModelName, Version } from '../../registry/schema/model.ts';
import type { Paint } from './verb.ts';
import { counted } from './words.ts';

export interface Forgot extends Forgetting {
  /** Files that an earlier call had replaced and not removed. */
  readonly unfinished: number;
  /** Files removed by this call. */
  readonly removed: number;
  readonly trained: readonly {
    readonly model: ModelName;
    readonly version: Version;
    readonly serves: readonly string[];
  }[];
  /** Files that models name and that lie on another machine. */
  readonly elsewhere: number;
  /** Events that say one of the words themselves. */
  readonly namedInLog: number;
  readonly dryRun: boolean;
  /** Whether anything was named to be forgotten. */
  readonly asked: boolean;
}

export function forgettingText(forgot: Forgot, paint: Paint): string {
  const { rewritten, unread, elsewhere, namedInLog } = forgot;
  const files = paint.table([
    ['file', 'kind', 'rows', 'now'],
    ...rewritten.map(({ kind, removed, replacement, rows }) => [
      removed.slice(0, 19),
      kind,
      `-${rows}`,
      replacement?.slice(0, 19) ?? 'nothing left',
    ]),
  ]);
  const unsure =
    unread.length === 0
      ? []
      : [paint.warn(`${counted(unread.length, 'dataset')} could not be read: a batch of it is not here.`)];
  const named =
    namedInLog === 0
      ? []
      : [
          paint.warn(
            `${counted(namedInLog, 'event')} of the log ${namedInLog === 1 ? 'names' : 'name'} it too, and cannot be rewritten.`,
          ),
        ];
  const others =
    elsewhere === 0
      ? []
      : [
          paint.warn(
            `${counted(elsewhere, 'file')} that models name lie on another machine: run the same command there too.`,
          ),
        ];
  return [
    ...(rewritten.length === 0 ? [] : [files]),
    headline(forgot, paint),
    ...trainedLines(forgot, paint),
    ...unsure,
    ...named,
    ...others,
    ...(rewritten.length === 0
      ? []
      : [paint.dim('The files that the rows came from are yours: take the rows out of them too.')]),
  ].join('\n');
}

function headline({ rewritten, unfinished, removed, dryRun, asked }: Forgot, paint: Paint): string {
  if (dryRun) {
    const finish = unfinished === 0 ? '' : `, and ${counted(unfinished, 'file')} replaced before removed`;
    return `Dry run: ${counted(rewritten.length, 'file')} would be written anew${finish}.`;
  }
  if (rewritten.length > 0) {
    const done = `${counted(rewritten.length, 'file')} written anew, ${removed} removed`;
    return `${paint.good('forgotten')} ${done}; the log says so and names nobody.`;
  }
  if (removed > 0) {
    return `${paint.good('finished')} ${counted(removed, 'file')} replaced before, now removed.`;
  }
  return asked ? 'No stored row matches; nothing was changed.' : 'Nothing is left to remove here.';
}

function trainedLines({ trained }: Forgot, paint: Paint): readonly string[] {
  if (trained.length === 0) return [];
  const names = trained.map(({ model, version, serves }) => {
    const where = serves.length === 0 ? '' : paint.bad(` (serves ${serves.join(', ')})`);
    return `${paint.bold(`${model}@${version}`)}${where}`;
  });
  return [`trained on it: ${names.join(', ')}: a model does not unlearn; retrain or retire.`];
}
