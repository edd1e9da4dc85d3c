/** Every verb, loaded only when it is asked for: most of them need no models, and start fast without them. */
import { verbUnknown } from '../faults.ts';
import { closeTo } from '../../registry/base/closest.ts';
import type { Verb } from './verb.ts';

export interface VerbEntry {
  readonly name: string;
  readonly says: string;
  /** Ends before it would pay to compile what its words are checked by. */
  readonly brief?: true;
  load(): Promise<Verb>;
}

/** In the order in which people meet them. A test holds the sentences against the verbs. */
export const VERBS: readonly VerbEntry[] = [
  {
    name: 'demo',
    says: 'Shows the whole story on handwritten digits, in a fresh repository of its own.',
    load: async () => (await import('./demo.ts')).demo,
  },
  {
    name: 'world',
    says: 'Opens a GitHub of your own on this machine, with a repository and the bot, until Ctrl-C.',
    load: async () => (await import('./world.ts')).world,
  },
  {
    name: 'say',
    says: 'Comments in the local world as one of its people, and shows what the bot answers.',
    load: async () => (await import('./say.ts')).say,
  },
  {
    name: 'init',
    says: 'Begins a registry on the branch fettle/registry, and writes settings to start from.',
    load: async () => (await import('./init.ts')).init,
  },
  {
    name: 'run',
    says: 'Takes in a source, trains, judges, and promotes what is shown not to be worse.',
    load: async () => (await import('./run.ts')).run,
  },
  {
    name: 'learn',
    says: 'Takes in what is new for every model whose source the settings name: update, evaluate, decide.',
    load: async () => (await import('./learn.ts')).learn,
  },
  {
    name: 'plan',
    says: 'Begins the runs of a recipe, and lists their heavy steps for machines elsewhere.',
    load: async () => (await import('./plan.ts')).plan,
  },
  {
    name: 'stage',
    says: 'Performs one step of a planned run on this machine, under a lease in the registry.',
    load: async () => (await import('./stage.ts')).stage,
  },
  {
    name: 'watch',
    says: 'Frees steps that lost machines held, and raises the alarm over models that have gone silent.',
    load: async () => (await import('./watch.ts')).watch,
  },
  {
    name: 'status',
    says: 'Shows what serves where, how good it is, and what happened last.',
    brief: true,
    load: async () => (await import('./status.ts')).status,
  },
  {
    name: 'history',
    says: 'Lists every decision, newest first, with its reason.',
    brief: true,
    load: async () => (await import('./history.ts')).history,
  },
  {
    name: 'log',
    says: 'Lists the events themselves, newest first, one line each.',
    load: async () => (await import('./log.ts')).log,
  },
  {
    name: 'blame',
    says: 'Tells who served when, by whose word, on what evidence, and why it ended.',
    load: async () => (await import('./blame.ts')).blame,
  },
  {
    name: 'show',
    says: 'Shows everything known of one version: metrics, verdict, lineage, files.',
    brief: true,
    load: async () => (await import('./show.ts')).show,
  },
  {
    name: 'lineage',
    says: 'Tells where a version comes from: data, run, code, parents, and what became of it.',
    load: async () => (await import('./lineage.ts')).lineage,
  },
  {
    name: 'compare',
    says: 'Compares two versions on the items that both were scored on, with intervals.',
    load: async () => (await import('./compare.ts')).compare,
  },
  {
    name: 'duel',
    says: 'Tells whether the challenger is better on live issues that were left to people; may be asked at any time.',
    load: async () => (await import('./duel.ts')).duel,
  },
  {
    name: 'score',
    says: 'Scores every version that ever served on the same items, by whatever metric is asked.',
    load: async () => (await import('./score.ts')).score,
  },
  {
    name: 'predict',
    says: 'Says what the version that serves makes of an input, with probabilities.',
    load: async () => (await import('./predict.ts')).predict,
  },
  {
    name: 'why',
    says: 'Derives again why a version was promoted, held, refused or rolled back; or tells what decided a prediction.',
    load: async () => (await import('./why.ts')).why,
  },
  {
    name: 'label',
    says: 'Labels open issues of GITHUB_REPOSITORY, or suggests labels, as far as the settings let each label go.',
    load: async () => (await import('./label.ts')).label,
  },
  {
    name: 'observe',
    says: 'Takes in live outcomes, and rolls back a version that breaks its promise.',
    load: async () => (await import('./observe.ts')).observe,
  },
  {
    name: 'promote',
    says: 'Makes a version the one that a channel serves, if every gate passed.',
    load: async () => (await import('./promote.ts')).promote,
  },
  {
    name: 'rollback',
    says: 'Lets the version before serve again.',
    load: async () => (await import('./rollback.ts')).rollback,
  },
  {
    name: 'retire',
    says: 'Takes a model out of service on every channel; its history stays.',
    load: async () => (await import('./retire.ts')).retire,
  },
  {
    name: 'forget',
    says: 'Takes a person’s or an item’s rows out of every stored file, for good, and records that it was done.',
    load: async () => (await import('./forget.ts')).forget,
  },
  {
    name: 'report',
    says: 'Writes one self-contained page with pictures, or prints Markdown.',
    load: async () => (await import('./report.ts')).report,
  },
  {
    name: 'export',
    says: 'Writes the registry for other tools: JSON lines, SQLite, OpenLineage, MLflow or GTO tags.',
    load: async () => (await import('./export.ts')).exportVerb,
  },
  {
    name: 'import',
    says: 'Takes in the versions and promotions that the GTO tags of this repository record.',
    load: async () => (await import('./import.ts')).importVerb,
  },
  {
    name: 'verify',
    says: 'Checks the chain, the signatures, every derived file and the files of what serves, since the last time or from the start.',
    load: async () => (await import('./verify.ts')).verify,
  },
  {
    name: 'witness',
    says: 'Has another repository remember the newest checkpoint, so that nobody can cut this log short or rewrite it unseen.',
    load: async () => (await import('./witness.ts')).witness,
  },
  {
    name: 'approve',
    says: 'Approves a version for a channel, where the policy asks for approvals.',
    load: async () => (await import('./approve.ts')).approve,
  },
  {
    name: 'prove',
    says: 'Writes a proof that an event is in the log, and that the log only grew since an earlier size.',
    load: async () => (await import('./prove.ts')).prove,
  },
  {
    name: 'policy',
    says: 'Begins, shows and changes who must sign and approve what.',
    load: async () => (await import('./policy.ts')).policy,
  },
  {
    name: 'key',
    says: 'Makes a key in git’s own folder, or lists those at hand.',
    load: async () => (await import('./key.ts')).key,
  },
  {
    name: 'attest',
    says: 'Drafts or signs the statement that lets an inert module act.',
    load: async () => (await import('./attest.ts')).attest,
  },
  {
    name: 'activate',
    says: 'Lets an inert module act if enough people have attested that it may.',
    load: async () => (await import('./activate.ts')).activate,
  },
  {
    name: 'stop',
    says: 'Stops everything: no promotion, no module acts, until it is resumed. Rolling back stays possible.',
    load: async () => (await import('./stop.ts')).stop,
  },
  {
    name: 'resume',
    says: 'Ends a stop.',
    load: async () => (await import('./resume.ts')).resume,
  },
  {
    name: 'fold',
    says: 'Takes what other writers left in the inbox into the log.',
    load: async () => (await import('./fold.ts')).fold,
  },
  {
    name: 'drain',
    says: 'Sends on the events that were kept here because nothing could be reached.',
    load: async () => (await import('./drain.ts')).drain,
  },
  {
    name: 'share',
    says: 'Brings to the shared store what the registry needs and only this clone has.',
    load: async () => (await import('./share.ts')).share,
  },
  {
    name: 'gc',
    says: 'Removes artifacts from this clone that no version, channel, dataset or kept run needs.',
    load: async () => (await import('./gc.ts')).gc,
  },
  {
    name: 'compact',
    says: 'Begins a new epoch: old lines of the log leave the branch’s tree, and stay in its history.',
    load: async () => (await import('./compact.ts')).compact,
  },
  {
    name: 'audit',
    says: 'Computes every score anew from its files, runs the models again, and tells what does not agree.',
    load: async () => (await import('./audit.ts')).audit,
  },
  {
    name: 'contradictions',
    says: 'Finds what registry and settings say that cannot all be true, and tells what to believe.',
    load: async () => (await import('./contradictions.ts')).contradictions,
  },
  {
    name: 'simulate',
    says: 'Shows how often each rule of promotion errs, with the theory beside it.',
    load: async () => (await import('./simulate.ts')).simulate,
  },
  {
    name: 'optimise',
    says: 'Finds the best of a hard choice by classical and by simulated quantum means, and says who won.',
    load: async () => (await import('./optimise.ts')).optimise,
  },
  {
    name: 'quantum',
    says: 'Shows how the solvers did when they were last compared, and whether anything quantum has an advantage.',
    load: async () => (await import('./quantum.ts')).quantum,
  },
  {
    name: 'merge',
    says: 'Merges models into one file, as a configuration of mergekit says, tensor by tensor.',
    load: async () => (await import('./merge.ts')).merge,
  },
  {
    name: 'quantize',
    says: 'Compresses the weights of a model, and scores what was written by reading it again.',
    load: async () => (await import('./quantize.ts')).quantize,
  },
  {
    name: 'inspect',
    says: 'Shows what is in a file of weights: shapes, types, sizes, outliers and a histogram.',
    load: async () => (await import('./inspect.ts')).inspect,
  },
  {
    name: 'diff',
    says: 'Tells how the weights of two models differ, tensor by tensor.',
    load: async () => (await import('./diff.ts')).diff,
  },
  {
    name: 'doctor',
    says: 'Looks at everything that Fettle needs here, and says what to mend.',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  {
    name: 'schema',
    says: 'Prints the JSON Schema of .github/fettle.yml.',
    load: async () => (await import('./schema.ts')).schema,
  },
  {
    name: 'completion',
    says: 'Prints a completion script for bash, zsh or fish.',
    load: async () => (await import('./completion.ts')).completion,
  },
  {
    name: 'help',
    says: 'Tells what can be asked, or everything about one verb.',
    load: async () => (await import('./help.ts')).help,
  },
];

/** @throws verbUnknown, with the closest name */
export function verbNamed(name: string): VerbEntry {
  const found = VERBS.find((verb) => verb.name === name);
  if (found !== undefined) return found;
  throw verbUnknown({
    found: name,
    closest: closeTo(
      name,
      VERBS.map((verb) => verb.name),
    ),
  });
}
