/** The log in memory keeps what every log promises; it has nothing of its own. */
import { describeEventLog } from '../conformance/event-log.ts';
import { memoryLog } from '../../registry/store/memory-log.ts';

describeEventLog('memory-log', async () => {
  const kept = new Map<string, string>();
  return {
    log: memoryLog(kept),
    again: async () => memoryLog(kept),
    files: async () => new Map(kept),
    tamper: async (files) => {
      kept.clear();
      for (const [path, text] of files) kept.set(path, text);
    },
  };
});
