import { expect, test, vi } from 'vitest';
import { failed, openPool, use } from './testing/open-pool.ts';

test('[E10-05] [BUG-D18] a priority that could not be stored does not hold; one that was, holds for the next request', async () => {
  const world = await openPool();
  const [a, b] = [await world.add('a', { priority: 0 }), await world.add('b', { priority: 1 })];
  const update = vi.spyOn(world.store.credentials, 'update').mockImplementationOnce(() => {
    throw new Error('no disk');
  });
  await expect(world.pool.records.update(b, { priority: 0 })).rejects.toThrow('no disk');
  update.mockRestore();
  expect(world.of(b).priority).toBe(1);
  expect(await use(world, { kind: 'none' })).toBe(a);
  await world.pool.records.update(a, { priority: 2 });
  expect(await use(world, { kind: 'none' })).toBe(b);
  expect(world.store.credentials.list().find((row) => row.id === a)?.priority).toBe(2);
});

test('[E10-19] a key that is switched off is not used, what uses it finishes, and a reset forgets its troubles', async () => {
  const world = await openPool();
  const id = await world.add('a');
  const lease = await world.lease();
  await world.pool.records.setDisabled(id, true);
  expect(world.of(id)).toMatchObject({ state: 'disabled', inFlight: 1 });
  await expect(world.lease()).rejects.toMatchObject({ code: 'no_credential' });
  lease?.report(failed('rate_limit'));
  lease?.release();
  await world.pool.records.setDisabled(id, false);
  expect(world.of(id)).toMatchObject({ state: 'ready', rests: [], inFlight: 0, failures: 1 });
});

test('[E10-19] a key that is on cannot be deleted: it is switched off first', async () => {
  const world = await openPool();
  const id = await world.add('a');
  await expect(world.pool.records.remove(id)).rejects.toThrow('Disable it first');
  expect(world.store.credentials.get(id)).not.toBeNull();
  await world.pool.records.setDisabled(id, true);
  await world.pool.records.remove(id);
  expect(world.store.credentials.get(id)).toBeNull();
});

test('[BUG-D3] [E10-19] a key that is deleted in use gives back to nobody, and the next request has none', async () => {
  const world = await openPool();
  const id = await world.add('a');
  const lease = await world.lease();
  await world.pool.records.setDisabled(id, true);
  await world.pool.records.remove(id);
  lease?.report({ kind: 'success' });
  lease?.release();
  await world.pool.close();
  expect(await world.lease()).toBeNull();
  expect(world.failures).toEqual([]);
});

test('[BUG-D5] keys that are added at the same time are rows of their own', async () => {
  const world = await openPool();
  const ids = await Promise.all(Array.from({ length: 20 }, (_, index) => world.add(`k${index}`)));
  expect(new Set(ids).size).toBe(20);
  expect(world.store.credentials.list()).toHaveLength(20);
});
