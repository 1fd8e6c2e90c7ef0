import { expect, it } from 'vitest';
import type { EventDraft } from '#contract/events';
import { systemClock } from './platform/clock.ts';
import { dataPaths } from './platform/paths.ts';
import { openStore } from './store/store.ts';
import { human, type RawFrame, readFrames, startRunsApiHost } from './testing/runs-api-host.ts';

const EVENTS = 2000;
const RUN = 'long-run';

/** A run of two thousand parts that an earlier process made. */
function seed(dataDir: string): void {
  const store = openStore(dataPaths(dataDir), { clock: systemClock });
  const options = { profile: 'fake', model: 'm', instructions: null, reasoningEffort: null };
  const run = { id: RUN, sessionId: 't', status: 'pending' as const, options, queueId: 'q', idempotencyKey: null };
  store.runs.insert({ ...run, followUpToRunId: null, stateBefore: null, createdAtMs: 1 });
  const message = { ...store.messages.all('t')[0], id: 'long-question', run_id: RUN } as never;
  store.messages.append('t', [message]);
  const drafts: EventDraft[] = [
    { event: 'run.peer_user_message', run_id: RUN, message, queue_id: 'q', profile: 'fake', model: 'm' },
    ...Array.from({ length: EVENTS - 2 }, (_, n): EventDraft => {
      return { event: 'message.delta', run_id: RUN, message_id: 'answer', timestamp: 1, delta: `part ${n} ` };
    }),
    { event: 'run.completed', run_id: RUN, output: '', usage: null, finish_reason: 'stop', queue_remaining: 0 },
  ];
  store.events.append('t', store.sessions.takeSeqs('t', EVENTS), drafts, 1_700_000_000_000);
  store.runs.accepted(RUN, { upstreamRunId: null, model: 'm', credentialId: null, atMs: 1 });
  store.runs.finish(RUN, {
    status: 'success',
    error: null,
    errorInfo: null,
    finishReason: 'stop',
    usage: null,
    endedAtMs: 2,
  });
  store.close();
}

it('[E8-07] [E8-08] [decision 3] a run of 2,000 events is told from wherever a reader left, after a restart', async () => {
  const first = await startRunsApiHost();
  await first.client.runs.wait('t', 'fake', { input: human('one') });
  const host = await first.restart(() => seed(first.dataDir));
  const read = async (lastEventId?: string): Promise<RawFrame[]> => {
    const response = await host.raw(`/api/threads/t/runs/${RUN}/stream?stream_mode=messages-tuple`, {
      headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
    });
    return readFrames(await response.text());
  };
  const whole = await read();
  expect(whole).toHaveLength(EVENTS);
  // Far beyond the frames that memory holds; a step that meets every remainder, and both ends.
  const places = [0, 1, 254, 255, 256, 257, 1743, 1744, 1745, EVENTS - 2, EVENTS - 1];
  for (let at = 0; at < EVENTS; at += 97) places.push(at);
  for (const at of places) expect(await read(whole[at]?.id), `after ${at}`).toEqual(whole.slice(at + 1));
});
