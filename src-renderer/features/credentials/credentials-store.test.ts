import { expect, test } from 'vitest';
import type { SluiceApi } from '#contract/routes';
import { keepSame, useCredentialsStore } from './credentials-store.ts';
import { keyRecord } from './testing/key-record.ts';

test('[E10-23] what did not change stays the same object, so that its card is not drawn again', () => {
  const [a, b] = [keyRecord({ id: 'a' }), keyRecord({ id: 'b' })];
  const again = [keyRecord({ id: 'b', priority: 1 }), keyRecord({ id: 'a' })];
  const kept = keepSame([a, b], again, ({ id }) => id);
  expect(kept[1]).toBe(a);
  expect(kept[0]).toBe(again[0]);
  expect(kept.map(({ id }) => id)).toEqual(['b', 'a']);
  expect(keepSame(null, again, ({ id }) => id)).toEqual(again);
});

test('[E10-24] news that come while an answer is on its way make one more question, and the last of them is not lost', async () => {
  let asked = 0;
  let label = 'old';
  const held: (() => void)[] = [];
  const api = {
    request: async (route: string) => {
      if (route !== 'credentials.list') return { ok: true, data: { profiles: [], proxies: [], effective: [] } };
      asked++;
      const credentials = [keyRecord({ label })];
      await new Promise<void>((resolve) => held.push(resolve));
      return { ok: true, data: { credentials } };
    },
  } as unknown as SluiceApi;
  const { load } = useCredentialsStore.getState();
  const first = load(api);
  label = 'new';
  const others = [load(api), load(api), load(api)];
  held.shift()?.();
  await expect.poll(() => held.length).toBe(1);
  expect(asked).toBe(2);
  held.shift()?.();
  await Promise.all([first, ...others]);
  expect(asked).toBe(2);
  expect(useCredentialsStore.getState().credentials?.[0]?.label).toBe('new');
  const last = load(api);
  held.shift()?.();
  await last;
  expect(asked).toBe(3);
});
