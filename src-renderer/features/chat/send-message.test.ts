import { beforeEach, describe, expect, it } from 'vitest';
import type { RouteInput, SluiceApi } from '#contract/routes';
import { useChatStore } from './chat-store.ts';
import { sendMessage } from './send-message.ts';

type Sent = RouteInput<'chat.run'>;

function hostThat(fails: boolean[]): { api: SluiceApi; sent: Sent[] } {
  const sent: Sent[] = [];
  const request = async (_route: string, input: Sent): Promise<unknown> => {
    sent.push(input);
    return fails[sent.length - 1] === true
      ? { ok: false, error: { code: 'internal', message: 'no', retry: { kind: 'no' } } }
      : { ok: true, data: { status: 'started', session_id: 's', run_id: 'r', queue_id: 'q', position: 0 } };
  };
  return { api: { request } as unknown as SluiceApi, sent };
}

describe('sending', () => {
  beforeEach(() => {
    useChatStore.setState(useChatStore.getInitialState(), true);
  });

  it('[E2-21] a retry of the same text after a failure is the same request', async () => {
    const { api, sent } = hostThat([true, false]);
    await sendMessage(api, 'retry', 'hello');
    await sendMessage(api, 'retry', 'hello');
    expect(sent[1]?.idempotency_key).toBe(sent[0]?.idempotency_key);
    expect(sent[1]?.queue_id).toBe(sent[0]?.queue_id);
  });

  it('[E2-21] the same text sent again after a success is a new request', async () => {
    const { api, sent } = hostThat([false, false]);
    await sendMessage(api, 'twice', 'hello');
    await sendMessage(api, 'twice', 'hello');
    expect(sent[1]?.idempotency_key).not.toBe(sent[0]?.idempotency_key);
  });

  it('[E2-21] another text after a failure is a new request', async () => {
    const { api, sent } = hostThat([true, false]);
    await sendMessage(api, 'other', 'hello');
    await sendMessage(api, 'other', 'hello there');
    expect(sent[1]?.idempotency_key).not.toBe(sent[0]?.idempotency_key);
  });

  it('carries what was chosen for its own conversation only', async () => {
    const { api, sent } = hostThat([]);
    useChatStore.getState().choose('mine', { profile: 'work', model: 'big' });
    await sendMessage(api, 'mine', 'a', 'interrupt');
    await sendMessage(api, 'yours', 'b');
    expect(sent[0]).toMatchObject({ profile: 'work', model: 'big', strategy: 'interrupt' });
    expect(sent[1]).not.toHaveProperty('profile');
  });

  it('[E6-10] instructions of a conversation that is yet to begin go out as the conversation’s own', async () => {
    const { api, sent } = hostThat([]);
    const { currentId, choose } = useChatStore.getState();
    choose(currentId, { instructions: 'Be kind.', workspace: '/w' });
    await sendMessage(api, currentId, 'hello');
    await sendMessage(api, currentId, 'again');
    expect(sent[0]).toMatchObject({ session_instructions: 'Be kind.', workspace: '/w' });
    expect(sent[0]).not.toHaveProperty('instructions');
    expect(sent[1]).not.toHaveProperty('session_instructions');
    expect(sent[1]).not.toHaveProperty('workspace');
  });

  it('a failed first message leaves the conversation new', async () => {
    const { api } = hostThat([true]);
    const { currentId } = useChatStore.getState();
    await sendMessage(api, currentId, 'hello');
    expect(useChatStore.getState().isNew).toBe(true);
    await sendMessage(api, currentId, 'hello');
    expect(useChatStore.getState().isNew).toBe(false);
  });

  it('[decision 20] a command is no first message: the conversation stays new', async () => {
    const api = {
      request: async () => ({
        ok: true,
        data: { status: 'command', session_id: 's', run_id: '', queue_id: 'q', position: 0, message: 'No.' },
      }),
    } as unknown as SluiceApi;
    const { currentId } = useChatStore.getState();
    await sendMessage(api, currentId, '/title New');
    expect(useChatStore.getState().isNew).toBe(true);
  });
});
