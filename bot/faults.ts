/** Everything that can go wrong in the app, on one page so that it speaks with one voice. */
import { defineFault } from '../registry/base/fault.ts';

// Starting

export const secretMissing = defineFault('bot/secret-missing', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { found: string }) => `wanted a webhook secret that nobody can guess, found ${d.found}`,
  mend: 'Set WEBHOOK_SECRET to the secret of the GitHub App; `openssl rand -hex 32` makes one.',
});

export const credentialsMissing = defineFault('bot/credentials-missing', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { wanted: string; found: string }) => `wanted ${d.wanted}, found ${d.found}`,
  mend: 'Set APP_ID and PRIVATE_KEY (or PRIVATE_KEY_PATH) to those of the GitHub App.',
});

export const workflowsMisnamed = defineFault('bot/workflows-misnamed', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { found: string }) =>
    `wanted a repository and a commit by all its 40 digits in FETTLE_BOT_WORKFLOWS, found \`${d.found}\``,
  mend: 'Write it as owner/name@ and the commit, or leave it out: then pull requests bring settings alone.',
});

export const deliveryLogInUse = defineFault('bot/delivery-log-in-use', {
  audience: 'operator',
  retry: 'later',
  says: (d: { folder: string; pid: number }) =>
    `wanted the delivery log in ${d.folder} for this process alone, found process ${d.pid} at work on it`,
  mend: 'Wait until the other process has drained, or give this one another folder with FETTLE_BOT_STATE.',
});

export const deliveryLogDamaged = defineFault('bot/delivery-log-damaged', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { file: string; line: number }) =>
    `${d.file}:${d.line}: wanted a record of the delivery log, found something else`,
  mend: 'Move the file away; commands that were missed are found again by looking at recent comments.',
});

// Answering

export const commentChanged = defineFault('bot/comment-changed', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { comment: number }) =>
    `wanted comment ${d.comment} as it was when it was made, found it edited since; nothing was done`,
  mend: 'Write the command in a new comment.',
});

export const lockUnreadable = defineFault('bot/lock-unreadable', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { name: string }) =>
    `wanted a lock \`${d.name}\` that says who holds it, found one that says nothing`,
  mend: (d) => `Look at the branch fettle/lock/${d.name} and delete it if nobody is at work.`,
});

// GitHub

export const githubRefused = defineFault('bot/github-refused', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { remote: string; said: string }) =>
    `wanted GitHub to do as asked in ${d.remote}, found it refused: ${d.said}`,
  mend: 'Check that the app is installed there with the permissions that it asks for.',
});

export const githubAway = defineFault('bot/github-away', {
  audience: 'operator',
  retry: 'later',
  says: (d: { remote: string; said: string }) =>
    `wanted an answer of GitHub about ${d.remote}, found none: ${d.said}`,
  mend: 'It is tried again; GitHub’s status page says whether it is their trouble.',
});
