/** `fettle policy`: begins the rules of trust, shows them, and changes them step by numbered step. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { writeDurably } from '../../pipelines/artifacts/durable.ts';
import { policyMissing } from '../../registry/faults.ts';
import { decidePolicyChange } from '../../registry/decide/change-policy.ts';
import { SignedPolicy, type Policy } from '../../registry/schema/policy.ts';
import { newKey, signerOf, type Signer } from '../../registry/trust/keys.ts';
import { verifierKey } from '../../registry/trust/note.ts';
import { signWord } from '../../registry/trust/signatures.ts';
import { fileUnreadable } from '../faults.ts';
import { keepKey, signersIn } from './secret-folder.ts';
import { defineVerb, type Told, type VerbContext } from './verb.ts';
import { counted } from './words.ts';
import { decideIn, openReader, viewIn, type Ledger } from './workplace.ts';

const Unsigned = z.object({ policy: z.unknown(), signatures: z.array(z.unknown()).default([]) });

export const policy = defineVerb({
  name: 'policy',
  says: 'Begins, shows and changes who must sign and approve what.',
  words: ['deed', 'file'],
  input: z.strictObject({
    deed: z.enum(['show', 'init', 'edit', 'sign', 'apply']).default('show').describe('what to do'),
    file: z.string().default('fettle-policy.json').describe('where the next policy is drafted'),
    days: z.coerce.number().int().min(1).max(3650).default(365).describe('how long a new policy holds'),
    owner: z
      .string()
      .regex(/^\d+:[\w[\]-]+$/, 'a GitHub account such as 583231:octocat')
      .optional()
      .describe('whose the root key is, as number:login'),
    pq: z.boolean().default(false).describe('ask for an ML-DSA key beside every Ed25519 one'),
  }),
  writes: true,
  examples: [
    'fettle policy init --owner 583231:octocat',
    'fettle policy edit next.json',
    'fettle policy sign next.json',
    'fettle policy apply next.json',
  ],

  async run(context, { deed, file, ...asked }) {
    const ledger = await openReader(context);
    const { state, origin } = await viewIn(ledger);
    const inForce = state.trust.policy;
    const draft = path.resolve(context.folder, file);
    if (deed === 'init') return init(context, ledger, { ...asked, origin, inForce });
    if (deed === 'apply') return apply(context, ledger, { signed: await readSigned(draft), origin });
    if (deed === 'sign') return sign(context, ledger, draft);
    if (inForce === null) throw policyMissing({ wanted: 'anything' });
    return deed === 'edit'
      ? edit(draft, inForce.policy, { context, days: asked.days })
      : show(inForce.policy);
  },
});

interface InitAsk {
  readonly origin: string;
  readonly inForce: SignedPolicy | null;
  readonly days: number;
  readonly owner?: string | undefined;
  readonly pq: boolean;
}

async function init(context: VerbContext, ledger: Ledger, ask: InitAsk): Promise<Told> {
  if (ask.inForce !== null) return show(ask.inForce.policy);
  const kinds = ask.pq ? (['ed25519', 'ml-dsa-44'] as const) : (['ed25519'] as const);
  const [rootPems, logPems] = [kinds.map(newKey), kinds.map(newKey)];
  if (!context.dryRun) {
    for (const pem of [...rootPems, ...logPems]) await keepKey(ledger.repository, pem);
  }
  const [root, log] = [rootPems.map(signerOf), logPems.map(signerOf)];
  const begun = firstPolicy({ ...ask, root, log, now: context.now() });
  const signed = { policy: begun, signatures: root.map((signer) => signWord(signer, 'policy', begun)) };
  if (context.dryRun) return show(begun);
  // The keys were made a moment ago: the registry is opened again so that it finds them.
  return apply(context, await openReader(context), { signed, origin: ask.origin });
}

interface First extends InitAsk {
  readonly root: readonly Signer[];
  readonly log: readonly Signer[];
  readonly now: string;
}

function firstPolicy({ origin, days, owner, pq, root, log, now }: First): Policy {
  const [id = '', login = ''] = owner?.split(':') ?? [];
  const person = owner === undefined ? null : { id: Number(id), login };
  const listed = [
    ...root.map((signer) => [signer.id, { ...signer.public, owner: person }] as const),
    ...log.map((signer) => [signer.id, { ...signer.public, owner: null }] as const),
  ];
  return {
    v: 1,
    version: 1,
    origin,
    expires: daysAfter(now, days),
    keys: Object.fromEntries(listed),
    roles: {
      root: { keys: root.map((signer) => signer.id), threshold: 1 },
      log: { keys: log.map((signer) => signer.id), threshold: 1 },
      author: { keys: [] },
      witness: { keys: [], threshold: 0 },
    },
    pq: pq ? 'required' : 'off',
    approvals: {},
    inert: {},
  };
}

function daysAfter(now: string, days: number): string {
  return new Date(Date.parse(now) + days * 86_400_000).toISOString();
}

interface ApplyAsk {
  readonly signed: SignedPolicy;
  readonly origin: string;
}

async function apply(context: VerbContext, ledger: Ledger, { signed, origin }: ApplyAsk): Promise<Told> {
  const ask = { signed, origin, now: context.now() };
  const events = await decideIn(ledger, context, (state) => decidePolicyChange(state, ask));
  const { version, expires } = signed.policy;
  return {
    data: { changed: events.length > 0, policy: signed.policy },
    text: (paint) =>
      events.length === 0
        ? `Policy ${version} is in force already.`
        : `${paint.good('in force')} policy ${version}, until ${expires.slice(0, 10)}.\n${paint.dim('Keep the root key off this machine: it signs the next policy. Log keys belong where the registry is written.')}`,
  };
}

async function edit(
  file: string,
  inForce: Policy,
  { context, days }: { readonly context: VerbContext; readonly days: number },
): Promise<Told> {
  const next = { ...inForce, version: inForce.version + 1, expires: daysAfter(context.now(), days) };
  if (!context.dryRun) await writeDraft(file, { policy: next, signatures: [] });
  return {
    data: { file, policy: next },
    text: () =>
      `Drafted policy ${next.version} in ${file}.\nNext: edit it, then \`fettle policy sign\` it with root keys.`,
  };
}

async function sign(context: VerbContext, { repository }: Ledger, file: string): Promise<Told> {
  const draft = Unsigned.safeParse(await readJson(file));
  const signers = await signersIn(repository, context.secrets);
  const whole = SignedPolicy.safeParse({
    policy: draft.data?.policy,
    signatures: signers.map((signer) => signWord(signer, 'policy', draft.data?.policy ?? null)),
  });
  if (!whole.success) throw fileUnreadable({ file, wanted: 'a policy', found: z.prettifyError(whole.error) });
  const roots = whole.data.policy.roles.root.keys;
  const others = SignedPolicy.shape.signatures.safeParse(draft.data?.signatures).data ?? [];
  const mine = whole.data.signatures.filter(({ keyid }) => roots.includes(keyid));
  const kept = others.filter(({ keyid }) => !mine.some((known) => known.keyid === keyid));
  const signed = { policy: whole.data.policy, signatures: [...kept, ...mine] };
  if (!context.dryRun) await writeDraft(file, signed);
  return {
    data: { file, added: mine.map(({ keyid }) => keyid), signatures: signed.signatures.length },
    text: () =>
      `${counted(signed.signatures.length, 'signature')} in ${file}, ${mine.length} of them added now.`,
  };
}

function writeDraft(file: string, value: unknown): Promise<void> {
  return writeDurably(file, `${JSON.stringify(value, null, 2)}\n`);
}

async function readSigned(file: string): Promise<SignedPolicy> {
  const found = SignedPolicy.safeParse(await readJson(file));
  if (found.success) return found.data;
  throw fileUnreadable({ file, wanted: 'a signed policy', found: z.prettifyError(found.error) });
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw fileUnreadable({ file, wanted: 'JSON', found: String(error) });
  }
}

function show(inForce: Policy): Told {
  const { version, expires, roles, keys, approvals, inert, pq, origin } = inForce;
  const rows = Object.entries(keys).map(([id, { alg, owner }]) => [
    id.slice(0, 12),
    alg,
    owner?.login ?? '–',
    (['root', 'log', 'author', 'witness'] as const)
      .filter((role) => roles[role].keys.some((known) => known === id))
      .join(', '),
  ]);
  const vkeys = roles.log.keys.flatMap((id) => {
    const known = keys[id];
    return known === undefined ? [] : (verifierKey(origin, known) ?? []);
  });
  return {
    data: { policy: inForce, verifierKeys: vkeys },
    text: (paint) =>
      [
        `${paint.bold(`Policy ${version}`)} of ${origin}, until ${expires.slice(0, 10)}${pq === 'required' ? ', with ML-DSA beside Ed25519' : ''}`,
        paint.table([['key', 'algorithm', 'of', 'role'], ...rows]),
        ...Object.entries(approvals).map(([channel, { count }]) => `${channel} needs ${count} approvals`),
        ...Object.entries(inert).map(
          ([module, { people }]) => `${module} is inert until ${people} people attest`,
        ),
        ...vkeys.map((text) => paint.dim(`verifier key: ${text.slice(0, 120)}`)),
      ].join('\n'),
  };
}
