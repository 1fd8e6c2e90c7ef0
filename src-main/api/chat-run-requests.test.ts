import { describe, expect, it } from 'vitest';
import { ok, type Result } from '#contract/errors';
import type { Router } from '../ipc/router.ts';
import { type ChatLine, ChatRunRequests } from './chat-run-requests.ts';

/** A router that writes down what it is asked, and answers when the test says so. */
function manualRouter() {
  const asked: { route: string; profile: string | null | undefined }[] = [];
  const waiting: ((result: Result<unknown>) => void)[] = [];
  const router: Router = {
    dispatch: (route, _payload, viewer) => {
      asked.push({ route, profile: viewer?.profile });
      return new Promise((resolve) => waiting.push(resolve));
    },
    attach: () => undefined,
    detach: () => undefined,
  };
  return { router, asked, answerNext: (data: unknown) => waiting.shift()?.(ok(data)) };
}

function lineWith(fields: Partial<ChatLine>): ChatLine & { sent: unknown[] } {
  const sent: unknown[] = [];
  return { id: 'line', profile: null, isOpen: () => true, send: (event) => sent.push(event), sent, ...fields };
}

/** Lets everything happen that needs no answer from outside. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the requests of one connection', () => {
  it('[decision 18] [E4-08] a request that has to be looked up first is not overtaken by the one behind it', async () => {
    const { router, asked, answerNext } = manualRouter();
    const requests = new ChatRunRequests(lineWith({ profile: 'default' }), router, () => 0);
    requests.take('run', 'chat.run', { session_id: 's', input: 'a' }, null);
    requests.take('abort', 'chat.abort', { session_id: 's' }, null);
    await settled();
    expect(asked.map(({ route }) => route)).toEqual(['profiles.list']);
    answerNext({ profiles: [{ name: 'demo' }] });
    await settled();
    // A stop waits for its place only, not for the answer of the message before it.
    expect(asked.slice(1).map(({ route }) => route)).toEqual(['chat.run', 'chat.abort']);
    expect(asked[1]?.profile).toBeNull();
  });

  it('[E2-03] a run without a session is not begun for a caller who has left', async () => {
    const { router, asked } = manualRouter();
    const requests = new ChatRunRequests(lineWith({ isOpen: () => false }), router, () => 0);
    requests.take('run', 'chat.run', { input: 'a' }, null);
    requests.take('run', 'chat.run', { session_id: 's', input: 'a' }, null);
    await settled();
    expect(asked.map(({ route }) => route)).toEqual(['chat.run']);
  });
});
