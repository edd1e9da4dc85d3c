/** What git said, as it is handed on. */
import { describe, expect, it } from 'vitest';
import { sentenceOf } from '../../registry/store/git.ts';

describe('what git said', () => {
  it.each([
    'https://ada:secret@example.org/a.git',
    'https://ada:sec@ret@example.org/a.git',
    'https://secret@example.org/a.git',
    'ssh://ada:secret@@example.org:22/a.git',
  ])('about %s is told without the password', (address) => {
    const said = sentenceOf(`fatal: unable to access '${address}': no`);
    expect(said).toMatch(/example\.org.*: no$/);
    expect(said).not.toMatch(/sec|ret@/);
  });
});
