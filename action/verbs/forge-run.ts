/** `fettle run forge-nano`: phase after phase, each judged before the next begins, told as a table and as a page. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import manifest from '../../package.json' with { type: 'json' };
import { memoryCheckpoints } from '../../pipelines/artifacts/checkpoints.ts';
import { writeDurably } from '../../pipelines/artifacts/durable.ts';
import { memoryStore } from '../../pipelines/artifacts/memory-store.ts';
import { decodePhase, type Phase } from '../../pipelines/artifacts/phase.ts';
import { memoryMemo } from '../../pipelines/artifacts/step-memo.ts';
import { perform, type Performed } from '../../pipelines/engine/perform.ts';
import { planOf } from '../../pipelines/engine/plan.ts';
import { stopIn, unbuiltBeside, verdictsOn, type AskedVerdict } from '../../pipelines/forge/asked.ts';
import { FORGE_NANO, forgeNano } from '../../pipelines/recipes/forge-nano.ts';
import { shortOf } from '../../registry/base/digest.ts';
import { forgePage } from '../../registry/report/forge-page.ts';
import { bytesText, grouped, percent } from '../../registry/report/words.ts';
import { repositoryAt } from '../../registry/store/repository.ts';
import { EXIT, type Paint, type Told, type VerbContext } from './verb.ts';
import { hideShelf, openShelf } from './workplace.ts';

/** What is asked of phases that this recipe lacks: told, so that nobody takes it for done. */
const UNBUILT = unbuiltBeside(forgeNano.steps.map(({ name }) => name));

interface Judged {
  readonly name: string;
  readonly phase: Phase;
  readonly verdicts: readonly AskedVerdict[];
  readonly tookMs: number;
  readonly known: boolean;
}

/** A phase whose gate is not met is the last one; what was made until then stays. */
export async function runForge(context: VerbContext, seed: number): Promise<Told> {
  const shelf = await openShelf(context, await repositoryAt(context.folder));
  const kept = context.dryRun
    ? { store: memoryStore(), memo: memoryMemo(), checkpoints: memoryCheckpoints() }
    : shelf;
  if (!context.dryRun) await hideShelf(shelf);
  const plan = planOf({ recipe: forgeNano, inputs: {}, params: FORGE_NANO, seed, code: manifest.version });
  const performance = {
    ...kept,
    watch: (step: string) => context.progress.step(step),
    elapsedMs: () => globalThis.performance.now(),
  };
  let done: Performed = new Map();
  const judged: Judged[] = [];
  for (const step of plan.steps) {
    done = await perform([step], performance, done);
    const record = done.get(step.name);
    const report = record?.outputs['report'];
    if (record === undefined || report === undefined) throw new TypeError(`${step.name} left no report`);
    const phase = decodePhase(await kept.store.get(report.digest));
    const verdicts = verdictsOn(phase.phase, phase.measured);
    judged.push({ name: step.name, phase, verdicts, tookMs: record.tookMs, known: record.known });
    if (stopIn(verdicts) !== null) break;
  }
  const page = path.join(shelf.folder, `${forgeNano.name}.html`);
  if (!context.dryRun) await writeDurably(page, pageOf(judged, done));
  return told({ judged, done, page: context.dryRun ? null : page, run: plan.run });
}

function stoppedBy(judged: readonly Judged[]): string | null {
  const stop = stopIn(judged.at(-1)?.verdicts ?? []);
  if (stop === null) return null;
  const [asked, found] = [limitText(stop), foundText(stop)];
  return `${stop.phase}: wanted ${stop.says} to be ${asked}, found ${found}.`;
}

function digestsOf(done: Performed): readonly (readonly [string, string])[] {
  return [...done.values()].flatMap(({ step, outputs }) =>
    Object.entries(outputs).map(([slot, { digest, sizeBytes }]) => {
      return [`${step}.${slot}`, `${shortOf(digest)}, ${bytesText(sizeBytes)}`] as const;
    }),
  );
}

function pageOf(judged: readonly Judged[], done: Performed): string {
  const phases = judged.map(({ name, phase, verdicts }) => ({
    name,
    asked: verdicts.map((each) => [each.says, limitText(each), foundText(each), each.answer] as const),
    tables: phase.tables,
    plots: phase.plots,
    notes: phase.notes,
  }));
  const missing = [...new Set(UNBUILT.map(({ phase }) => phase))].map((name) => {
    const own = UNBUILT.filter(({ phase }) => phase === name);
    const asked = own.map((each) => [each.says, limitText(each), '–', 'not built'] as const);
    return { name, asked, tables: [], plots: [], notes: ['Not built.'] };
  });
  const [title, stopped, lineage] = [forgeNano.name, stoppedBy(judged), digestsOf(done)];
  return forgePage({ title, phases: [...phases, ...missing], lineage, stopped });
}

interface Telling {
  readonly judged: readonly Judged[];
  readonly done: Performed;
  readonly page: string | null;
  readonly run: string;
}

function told({ judged, done, page, run }: Telling): Told {
  const stopped = stoppedBy(judged);
  const outputs = [...done.values()].map(({ step, outputs: made }) => [step, made] as const);
  return {
    data: { run, phases: judged, unbuilt: UNBUILT, outputs: Object.fromEntries(outputs), stopped, page },
    text: (paint) => textOf(judged, { paint, stopped, page }),
    exit: stopped === null ? EXIT.done : EXIT.refused,
    reason: stopped === null ? 'passed' : 'refused',
  };
}

interface Wording {
  readonly paint: Paint;
  readonly stopped: string | null;
  readonly page: string | null;
}

const HUES = { met: 'good', 'not met': 'bad', 'not measured': 'warn' } as const;

function textOf(judged: readonly Judged[], { paint, stopped, page }: Wording): string {
  const rows = judged.flatMap(({ name, verdicts }) =>
    verdicts.map((each) => [
      name,
      each.measure,
      limitText(each),
      foundText(each),
      paint[HUES[each.answer]](each.answer),
      each.stops ? '' : paint.dim('told, does not stop'),
    ]),
  );
  const missing = UNBUILT.map((each) => [
    each.phase,
    each.measure,
    limitText(each),
    '–',
    paint.warn('not built'),
    '',
  ]);
  return [
    paint.table([['phase', 'gate', 'asked', 'measured', 'verdict', ''], ...rows, ...missing]),
    ...(stopped === null ? [] : ['', paint.bad(`Stopped at ${stopped}`)]),
    ...(page === null ? [] : ['', paint.dim(pathToFileURL(page).href)]),
  ].join('\n');
}

/** As tables have it. */
export function limitText({ limit, unit }: Pick<AskedVerdict, 'limit' | 'unit'>): string {
  const least = 'least' in limit;
  const value = least ? limit.least : limit.most;
  return `${least ? 'at least' : 'at most'} ${valueText(value, unit)}`;
}

function foundText({ found, unit }: AskedVerdict): string {
  return found === null ? '–' : valueText(found, unit);
}

function valueText(value: number, unit: AskedVerdict['unit']): string {
  if (unit === 'share') return percent(value);
  if (unit === 'times') return `${value.toFixed(1)} times`;
  if (unit === 'bytes') return `${grouped(value)} bytes`;
  if (unit === 'milliseconds') return `${value.toFixed(2)} ms`;
  return `${value} ${unit}`;
}
