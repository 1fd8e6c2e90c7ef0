import { describe, expect, it } from 'vitest';
import type { SluiceApi } from '#contract/routes';
import { waitForReopening } from './wait-for-reopening.ts';

/** Answers one after the other; null is a host out of reach. */
function apiWith(generations: (string | null)[]): { api: Pick<SluiceApi, 'request'>; left: () => number } {
  const api = {
    request: () => {
      const generation = generations.shift() ?? null;
      return Promise.resolve(
        generation === null
          ? { ok: false, error: { code: 'shutting_down', message: '', retry: { kind: 'no' } } }
          : { ok: true, data: { generation, trouble: null } },
      );
    },
  } as unknown as Pick<SluiceApi, 'request'>;
  return { api, left: () => generations.length };
}

describe('waiting for the store to be opened anew', () => {
  it('[E8-27] goes on while the old one still answers and while nobody does', async () => {
    const { api, left } = apiWith(['one', 'one', null, null, 'two', 'never asked']);
    expect(await waitForReopening(api, 'one', async () => undefined)).toBe(true);
    expect(left()).toBe(1);
  });

  it('[E8-27] ends when nothing comes', async () => {
    expect(await waitForReopening(apiWith([]).api, 'one', async () => undefined)).toBe(false);
  });
});
