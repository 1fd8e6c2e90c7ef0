import { expect, it } from 'vitest';
import { collectGarbage } from './collect-garbage.ts';
import { silentLogger } from './logger.ts';

it('[E5-09] what nobody holds any more goes back to the system', () => {
  let objects: object[] | null = Array.from({ length: 1_000_000 }, (_, at) => ({ at, text: `object ${at}` }));
  expect(objects).toHaveLength(1_000_000);
  const full = process.memoryUsage().heapTotal;
  objects = null;
  collectGarbage(silentLogger);
  expect(full - process.memoryUsage().heapTotal).toBeGreaterThan(32 * 1024 * 1024);
});
