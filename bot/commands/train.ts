/** `/fettle train` and `/fettle bench`: a workflow is asked to run; the bot itself runs no code of anybody. */
import type { Run } from '../github/runs.ts';
import * as z from 'zod';
import { codeSpan } from '../../registry/report/words.ts';
import { ModelName } from '../../registry/schema/model.ts';
import { isAtLeast } from '../policy/may-ask.ts';
import { defineCommand, type Command, type Context, type Reply } from './command.ts';
import { guarded } from './guard.ts';
import { lookedAt, modelMeant } from './looking.ts';
import { done, refused } from './told.ts';

const Commit = z.string().regex(/^[0-9a-f]{40}$/, 'all 40 hex digits of a commit');
const input = z.strictObject({ model: ModelName.optional(), sha: Commit.optional() });
const shared = { level: 'write', mutates: true } as const;

export const train: Command = defineCommand({
  ...shared,
  name: 'train',
  usage: 'train [model]',
  input,
  summary: 'Starts a training run; what it makes is judged by the gates.',
  examples: ['train', 'train digits --reason "new labels"'],
  handle: (context, asked) =>
    started(context, {
      ...asked,
      command: train,
      workflow: context.settings.bot.workflows.train,
      noun: 'training',
    }),
});

export const bench: Command = defineCommand({
  ...shared,
  name: 'bench',
  usage: 'bench [model]',
  // What served is scored on the default branch; no code of a pull request is run for it.
  input: z.strictObject({ model: ModelName.optional() }),
  summary: 'Starts a benchmark run: every version that served, scored anew on the same items.',
  examples: ['bench', 'bench digits'],
  handle: (context, asked) =>
    started(context, {
      ...asked,
      command: bench,
      workflow: context.settings.bot.workflows.benchmark,
      noun: 'benchmark',
    }),
});

interface Start {
  readonly model?: ModelName | undefined;
  readonly sha?: string | undefined;
  readonly command: Command;
  readonly workflow: string;
  readonly noun: string;
}

async function started(context: Context, start: Start): Promise<Reply> {
  const { asker, outside, thread } = context;
  const { command, sha, workflow, noun } = start;
  const fork = command === train ? forkRefusal(context, sha) : null;
  if (fork !== null) return fork;
  const model = await modelToRun(context, start.model);
  if (typeof model !== 'string') return model;
  const mark = `comment-${thread.commentId}`;
  const known = await outside.runFor({ model, request: mark });
  if (known !== null) return startedReply(model, { noun, url: known.url, run: known.id });
  const inputs = {
    model,
    reason: context.reason ?? `asked for by ${asker.login} in #${thread.number}`,
    request: mark,
    ...(sha === undefined ? {} : { sha }),
  };
  if (context.dryRun) {
    const verdict = `A ${noun} of ${codeSpan(model)} would be started by ${codeSpan(workflow)}. Nothing was started.`;
    return done(verdict, { model, reason: 'noop_ready', next: `/fettle ${command.name} ${model}` });
  }
  const isFork = command === train && thread.pull?.fromFork === true;
  const question = `A ${noun} of ${codeSpan(model)} will run the code of commit ${codeSpan(sha ?? 'the default branch')}.`;
  return guarded(
    context,
    { command, lock: `${model}.${command.name}`, question, grave: isFork },
    async () => {
      const { runId, url, byOther } = await outside.dispatch(workflow, inputs);
      if (byOther === true && runId === null) return otherReply(model, noun);
      return startedReply(model, { noun, url, run: runId });
    },
  );
}

/** A stranger's code runs only as the very commit that a maintainer has looked at and named in full. */
function forkRefusal({ asker, thread: { pull } }: Context, sha: string | undefined): Reply | null {
  if (pull === null) {
    return sha === undefined
      ? null
      : refused('command_unclear', 'Not started: `--sha` names a commit of a pull request.');
  }
  if (sha !== undefined && sha !== pull.headSha) {
    return refused('ref_changed', 'Not started: that is not the newest commit of this pull request.', {
      details: `Its newest is ${codeSpan(pull.headSha)}. Look at what changed before you name it.`,
    });
  }
  if (!pull.fromFork) return null;
  if (asker.level === 'unknown' || !isAtLeast(asker.level, 'maintain')) {
    return refused(
      'fork_refused',
      'Not started: code of a fork runs only when a maintainer names its commit.',
    );
  }
  if (sha !== undefined) return null;
  return refused(
    'fork_refused',
    'Not started: this is the code of a fork. Look at it, then name its commit in full.',
    {
      details: `The newest commit is ${codeSpan(pull.headSha)}; it is what would run, and nothing pushed later.`,
      next: `/fettle train --sha ${pull.headSha}`,
    },
  );
}

/** A model that the settings name may never have been trained. */
async function modelToRun(context: Context, name: ModelName | undefined): Promise<ModelName | Reply> {
  const set = Object.keys(context.settings.models).map((key) => ModelName.parse(key));
  const only = set.length === 1 ? set[0] : undefined;
  const wanted = name ?? only;
  if (wanted !== undefined && set.includes(wanted)) return wanted;
  const view = await lookedAt(context);
  if (view !== null) {
    const known = modelMeant(view.state, wanted);
    return 'verdict' in known ? known : known.model;
  }
  const known = set.map((one) => codeSpan(one)).join(', ');
  const details =
    known === '' ? 'Name models under `models:` in `.github/fettle.yml`.' : `The settings name ${known}.`;
  return refused('not_found', name === undefined ? 'Which model?' : `No model is called ${codeSpan(name)}.`, {
    details,
  });
}

/** Nothing is said of a run that nobody has seen. */
function otherReply(model: string, noun: string): Reply {
  return {
    model,
    state: 'started',
    reason: 'run_started',
    verdict: `Another process of this app took on the ${noun} of ${codeSpan(model)}; its run is not to be seen yet.`,
    details: 'It is started once. Where none appears under Actions, ask again in a new comment.',
    next: `/fettle status ${model}`,
  };
}

interface Begun {
  readonly noun: string;
  readonly url: string | null;
  readonly run: Run['id'] | null;
}

function startedReply(model: string, { noun, url, run }: Begun): Reply {
  const link = url === null ? 'under Actions' : `[here](${url})`;
  return {
    model,
    state: 'started',
    reason: 'run_started',
    verdict: `**The ${noun} of ${codeSpan(model)} has started**; watch it ${link}. This comment tells how it ends.`,
    details: '',
    next: run === null ? `/fettle status ${model}` : `/fettle cancel ${run}`,
  };
}
