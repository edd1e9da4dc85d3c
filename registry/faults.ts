/** Everything that can go wrong in the registry, on one page so that it speaks with one voice. */
import { defineFault } from './base/fault.ts';

// Asking

export const modelUnknown = defineFault('registry/model-unknown', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { model: string; known: readonly string[] }) =>
    `wanted a model of this registry, found \`${d.model}\`; it holds ${listOf(d.known, 'none yet')}`,
  mend: 'Name one of these, or train it first with `fettle run`.',
});

export const versionUnknown = defineFault('registry/version-unknown', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { model: string; version: string; known: readonly string[] }) =>
    `wanted a version of ${d.model}, found \`${d.version}\`; the last are ${listOf(d.known, 'none yet')}`,
  mend: (d) => `See all of them with \`fettle history ${d.model}\`.`,
});

export const gateNotPassed = defineFault('registry/gate-not-passed', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { model: string; version: string; gate: string; reason: string }) =>
    `${d.model}@${d.version} cannot be promoted: gate \`${d.gate}\` did not pass (${d.reason})`,
  mend: (d) =>
    `Train a version that passes, or waive the gate on your own authority with \`--waive ${d.gate} --reason "…"\`.`,
});

export const versionNotJudged = defineFault('registry/version-not-judged', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { model: string; version: string }) =>
    `wanted a version that gates have judged, found ${d.model}@${d.version} without a verdict`,
  mend: 'Run its recipe to the end with `fettle run`.',
});

export const nothingServes = defineFault('registry/nothing-serves', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { model: string; channel: string }) =>
    `wanted a version serving ${d.channel}, found none of ${d.model}`,
  mend: (d) => `Promote one with \`fettle promote ${d.model}@<version> --to ${d.channel}\`.`,
});

export const nothingBefore = defineFault('registry/nothing-before', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { model: string; channel: string; version: string }) =>
    `wanted a version that served ${d.channel} before ${d.model}@${d.version}, found none`,
  mend: (d) => `Name one with \`--to <version>\`, or retire the model with \`fettle retire ${d.model}\`.`,
});

export const neverServed = defineFault('registry/never-served', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { model: string; channel: string; version: string }) =>
    `wanted a version that has served ${d.channel} before, found ${d.model}@${d.version}, which never has`,
  mend: (d) => `Make it serve with \`fettle promote ${d.model}@${d.version} --to ${d.channel}\` instead.`,
});

export const modelRetired = defineFault('registry/model-retired', {
  audience: 'user',
  retry: 'never',
  says: (d: { model: string; reason: string }) =>
    `wanted a model in service, found ${d.model} retired (${d.reason})`,
  mend: 'Train it again under `fettle run` to bring it back: a new version ends the retirement.',
});

export const nothingShared = defineFault('registry/nothing-shared', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { before: string; after: string }) =>
    `wanted items that both ${d.before} and ${d.after} were scored on, found none`,
  mend: 'Compare versions of one model whose held-out items overlap.',
});

export const runNotOpen = defineFault('registry/run-not-open', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { model: string; run: string; found: string }) =>
    `wanted ${d.run} of ${d.model} to be under way, found ${d.found}`,
  mend: 'Plan it again with `fettle plan`.',
});

export const leaseHeld = defineFault('registry/lease-held', {
  audience: 'operator',
  retry: 'later',
  says: (d: { run: string; step: string; holder: string; until: string }) =>
    `wanted to take on ${d.step} of ${d.run}, found it held by ${d.holder} until ${d.until}`,
  mend: 'Wait for it; `fettle watch` frees it when nothing is heard of its holder.',
});

export const leaseLost = defineFault('registry/lease-lost', {
  audience: 'operator',
  retry: 'never',
  says: (d: { run: string; step: string; holder: string }) =>
    `wanted ${d.step} of ${d.run} to be held by ${d.holder}, found it given up`,
  mend: 'Nothing is lost: the step is taken on anew, and what was made of it is known by its digest.',
});

