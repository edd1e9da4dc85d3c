/**
 * Cuts GitHub's OpenAPI description to what Fettle may ask: `npm pack @octokit/openapi@23.0.2`, unpack it, and
 * `node test/fakes/github/openapi/make-slice.ts <folder>/generated/api.github.com.json`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

type Thing = Record<string, unknown>;

/** By operation ID. */
const OPERATIONS = [
  /^reactions\/.*-for-issue(-comment)?$/,
  /^issues\/(get|create|update|list|delete|add|remove|lock|unlock)/,
  /^pulls\/(get|list|create|update|merge|request-reviewers|dismiss)/,
  /^(checks|git)\//,
  /^repos\/(get|update|delete-file|delete-deployment|create-or-update|create-commit-status|list-commit|list-branches)/,
  /^repos\/(compare|create-deployment|list-deployment|.*environment|create-dispatch-event|.*collaborator)/,
  /^repos\/(.*release|list-tags|list-languages|merge|list-for-org|list-teams)/,
  /^actions\/(.*workflow|.*repo-variable|.*environment-variable|.*artifact|.*job)/,
  /^apps\/(get|list|create-installation|redeliver|suspend|unsuspend|revoke)/,
  /^teams\/(get|list)/,
  /^orgs\/(get|list-members|check-membership|get-membership)/,
  /^users\/(get|list)/,
  /^rate-limit\/|^meta\/(get|root)$/,
];

const EVENTS =
  /^(issue-comment|pull-request|push|check-run|check-suite|deployment|status|workflow-run|workflow-dispatch|repository-dispatch|installation|ping|issues|label)/;

/** Words for people, by far the most of it. */
const WORDS = new Set([
  'description',
  'summary',
  'externalDocs',
  'example',
  'examples',
  'x-octokit',
  'tags',
  'x-github',
]);

const [, , file = ''] = process.argv;
const whole = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, Record<string, Thing>>>;

const paths: Record<string, Thing> = {};
for (const [path, operations] of Object.entries(whole['paths'] ?? {})) {
  for (const [method, operation] of Object.entries(operations)) {
    const id = String(operation['operationId']);
    if (OPERATIONS.some((wanted) => wanted.test(id))) (paths[path] ??= {})[method] = operation;
  }
}
const webhooks = Object.fromEntries(
  Object.entries(whole['x-webhooks'] ?? {}).filter(([name]) => EVENTS.test(name)),
);

const components: Record<string, Thing> = {};
keepWhatIsNamed(paths);
keepWhatIsNamed(webhooks);

function keepWhatIsNamed(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const target = (value as Thing)['$ref'];
  if (typeof target === 'string') {
    const [, , kind = '', name = ''] = target.split('/');
    const part = whole['components']?.[kind]?.[name];
    const kept = (components[kind] ??= {});
    if (part !== undefined && !(name in kept)) {
      kept[name] = part;
      keepWhatIsNamed(part);
    }
  }
  for (const part of Object.values(value)) keepWhatIsNamed(part);
}

/** Within `properties` every name is a property, whatever it is called. */
function withoutWords(value: unknown, names = false): unknown {
  if (Array.isArray(value)) return value.map((one) => withoutWords(one));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => names || !WORDS.has(name));
  return Object.fromEntries(
    kept.map(([name, part]) => [name, withoutWords(part, !names && name === 'properties')]),
  );
}

const { openapi, info } = whole;
const slice = withoutWords({ openapi, info, paths, 'x-webhooks': webhooks, components });
const packed = gzipSync(JSON.stringify(slice), { level: 9 });
writeFileSync(new URL('slice.json.gz', import.meta.url), packed);
const operations = Object.values(paths).flatMap((one) => Object.keys(one)).length;
console.log(`${operations} operations, ${Object.keys(webhooks).length} webhooks, ${packed.length} bytes`);
