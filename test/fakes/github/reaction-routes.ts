/** Reactions to issues, pull requests and their comments. */
import { told } from './git-database.ts';
import type { Answer } from './answers.ts';
import { textOf } from './things.ts';
import { asList, pageOf, route, userNamed, type RepositoryCall, type Route } from './world.ts';

export const CONTENTS = ['+1', '-1', 'laugh', 'confused', 'heart', 'hooray', 'rocket', 'eyes'] as const;
export type Content = (typeof CONTENTS)[number];

export const REACTION_ROUTES: readonly Route[] = ['issues/comments/{id}', 'issues/{id}'].flatMap(
  (subject) => [
    route('POST', `${subject}/reactions`, react),
    route('GET', `${subject}/reactions`, list),
    route('DELETE', `${subject}/reactions/{reaction}`, remove),
  ],
);

function subjectOf({ path }: RepositoryCall): string {
  return path.replace(/\/reactions.*$/, '');
}

/** @source docs.github.com: REST API, "Create reaction for an issue comment": 200 where it was there already */
async function react(call: RepositoryCall): Promise<Answer> {
  const { world, body, login } = call;
  const subject = subjectOf(call);
  if ((await world.emulator.get(subject)) === null) return told(404, 'Not Found');
  const content = textOf(body, 'content');
  const all = world.memory.reactions;
  const had = all.find(
    (one) => one.subject === subject && one.login === login && one.thing['content'] === content,
  );
  if (had !== undefined) return { status: 200, body: had.thing };
  const id = world.next();
  const user = await userNamed(world, login);
  const thing = { id, node_id: `REA_${id}`, user, content, created_at: world.now() };
  all.push({ subject, login, thing });
  return { status: 201, body: thing };
}

async function list(call: RepositoryCall): Promise<Answer> {
  const subject = subjectOf(call);
  if ((await call.world.emulator.get(subject)) === null) return told(404, 'Not Found');
  const content = call.query.get('content');
  const all = call.world.memory.reactions.filter((one) => one.subject === subject).map(({ thing }) => thing);
  return pageOf(call, content === null ? all : all.filter((one) => one['content'] === content), asList);
}

/** Only one's own, or with admin rights. */
function remove(call: RepositoryCall): Answer {
  const { reactions } = call.world.memory;
  const [subject, id] = [subjectOf(call), Number(call.parts['reaction'])];
  const at = reactions.findIndex((one) => one.subject === subject && one.thing['id'] === id);
  if (at < 0 || reactions[at]?.login !== call.login) return told(404, 'Not Found');
  reactions.splice(at, 1);
  return { status: 204, body: null };
}
