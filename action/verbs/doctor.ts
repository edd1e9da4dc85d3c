/** `fettle doctor`: looks at everything that Fettle needs, and says what to mend. */
import { access, constants, mkdir } from 'node:fs/promises';
import * as z from 'zod';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import { settingsMisshapen } from '../../pipelines/faults.ts';
import { findRuntime } from '../../pipelines/onnx/runtime.ts';
import { readSettings } from '../../pipelines/settings/read.ts';
import { digestOf } from '../../registry/base/digest.ts';
import { FettleError } from '../../registry/base/fault.ts';
import { repositoryAt, type Repository } from '../../registry/store/repository.ts';
import { contradictionFindings } from './contradiction-findings.ts';
import { defineVerb, EXIT, type Paint, type VerbContext } from './verb.ts';
import { counted } from './words.ts';
import { mend, registryFindings, type Finding } from './registry-health.ts';
import { hideShelf, openReader, openShelf, shelfIn } from './workplace.ts';

const NODE_LEAST = 24;
const GIT_LEAST = [2, 30] as const;

export const doctor = defineVerb({
  name: 'doctor',
  says: 'Looks at everything that Fettle needs here, and says what to mend.',
  words: [],
  input: z.strictObject({
    repair: z.boolean().default(false).describe('mend what can be mended from the log alone'),
  }),
  writes: true,
  examples: ['fettle doctor', 'fettle doctor --repair --dry-run', 'fettle doctor --repair'],

  async run(context, { repair }) {
    const mended = repair ? await mend(context) : [];
    const findings = [...mended, ...(await examine(context))];
    const wrong = findings.filter(({ answer }) => answer === 'wrong').length;
    return {
      data: { ok: wrong === 0, findings },
      text: (paint) => textOf(findings, wrong, paint),
      exit: wrong === 0 ? EXIT.done : EXIT.fault,
    };
  },
});

async function examine(context: VerbContext): Promise<readonly Finding[]> {
  const findings = [nodeFinding(), await finding('onnx runtime', runtimeFound)];
  const repository = await repositoryOr(context.folder);
  if (repository instanceof FettleError) return [...findings, wrong('repository', repository)];
  return [
    ...findings,
    { check: 'repository', answer: 'ok', says: repository.top },
    await finding('git', () => gitFound(repository)),
    await finding('commit', () => commitFound(repository)),
    await finding('remote', () => remoteFound(repository)),
    await finding('settings', () => settingsFound(repository)),
    await finding('artifacts', () => shelfFound(repository)),
    ...(await sharedFindings(context, repository)),
    await finding('registry', () => registryFound(context)),
    ...(await registryFindings(context)),
    ...(await contradictionFindings(context)),
  ];
}

type Look = () => Promise<Omit<Finding, 'check'>>;

async function finding(check: string, look: Look): Promise<Finding> {
  try {
    return { check, ...(await look()) };
  } catch (error) {
    if (error instanceof FettleError) return wrong(check, error);
    return { check, answer: 'wrong', says: error instanceof Error ? error.message : String(error) };
  }
}

function wrong(check: string, { message, mend }: FettleError): Finding {
  return { check, answer: 'wrong', says: `${message}. ${mend}` };
}

function nodeFinding(): Finding {
  const major = Number(process.versions.node.split('.')[0]);
  const answer = major >= NODE_LEAST ? 'ok' : 'wrong';
  const advice =
    answer === 'ok' ? '' : `, wanted ${NODE_LEAST} or newer: run through npx or npm, which bring their own`;
  return { check: 'node', answer, says: `${process.versions.node}${advice}` };
}

async function runtimeFound(): Promise<Omit<Finding, 'check'>> {
  try {
    const { kind } = await findRuntime();
    return {
      answer: 'ok',
      says: kind === 'native' ? 'native' : 'WebAssembly, as shipped; training is slower',
    };
  } catch {
    return {
      answer: 'wrong',
      says: 'does not load; models cannot be run. Install it with `npm install onnxruntime-node`.',
    };
  }
}

async function repositoryOr(folder: string): Promise<Repository | FettleError> {
  try {
    return await repositoryAt(folder);
  } catch (error) {
    if (error instanceof FettleError) return error;
    throw error;
  }
}

async function gitFound(repository: Repository): Promise<Omit<Finding, 'check'>> {
  const version = (await repository.version()).replace(/^git version /, '');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const old = major < GIT_LEAST[0] || (major === GIT_LEAST[0] && minor < GIT_LEAST[1]);
  if (!old) return { answer: 'ok', says: version };
  return { answer: 'wrong', says: `${version}, wanted ${GIT_LEAST.join('.')} or newer: update git` };
}

async function commitFound(repository: Repository): Promise<Omit<Finding, 'check'>> {
  const commit = await repository.commit();
  if (commit !== null) return { answer: 'ok', says: commit.slice(0, 12) };
  return {
    answer: 'note',
    says: 'none yet: lineage will say so. Commit once to pin the code that models were made with.',
  };
}

async function remoteFound(repository: Repository): Promise<Omit<Finding, 'check'>> {
  const remotes = await repository.remotes();
  if (remotes.includes('origin')) return { answer: 'ok', says: 'origin: the registry is pushed there' };
  return { answer: 'note', says: 'no origin: the registry stays in this clone' };
}

async function settingsFound({ top }: Repository): Promise<Omit<Finding, 'check'>> {
  const models = Object.keys((await readSettings(top)).models);
  return {
    answer: 'ok',
    says: models.length === 0 ? 'defaults' : `${counted(models.length, 'model')}: ${models.join(', ')}`,
  };
}

async function shelfFound(repository: Repository): Promise<Omit<Finding, 'check'>> {
  const shelf = shelfIn(repository);
  await mkdir(shelf.folder, { recursive: true });
  await hideShelf(shelf);
  await access(shelf.folder, constants.W_OK);
  return { answer: 'ok', says: `${shelf.folder} can be written` };
}

/** Nothing where the settings choose no shared store. What is wrong with the settings is told by their own finding. */
async function sharedFindings(context: VerbContext, repository: Repository): Promise<readonly Finding[]> {
  const check = 'shared artifacts';
  try {
    const { shared } = await openShelf({ ...context, dryRun: true }, repository);
    if (shared === null) return [];
    return [await finding(check, () => sharedFound(shared))];
  } catch (error) {
    if (!(error instanceof FettleError)) throw error;
    return error.code === settingsMisshapen.code ? [] : [wrong(check, error)];
  }
}

async function sharedFound(shared: ArtifactStore): Promise<Omit<Finding, 'check'>> {
  await shared.has(digestOf('whether it answers'));
  return { answer: 'ok', says: `${shared.where} answers` };
}

async function registryFound(context: VerbContext): Promise<Omit<Finding, 'check'>> {
  const { registry } = await openReader(context);
  const view = await registry.read();
  if (view === null) {
    return { answer: 'note', says: 'not begun yet: `fettle init` or the first `fettle run` does' };
  }
  return {
    answer: 'ok',
    says: `${counted(view.size, 'event')}, ${counted(view.state.models.size, 'model')}; \`fettle verify\` reads it whole`,
  };
}

function textOf(findings: readonly Finding[], wrongs: number, paint: Paint): string {
  const marks = { ok: paint.good('ok   '), note: paint.warn('note '), wrong: paint.bad('wrong') };
  const lines = findings.map(({ check, answer, says }) => `${marks[answer]} ${check.padEnd(17)} ${says}`);
  return [...lines, '', wrongs === 0 ? 'Fettle can work here.' : `${counted(wrongs, 'thing')} to mend.`].join(
    '\n',
  );
}
