/** The log in memory keeps what every log promises; it has nothing of its own. */
import { describeEventLog } from '../conformance/event-log.ts';
import { memoryLog } from '../../registry/store/memory-log.ts';

describeEventLog('memory-log', async () => {
  const [kept, past] = [new Map<string, string>(), new Map<string, string>()];
  return {
    log: memoryLog(kept, past),
    again: async () => memoryLog(kept, past),
    files: async () => new Map(kept),
    tamper: async (files) => {
      kept.clear();
      for (const [path, text] of files) kept.set(path, text);
    },
  };
});
