/** The log on GitHub's API: the promises of every log, then what lost answers, limits and rules add. */
import { githubLog } from '../../registry/store/github-log.ts';
import { describeEventLog } from '../conformance/event-log.ts';
import { readBranch, writeBranch } from '../fixtures/git.ts';
import { openGitHub } from '../fixtures/github.ts';

const BRANCH = 'fettle/registry';

describeEventLog('github-log', async () => {
  const { folder, place } = await openGitHub();
  return {
    log: githubLog(place()),
    again: async () => githubLog(place()),
    files: async () => readBranch(folder, BRANCH),
    tamper: async (files) => writeBranch(folder, BRANCH, files),
  };
});
