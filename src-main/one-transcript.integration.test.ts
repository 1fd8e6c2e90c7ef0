import { io } from 'socket.io-client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Result } from '#contract/errors';
import type { ChatEvent } from '#contract/events';
import type { RouteInput, RouteName, RouteOutputs, SluiceApi } from '#contract/routes';
import { FakeUpstream } from '../e2e/fake-upstream/fake-upstream.ts';
import { answer, finish, reasoning, text, toolStart, waitForRelease } from '../e2e/fake-upstream/script.ts';
import { headlessCore } from './testing/headless-core.ts';
import { launchShell } from './testing/launch-shell.ts';
import { tempDir } from './testing/temp-dir.ts';

/** One transport with what it pushed so far. */
interface Viewed {
  api: SluiceApi;
  heard: ChatEvent[];
  close(): Promise<void>;
}

async function overIpc(dir: string): Promise<Viewed> {
  vi.stubEnv('SLUICE_DATA_DIR', dir);
  const shell = await launchShell();
  const heard: ChatEvent[] = [];
  shell.sluice.onEvent((event) => heard.push(event));
  return {
    api: shell.sluice,
    heard,
    close: async () => {
      const ended = new Promise<void>((resolve) => shell.stub.app.once('quit', () => resolve()));
      shell.stub.app.quit();
      await ended;
    },
  };
}

async function overSocket(dir: string): Promise<Viewed> {
  const core = await headlessCore(dir, 'token');
  await core.start();
  const url = core.url ?? '';
  const socket = io(`${url}/chat-run`, { auth: { token: 'token' }, transports: ['websocket'] });
  const heard: ChatEvent[] = [];
  socket.onAny((_name: string, event: ChatEvent) => heard.push(event));
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  const request = async <Name extends RouteName>(
    route: Name,
    input: RouteInput<Name>,
  ): Promise<Result<RouteOutputs[Name]>> => {
    if (route.startsWith('chat.'))
      return (await socket.emitWithAck(route.slice('chat.'.length), input)) as Result<RouteOutputs[Name]>;
    const response = await fetch(`${url}/api/app/${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer token' },
      body: JSON.stringify(input),
    });
    return (await response.json()) as Result<RouteOutputs[Name]>;
  };
  return {
    api: { request, onEvent: () => () => undefined },
    heard,
    close: async () => {
      socket.disconnect();
      await core.stop('quit');
    },
  };
}

/** A conversation with everything in it. The upstream takes each step only after the viewer has seen the one before. */
async function playScript(fake: FakeUpstream, { api, heard }: Viewed): Promise<unknown[]> {
  const answers: unknown[] = [];
  const ask = async <Name extends RouteName>(route: Name, input: RouteInput<Name>): Promise<void> => {
    answers.push(await api.request(route, input));
  };
  const seen = (name: ChatEvent['event'], times = 1) =>
    vi.waitFor(() => expect(heard.filter((event) => event.event === name).length, name).toBeGreaterThanOrEqual(times), {
      timeout: 5000,
      interval: 5,
    });

  fake.next(
    [
      reasoning('Let me see.'),
      waitForRelease('a'),
      text('First '),
      waitForRelease('b'),
      toolStart('look', { id: 'c1', arguments: '{"q":1}' }),
      waitForRelease('c'),
      finish({ usage: { input: 7, output: 3 } }),
    ],
    [text('Second'), waitForRelease('never')],
    answer(401, { error: { message: 'Incorrect API key', type: 'invalid_request_error' } }),
    [text('Third'), finish()],
  );
  await ask('profiles.create', { name: 'fake', kind: 'openai-chat', baseUrl: fake.url, defaultModel: 'm' });
  await ask('chat.run', { session_id: 's', input: 'one', profile: 'fake', queue_id: 'q1' });
  await seen('reasoning.delta');
  await ask('chat.run', { session_id: 's', input: 'two', profile: 'fake', queue_id: 'q2' });
  await ask('chat.run', { session_id: 's', input: 'gone', profile: 'fake', queue_id: 'q3' });
  await ask('chat.cancel_queued_run', { session_id: 's', queue_id: 'q3' });
  fake.release('a');
  await seen('message.delta');
  await ask('chat.resume', { session_id: 's' });
  fake.release('b');
  await seen('tool.started');
  fake.release('c');
  await seen('run.completed');
  await seen('message.delta', 2);
  await ask('chat.abort', { session_id: 's' });
  await ask('chat.abort', { session_id: 's' });
  await ask('chat.run', { session_id: 's', input: 'three', profile: 'fake', queue_id: 'q4' });
  await seen('run.failed');
  await ask('chat.run', { session_id: 's', input: '', profile: 'fake' });
  await ask('chat.run', { session_id: 's', input: 'four', profile: 'fake', queue_id: 'q5' });
  await seen('run.completed', 2);
  await ask('chat.resume', { session_id: 's', after_seq: 3 });
  await ask('chat.resume', { session_id: 's', after_seq: 9999 });
  await ask('sessions.page', { sessionId: 's' });
  await ask('runs.list', { sessionId: 's' });
  return answers;
}

/** Ids and times differ between two plays; their pattern does not. Each is replaced by the order of its first appearance. */
function withoutChance(value: unknown, baseUrl: string): unknown {
  const names = new Map<string, string>();
  return JSON.parse(
    JSON.stringify(value, (key, field: unknown) => {
      if (typeof field === 'number' && (/ms$|AtMs$|^ts$|^timestamp$/i.test(key) || key === 'tool_duration')) return 0;
      return field;
    })
      .replaceAll(baseUrl, 'http://upstream')
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g, (id) => {
        if (!names.has(id)) names.set(id, `id${names.size}`);
        return names.get(id) ?? id;
      }),
  );
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('one transcript, two transports', () => {
  it('[E1-02] [E1-04] [E1-06] [decision 17] the same script over IPC and over Socket.IO gives the same events and the same answers', async () => {
    const plays: { events: unknown; answers: unknown }[] = [];
    for (const open of [overIpc, overSocket]) {
      const fake = await FakeUpstream.start();
      const viewed = await open(tempDir());
      try {
        const answers = await playScript(fake, viewed);
        // How many list changes are told together depends on time; each is a mere hint to look again.
        const events = viewed.heard.filter((event) => event.event !== 'sessions.changed');
        const told = withoutChance({ events, answers }, fake.url) as { events: unknown; answers: unknown };
        plays.push(told);
      } finally {
        await viewed.close();
        await fake.close();
      }
    }
    const [ipc, socket] = plays;
    // A replay is the answer and then, in order, everything that lies between the viewer's position and now.
    const heard = socket?.events as ChatEvent[];
    const replayed = heard.findIndex((event) => event.event === 'resumed' && event.replayed);
    expect(heard.slice(replayed + 1, replayed + 4).map((event) => event.seq)).toEqual([4, 5, 6]);
    expect((ipc?.events as unknown[]).length).toBeGreaterThan(25);
    expect(socket?.events).toEqual(ipc?.events);
    expect(socket?.answers).toEqual(ipc?.answers);
  }, 30_000);
});
