/** The inbox as branches, in one repository and through a remote, keeps what every inbox promises. */
import { gitInbox } from '../../registry/store/git-inbox.ts';
import { describeInbox } from '../conformance/inbox.ts';
import { cloneOf, newRepository } from '../fixtures/git.ts';

describeInbox('git-inbox of one repository', async () => {
  const folder = newRepository('--bare');
  const open = () => gitInbox({ folder, remote: null });
  return { folder, inbox: open(), again: async () => open() };
});

describeInbox('git-inbox of a remote', async () => {
  const folder = newRepository('--bare');
  const open = () => gitInbox({ folder: cloneOf(folder), remote: 'origin' });
  return { folder, inbox: open(), again: async () => open() };
});
