/** Tests of what somebody reads whose Node is too old. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { nodeTooOld } from '../../action/faults.ts';

/** Makes a process take itself for another Node before anything of Fettle is loaded. */
const OLD = `data:text/javascript,${encodeURIComponent(
  `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.0' } });`,
)}`;

describe('an old Node', () => {
  it('is told in a sentence, whatever was asked', () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', OLD, 'action/dist/cli.js', 'quantum', 'report'],
      { encoding: 'utf8' },
    );
    const { message, mend } = nodeTooOld({ wanted: '>=24', found: '20.19.0' });
    expect([status, stdout, stderr]).toEqual([1, '', `fettle: ${message}.\n  ${mend}\n`]);
  });
});
