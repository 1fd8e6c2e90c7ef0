import { expect, it, onTestFinished } from 'vitest';
import { ManualClock } from './platform/clock.ts';
import { deferred } from './platform/deferred.ts';
import { headlessCore } from './testing/headless-core.ts';
import { sendJson, startRawUpstream, wholeChat } from './testing/raw-upstream.ts';
import { tempDir } from './testing/temp-dir.ts';

const TOKEN = 'owner-token';
const WORTH_BYTES = 32 * 1024 * 1024;

/** What a time of much work leaves: a hundred megabytes that nobody holds. */
function leaveGarbage(): number {
  let objects: object[] | null = Array.from({ length: 1_000_000 }, (_, at) => ({ at, text: `object ${at}` }));
  expect(objects).toHaveLength(1_000_000);
  objects = null;
  return process.memoryUsage().heapTotal;
}

it('[E5-09] a core that rests gives memory back, and one that answers a program does not stand still for it', async () => {
  const clock = new ManualClock();
  const asked = deferred<void>();
  const mayAnswer = deferred<void>();
  const upstream = await startRawUpstream(async (_request, response) => {
    asked.resolve();
    await mayAnswer.promise;
    sendJson(response, 200, wholeChat('At last.'));
  });
  const core = await headlessCore(tempDir(), TOKEN, { clock });
  await core.start();
  onTestFinished(() => core.stop('quit'));
  const post = (path: string, body: unknown) =>
    fetch(`${core.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const profile = { name: 'gpt', kind: 'openai-chat', baseUrl: upstream.url, defaultModel: 'own' };
  expect((await post('/api/app/profiles.create', profile)).status).toBe(200);
  /** More than a minute, look by look. */
  const pass = async () => {
    for (let look = 0; look < 8; look++) {
      clock.advance(10_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  const call = post('/v1/chat/completions', { model: 'gpt/own', messages: [{ role: 'user', content: 'Well?' }] });
  await asked.promise;
  const full = leaveGarbage();
  await pass();
  expect(full - process.memoryUsage().heapTotal).toBeLessThan(WORTH_BYTES);
  mayAnswer.resolve();
  await (await call).text();
  await pass();
  expect(full - process.memoryUsage().heapTotal).toBeGreaterThan(WORTH_BYTES);
});
