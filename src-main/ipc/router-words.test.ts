import { expect, it } from 'vitest';
import { failureOf } from '../platform/app-failure.ts';
import { SecretScrubber } from '../platform/scrub.ts';
import { createRouter } from './router.ts';

const KEY = 'sk-live-0123456789abcdefghij';

it('[E10-02] [E12] a failure leaves without known keys, in its sentence and in the facts of it', async () => {
  const scrubber = new SecretScrubber();
  scrubber.add(KEY);
  const router = createRouter({
    handlers: {
      'app.info': () => {
        throw failureOf('upstream_rejected', {
          word: 'refused',
          with: { upstream: 'work', status: 400, quote: `no such thing: ${KEY}` },
        });
      },
    } as never,
    publisher: {} as never,
    logger: {} as never,
    scrubber,
    onDamage: () => undefined,
  });
  const answer = await router.dispatch('app.info', {}, null);
  expect(answer).toMatchObject({
    ok: false,
    error: {
      code: 'upstream_rejected',
      details: { said: { word: 'refused', with: { upstream: 'work', status: 400 } } },
    },
  });
  expect(JSON.stringify(answer)).toContain('no such thing');
  expect(JSON.stringify(answer)).not.toContain(KEY);
});