export const leaseSpent = defineFault('registry/lease-spent', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { run: string; step: string; attempts: number }) =>
    `wanted ${d.step} of ${d.run} within ${d.attempts} attempts, found all of them lost or failed`,
  mend: 'Look at the logs of the last one, then run the recipe again: that begins a new count.',
});

export const championMoved = defineFault('registry/champion-moved', {
  audience: 'user',
  retry: 'later',
  says: (d: { model: string; against: string | null; serving: string | null }) =>
    `${d.model} was judged against ${d.against ?? 'nothing'}, found ${d.serving ?? 'nothing'} serving now`,
  mend: 'Run the same command again: what was trained is kept, only the judging is done anew.',
});

// Trust

export const keyUnreadable = defineFault('registry/key-unreadable', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { found: string }) =>
    `wanted a private key of ed25519, ml-dsa-44 or ml-dsa-65 in PEM, found ${d.found}`,
  mend: 'Make one with `fettle key new`; keep it out of the repository.',
});

export const policyRefused = defineFault('registry/policy-refused', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { wanted: string; found: string }) => `wanted ${d.wanted}, found ${d.found}`,
  mend: 'Correct the policy, sign it again with `fettle policy sign`, and hand it in again; the one in force stays until then.',
});

export const policyMissing = defineFault('registry/policy-missing', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { wanted: string }) => `wanted a policy to judge ${d.wanted} by, found none`,
  mend: 'Begin one with `fettle policy init`.',
});

export const approverUnknown = defineFault('registry/approver-unknown', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { login: string; why: string }) => `wanted an approver, found ${d.login}: ${d.why}`,
  mend: 'Ask one of those whom the policy names; `fettle policy show` lists them.',
});

export const approvalsMissing = defineFault('registry/approvals-missing', {
  audience: 'user',
  retry: 'after-change',
  says: (d: {
    model: string;
    version: string;
    channel: string;
    needed: number;
    given: readonly string[];
    spoilt: readonly string[];
  }) =>
    `${d.model}@${d.version} for ${d.channel}: wanted ${d.needed} approvals, found ${listOf(d.given, 'none')}${d.spoilt.length === 0 ? '' : `; not counted: ${d.spoilt.join(', ')}`}`,
  mend: (d) => `Each approver runs \`fettle approve ${d.model}@${d.version} --to ${d.channel}\`.`,
});

export const attestationRefused = defineFault('registry/attestation-refused', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { module: string; why: string }) =>
    `wanted an attestation that lets ${d.module} act, found: ${d.why}`,
  mend: 'Have enough people whom the policy names sign it with `fettle policy attest`.',
});

export const registryStopped = defineFault('registry/stopped', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { by: string; reason: string }) =>
    `wanted to go on, found everything stopped by ${d.by}: ${d.reason}`,
  mend: 'Once the reason is gone, `fettle resume` starts it again. Rolling back is possible all the time.',
});

export const channelFrozen = defineFault('registry/channel-frozen', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { channel: string; by: string; reason: string }) =>
    `wanted ${d.channel} open for promotions, found it frozen by ${d.by}: ${d.reason}`,
  mend: (d) =>
    `Once the reason is gone, \`/fettle thaw ${d.channel}\` opens it. Rolling back is possible all the time.`,
});

export const promotionRefused = defineFault('registry/promotion-refused', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { model: string; version: string; channel: string; by: string; reason: string }) =>
    `${d.model}@${d.version} for ${d.channel}: wanted nobody against it, found it refused by ${d.by}: ${d.reason}`,
  mend: (d) => `${d.by} can approve it after all; a new version is judged anew.`,
});

