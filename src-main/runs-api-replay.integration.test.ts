import { describe, expect, it } from 'vitest';
import type { EventDraft } from '#contract/events';
import { reasoning, text, waitForRelease } from '../e2e/fake-upstream/script.ts';
import { systemClock } from './platform/clock.ts';
import { dataPaths } from './platform/paths.ts';
import { openStore } from './store/store.ts';
import { collect, eventually, human, readFrames, startRunsApiHost } from './testing/runs-api-host.ts';

const RUN = 'long-run';
/** Events of the log that are read at once. Nothing else about a place can matter but how it lies to these and to both ends. */
const SLICE = 200;

/** A run of so many events that an earlier process made. */
function seed(dataDir: string, count: number): void {
  const store = openStore(dataPaths(dataDir), { clock: systemClock });
  const options = { profile: 'fake', model: 'm', instructions: null, reasoningEffort: null };
  const run = { id: RUN, sessionId: 't', status: 'pending' as const, options, queueId: 'q', idempotencyKey: null };
  store.runs.insert({ ...run, followUpToRunId: null, stateBefore: null, createdAtMs: 1 });
  const message = { ...store.messages.all('t')[0], id: 'long-question', run_id: RUN } as never;
  store.messages.append('t', [message]);
  const drafts: EventDraft[] = [
    { event: 'run.peer_user_message', run_id: RUN, message, queue_id: 'q', profile: 'fake', model: 'm' },
    ...Array.from({ length: count - 2 }, (_, n): EventDraft => {
      return { event: 'message.delta', run_id: RUN, message_id: 'answer', timestamp: 1, delta: `part ${n} ` };
    }),
    { event: 'run.completed', run_id: RUN, output: '', usage: null, finish_reason: 'stop', queue_remaining: 0 },
  ];
  store.events.append('t', store.sessions.takeSeqs('t', count), drafts, 1_700_000_000_000);
  store.runs.accepted(RUN, { upstreamRunId: null, model: 'm', credentialId: null, atMs: 1 });
  store.runs.finish(RUN, {
    status: 'success',
    error: null,
    errorInfo: null,
    finishReason: 'stop',
    usage: null,
    // Too new for its parts to be joined, however long all the reading takes.
    endedAtMs: systemClock.now(),
  });
  store.close();
}

/** Readers at once: enough to keep both sides busy, few enough for any machine's sockets. */
const LINES = 16;

/** Asks for each item, some at once, in order. */
async function eachOf<T>(items: readonly T[], ask: (item: T, index: number) => Promise<void>): Promise<void> {
  const rest = items.entries();
  const line = async () => {
    for (const [index, item] of rest) await ask(item, index);
  };
  await Promise.all(Array.from({ length: LINES }, line));
}

describe('a run that is stored is told after a restart, to the byte', () => {
  /** Each reader has the whole log read, so the work grows with the square of what stands here. */
  const cases = [
    // Two slices and a part of one, and more than the 256 frames that memory holds.
    { title: 'of 450 events, from every place', count: 450, isAsked: () => true },
    {
      title: 'of 2,000 events, from places near each slice and both ends, and from every 23rd',
      count: 2000,
      isAsked: (place: number) => place % 23 === 0 || (place + 2) % SLICE < 4 || place < 8 || place > 1991,
    },
  ];
  for (const { title, count, isAsked } of cases) {
    it(`[E8-07] [E8-08] [decision 3] ${title}`, async () => {
      const first = await startRunsApiHost();
      await first.client.runs.wait('t', 'fake', { input: human('one') });
      const host = await first.restart(() => seed(first.dataDir, count));
      const read = async (lastEventId?: string): Promise<string> => {
        const response = await host.raw(`/api/threads/t/runs/${RUN}/stream?stream_mode=messages-tuple`, {
          headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
        });
        return response.text();
      };
      const whole = await read();
      const frames = readFrames(whole);
      expect(frames).toHaveLength(count);
      const ids = frames.map((frame) => frame.id ?? '');
      // What is to come after an id is what stands behind it: the same bytes, whoever asks and whenever.
      const behind = (id: string) => whole.slice(whole.indexOf(`\nid: ${id}\n\n`) + `\nid: ${id}\n\n`.length);
      const wrong: string[] = [];
      const asked = ids.filter((_, place) => isAsked(place));
      expect(asked.length).toBeGreaterThan(100);
      await eachOf(asked, async (id) => {
        if ((await read(id)) !== behind(id)) wrong.push(id);
      });
      expect(wrong).toEqual([]);
      expect(behind(ids.at(-1) ?? '')).toBe('');
      // The official client at both ends, beyond what memory holds, and in between.
      for (const at of [0, 255, 256, 1000, 1743, 1744, count - 2].filter((place) => place < count)) {
        const rest = await collect(
          host.client.runs.joinStream('t', RUN, { streamMode: 'messages-tuple', lastEventId: ids[at] ?? '' }),
        );
        expect(
          rest.map((frame) => frame.id),
          `after ${at}`,
        ).toEqual(ids.slice(at + 1));
      }
    }, 120_000);
  }
});

it('[E8-07] [decision 3] the same while the run is live: whoever comes back at any place hears the rest, once and in order', async () => {
  const host = await startRunsApiHost();
  // Two kinds of text in turn: none can be joined to its neighbour.
  const parts = Array.from({ length: 300 }, (_, n) => [text(`part ${n} `), reasoning(`thought ${n} `)]).flat();
  host.fake.next([...parts, waitForRelease('go'), text('end')]);
  const run = await host.client.runs.create('t', 'fake', { input: human('one') });
  const read = async (lastEventId?: string): Promise<string> => {
    const response = await host.raw(
      `/api/threads/t/runs/${run.run_id}/stream?stream_mode=messages-tuple&stream_mode=custom`,
      {
        headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
      },
    );
    return response.text();
  };
  await host.fake.gates.reached('go');
  const page = `/api/threads/t/runs/${run.run_id}/events?limit=2000`;
  type Page = { data: { seq: number; ts: number; event: string }[] };
  const held = await eventually(async () => {
    const { data } = (await (await host.raw(page)).json()) as Page;
    expect(data.filter((event) => event.event === 'reasoning.delta')).toHaveLength(300);
    return data;
  });
  // Far more than the 256 frames that memory holds.
  expect(held.length).toBeGreaterThan(600);
  const asked = held.filter((_, index) => index % 7 === 0).map((event) => `${event.ts}-${event.seq * 16}`);
  const open = asked.map((id) => read(id));
  await eventually(async () =>
    expect(await (await host.raw('/metrics')).text()).toContain(`sluice_open_streams ${asked.length}`),
  );
  host.fake.release('go');
  const whole = await read();
  const placeOf = (id: string) => Number(id.split('-')[1]);
  const all = readFrames(whole);
  for (const [index, stream] of open.entries()) {
    const rest = readFrames(await stream);
    const after = placeOf(asked[index] ?? '');
    expect(rest, asked[index]).toEqual(all.filter((frame) => placeOf(frame.id ?? '') > after));
  }
});
