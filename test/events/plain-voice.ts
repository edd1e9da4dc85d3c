/** A voice of few words for tests of what is around the commands: each word of it uses one thing of the world outside. */
import type { Reply } from '../../bot/commands/command.ts';
import type { Voice } from '../../bot/events/event.ts';

type Told = Pick<Reply, 'state' | 'verdict'>;

export const PLAIN_VOICE: Voice = {
  async converse(comment, { asker, outside, thread }) {
    if (['unknown', 'none', 'read'].includes(asker.level)) return 'silent';
    const [, word = '', model = null] = /^\s*\/fettle (\w+)(?: ([\w-]+))?/m.exec(comment) ?? [];
    const done = (verdict: string): Told => ({ state: 'done', verdict });
    const told = async (): Promise<Told> => {
      switch (word) {
        case 'level':
          return done(`${asker.login} has ${asker.level}, fork: ${thread.pull?.fromFork ?? 'no pull'}`);
        case 'train': {
          const { runId } = await outside.dispatch('train.yml', {});
          return { state: 'started', verdict: `run ${runId}` };
        }
        case 'runs':
          return done(`${(await outside.runs()).length} runs`);
        case 'ask':
          return done(`answered ${await outside.confirm('Really?')}`);
        case 'lock': {
          const lock = {
            name: 'staging',
            owner: asker,
            reason: 'busy',
            claim: `comment-${thread.commentId}`,
            since: '',
          };
          const { id, login } = asker;
          const answer = await outside.lock.claim({ ...lock, owner: { id, login } });
          return { state: answer.got ? 'done' : 'refused', verdict: answer.got ? 'locked' : answer.why };
        }
        case 'unlock': {
          const held = await outside.lock.read('staging');
          const answer = await outside.lock.release({ name: 'staging', claim: held?.claim ?? '' });
          return done(answer.got ? 'unlocked' : answer.why);
        }
        case 'deploy':
          await outside.deploy({
            model: 'digits',
            version: '1.0.0',
            channel: 'production',
            commit: null,
            artifacts: null,
            reason: '',
            seq: 7,
          });
          return done('deployed');
        case 'wait':
          return { state: 'waiting', verdict: 'waiting' };
        default:
          return { state: 'refused', verdict: `no such word: ${word}` };
      }
    };
    const reply = await told();
    return [{ model, reason: 'done', details: '', next: null, ...reply }];
  },
  render: (replies, marker) =>
    [marker, ...replies.flatMap(({ verdict, details }) => [verdict, details])].join('\n'),
};