export const signerMissing = defineFault('registry/signer-missing', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { role: string; policy: number; wanted: number; found: number }) =>
    `policy ${d.policy} wants ${d.wanted} signatures of the role ${d.role}, found ${d.found} keys for it here`,
  mend: 'Give the key (FETTLE_KEYS, or a file in .git/fettle/keys), or let a writer who has it do it.',
});

export const pinUnreadable = defineFault('registry/pin-unreadable', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { where: string; found: string }) =>
    `wanted the pin of a registry in ${d.where}, found ${d.found}`,
  mend: 'Verify against a pin or a witness of another machine, then delete the file; a new one is written when all is well.',
});

export const witnessUnreachable = defineFault('registry/witness-unreachable', {
  audience: 'user',
  retry: 'later',
  says: (d: { where: string; said: string }) =>
    `wanted what the witness ${d.where} remembers, found it unreachable: ${d.said}`,
  mend: 'Check its address and the rights to read it. `fettle verify` without `--strict` goes on without those that the settings name.',
});

export const witnessRefused = defineFault('registry/witness-refused', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { where: string; said: string }) =>
    `wanted the witness ${d.where} to remember the newest checkpoint, found it refused: ${d.said}`,
  mend: 'Get the right to push to its branch `fettle/witness`; it still remembers what it did before.',
});

export const witnessBusy = defineFault('registry/witness-busy', {
  audience: 'user',
  retry: 'later',
  says: (d: { where: string; times: number }) =>
    `wanted the witness ${d.where} to remember the newest checkpoint, found it changed by others ${d.times} times over`,
  mend: 'Ask again in a while; it still remembers what it did before.',
});

export const witnessMisshapen = defineFault('registry/witness-misshapen', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { where: string; file: string }) =>
    `wanted the checkpoint of one registry in ${d.file} of the witness ${d.where}, found something else`,
  mend: 'Restore the file from the history of its branch `fettle/witness`.',
});

// Looking back

export const positionBeyondEnd = defineFault('registry/position-beyond-end', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { found: number; last: number }) =>
    `wanted a position in the log, found ${d.found}; the last is ${d.last}`,
  mend: 'See the last positions with `fettle log`.',
});

export const beforeTheBeginning = defineFault('registry/before-the-beginning', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { found: string; began: string }) =>
    `wanted a moment in the life of this registry, found ${d.found}; it began ${d.began}`,
  mend: 'Name that moment or a later one.',
});

// The log

export const logMoved = defineFault('registry/log-moved', {
  audience: 'operator',
  retry: 'later',
  says: (d: { expected: string; found: string }) =>
    `wanted the registry's head at ${d.expected}, found ${d.found}: another writer was first`,
  mend: 'Run the same command again; it decides anew on what the other wrote.',
});

export const idempotencyConflict = defineFault('registry/idempotency-conflict', {
  audience: 'operator',
  retry: 'never',
  says: (d: { idem: string; seq: number }) =>
    `wanted the same deed under idempotency key ${d.idem}, found another under it at position ${d.seq}`,
  mend: 'Two different deeds were given one key; report this with both events.',
});

export const registryForeign = defineFault('registry/foreign', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { where: string; found: string }) => `wanted a Fettle registry on ${d.where}, found ${d.found}`,
  mend: 'Another tool wrote there. Move its work to another branch, or put the branch back to the last commit by Fettle.',
});

export const registryFromFuture = defineFault('registry/from-future', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { what: string; found: string; known: string }) =>
    `wanted ${d.what} ${d.known}, found ${d.found}: a newer Fettle wrote it`,
  mend: 'Update Fettle; nothing was changed.',
});

export const registryDamaged = defineFault('registry/damaged', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { where: string; wanted: string; found: string }) =>
    `${d.where}: wanted ${d.wanted}, found ${d.found}`,
  mend: 'Find the last good commit with `git log fettle/registry`, and compare with another clone before repairing.',
});

