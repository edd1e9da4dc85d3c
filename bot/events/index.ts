/** Every kind of event that the app listens to. */
import type { Event } from './event.ts';
import { installation } from './installation.ts';
import { installationRepositories } from './installation-repositories.ts';
import { issueComment } from './issue-comment.ts';
import { issues } from './issues.ts';
import { label } from './label.ts';
import { look } from './look.ts';
import { pullRequest } from './pull-request.ts';
import { push } from './push.ts';
import { workflowRun } from './workflow-run.ts';

export const EVENTS: readonly Event[] = [
  issueComment,
  pullRequest,
  push,
  workflowRun,
  installation,
  installationRepositories,
  issues,
  label,
  look,
];
