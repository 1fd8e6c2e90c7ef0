import type * as nodeBuffer from 'node:buffer';
import { expect, test, vi } from 'vitest';
import { jsonBytes } from './json-bytes.ts';

// BUG: Node without ICU has no transcoder, and every long request beyond Latin-1 was a fault of Sluice's own.
vi.mock('node:buffer', async (original) => ({
  ...(await original<typeof nodeBuffer>()),
  transcode: undefined,
}));

test('a long text beyond Latin-1 is written where Node has no transcoder', () => {
  const value = ['a – b 漢 😀 '.repeat(1000)];
  expect(jsonBytes(value).toString()).toBe(JSON.stringify(value));
});