export const historyMissing = defineFault('registry/history-missing', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { where: string; what: string }) =>
    `wanted ${d.what} from the history of ${d.where}, which an earlier epoch holds; found a history that was cut off before it`,
  mend: 'Fetch the whole history with `git fetch --unshallow origin fettle/registry`, and ask again.',
});

export const nothingToCompact = defineFault('registry/nothing-to-compact', {
  audience: 'user',
  retry: 'later',
  says: (d: { found: string }) =>
    `wanted an epoch that takes more out of the tree than it puts there, found ${d.found}`,
  mend: 'Nothing is to be done; a new epoch pays when the log has grown by thousands of events.',
});

export const registryMissing = defineFault('registry/missing', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { where: string }) => `wanted a registry on ${d.where}, found none`,
  mend: 'Begin one with `fettle init`, or let `fettle run` do it.',
});

export const remoteRefused = defineFault('registry/remote-refused', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { remote: string; said: string }) =>
    `wanted to push fettle/registry to ${d.remote}, found it refused: ${d.said}`,
  mend: 'Nothing was recorded, and finished steps are kept. Get write access, or set `registry.remote: null` to stay local.',
});

export const remoteUnreachable = defineFault('registry/remote-unreachable', {
  audience: 'user',
  retry: 'later',
  says: (d: { remote: string; said: string }) =>
    `wanted to reach fettle/registry at ${d.remote}, found it unreachable: ${d.said}`,
  mend: 'Run the same command again when it answers (nothing is recorded twice), or set `registry.remote: null` to stay local.',
});

export const remoteBusy = defineFault('registry/remote-busy', {
  audience: 'user',
  retry: 'later',
  says: (d: { remote: string; seconds: number; said: string }) =>
    `wanted an answer from ${d.remote}, found it asking for a pause of ${d.seconds} s: ${d.said}`,
  mend: (d) => `Run the same command again in ${d.seconds} s; nothing is recorded twice.`,
});

export const registryDiverged = defineFault('registry/diverged', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { remote: string; local: string; found: string }) =>
    `wanted fettle/registry here and at ${d.remote} to be one history, found ${d.local} here and ${d.found} there, each with commits that the other lacks`,
  mend: (d) =>
    `Keep the work here with \`git branch fettle-set-aside fettle/registry\`, take the other with \`git branch -f fettle/registry ${d.found}\`, and run again what was recorded only here.`,
});

export const branchInTheWay = defineFault('registry/branch-in-the-way', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { branch: string; remote: string | null }) =>
    `wanted room for the branch fettle/registry${d.remote === null ? '' : ` at ${d.remote}`}, found the branch \`${d.branch}\`, and git keeps no branch below another`,
  mend: (d) =>
    d.remote === null
      ? `Rename it, for instance with \`git branch -m ${d.branch} ${d.branch}-old\`.`
      : `Rename it there, for instance with \`git push ${d.remote} refs/remotes/${d.remote}/${d.branch}:refs/heads/${d.branch}-old :refs/heads/${d.branch}\`.`,
});

export const branchLocked = defineFault('registry/branch-locked', {
  audience: 'user',
  retry: 'later',
  says: (d: { lock: string }) =>
    `wanted to write what ${d.lock} guards, found it there again and again: another git is at work, or one was killed`,
  mend: 'Run the same command again. If it stays, go into that repository: `fettle doctor --repair` removes locks that are ten minutes old.',
});

export const notARepository = defineFault('registry/not-a-repository', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { folder: string }) => `wanted a git repository, found none at ${d.folder}`,
  mend: 'Go into one, or make one with `git init`.',
});

export const gitFailed = defineFault('registry/git-failed', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { command: string; said: string }) => `wanted \`git ${d.command}\` to succeed, found: ${d.said}`,
  mend: 'Mend what git complains of and run the same command again; nothing was recorded.',
});

function listOf(names: readonly string[], none: string): string {
  return names.length === 0 ? none : names.map((name) => `\`${name}\``).join(', ');
}
