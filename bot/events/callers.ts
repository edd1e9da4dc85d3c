/** Workflows of ten lines that a project calls Fettle's own by, pinned to a commit. */
import * as z from 'zod';

/** Where the reusable workflows lie. */
export const WorkflowSource = z
  .string()
  .regex(/^[\w.-]+\/[\w.-]+@[0-9a-f]{40}$/, 'owner/name@ and all 40 digits of a commit')
  .transform((text) => {
    const [repository = '', commit = ''] = text.split('@');
    return { repository, commit };
  });
export type WorkflowSource = z.infer<typeof WorkflowSource>;

interface Caller {
  /** Of the workflow that is called, and of the file: `fettle-<name>.yml`. */
  readonly name: string;
  readonly says: string;
  /** Whether a comment starts it: it takes what the app says then, and is found again by its name. */
  readonly asked: boolean;
  /** Inputs that a person or the app gives, and hands on. */
  readonly inputs: readonly string[];
  /** Off the full hour, when GitHub is late or drops runs; null for none. */
  readonly cron: string | null;
  /** What people do to issues that starts it. */
  readonly corrections: readonly string[];
  /** Each with what it is for. */
  readonly permissions: Readonly<Record<string, string>>;
}

const WRITES = { contents: 'write # to push the registry branch' };
const LEARNS = { ...WRITES, issues: 'read # to learn from issues and their labels' };

const CALLERS: readonly Caller[] = [
  {
    name: 'learn',
    says: 'Lets every model learn whose source .github/fettle.yml names; without one it ends at once.',
    asked: false,
    inputs: ['model'],
    cron: '7,22,37,52 * * * *',
    corrections: ['labeled', 'unlabeled'],
    permissions: LEARNS,
  },
  {
    name: 'train',
    says: 'Trains the model that a comment asks for.',
    asked: true,
    inputs: ['model', 'request', 'reason', 'sha'],
    cron: null,
    corrections: [],
    permissions: LEARNS,
  },
  {
    name: 'benchmark',
    says: 'Scores every version that served, when a comment asks for it.',
    asked: true,
    inputs: ['model', 'request', 'reason'],
    cron: null,
    corrections: [],
    permissions: { contents: 'read # to read the registry and the code' },
  },
  {
    name: 'watch',
    says: 'Frees what lost machines held, and opens an issue over models that have gone silent.',
    asked: false,
    inputs: [],
    cron: '13 6 * * *',
    corrections: [],
    permissions: { ...WRITES, issues: 'write # to raise the alarm' },
  },
];

export function callerFile(name: string): string {
  return `.github/workflows/fettle-${name}.yml`;
}

/** Each by its file's path. */
export function callersOf({ repository, commit }: WorkflowSource): ReadonlyMap<string, string> {
  return new Map(
    CALLERS.map((caller) => [
      callerFile(caller.name),
      textOf(caller, `${repository}/.github/workflows/${caller.name}.yml@${commit}`),
    ]),
  );
}

function textOf({ name, says, asked, inputs, cron, corrections, permissions }: Caller, uses: string): string {
  const given = (key: string): string => `\${{ inputs.${key} }}`;
  const grants = Object.entries(permissions).map(([key, level]) => `      ${key}: ${level}\n`);
  return [
    `# ${says}\nname: fettle-${name}\n`,
    // By these words the app finds the run of a comment again.
    ...(asked ? [`run-name: ${name} ${['model', 'request', 'reason'].map(given).join(' ')}\n`] : []),
    `on:\n  workflow_dispatch:\n`,
    ...(inputs.length === 0 ? [] : ['    inputs:\n']),
    ...inputs.map((key) => `      ${key}: { type: string, default: '' }\n`),
    ...(cron === null ? [] : [`  schedule:\n    - cron: '${cron}'\n`]),
    ...(corrections.length === 0 ? [] : [`  issues:\n    types: [${corrections.join(', ')}]\n`]),
    `permissions: {}\njobs:\n  ${name}:\n    uses: ${uses}\n    permissions:\n`,
    ...grants,
    ...(inputs.length === 0 ? [] : ['    with:\n']),
    ...inputs.map((key) => `      ${key}: ${given(key)}\n`),
    `    secrets:\n      FETTLE_KEYS: \${{ secrets.FETTLE_KEYS }}\n`,
  ].join('');
}
