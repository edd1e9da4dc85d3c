/** Pages for many readers. */
import { describe, expect, it } from 'vitest';
import { remembered } from '../../bot/web/remembered.ts';

describe('a page that is remembered', () => {
  it('is made once a minute, for each repository, and again where it could not be made', async () => {
    let [now, made] = [0, 0];
    const page = remembered(
      async (repository) => {
        made++;
        if (made === 1) throw new Error('away');
        return `${repository} ${made}`;
      },
      () => new Date(now).toISOString(),
    );
    await expect(page('a')).rejects.toThrow('away');
    expect([await page('a'), await page('a'), await page('b')]).toEqual(['a 2', 'a 2', 'b 3']);
    now = 60_000;
    expect(await page('a')).toBe('a 4');
  });
});
