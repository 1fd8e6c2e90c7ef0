import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTerminalEvent, type LoggedEvent } from '#contract/events';
import { applyRunEvent, emptyRunView, type RunView } from '#contract/run-view';
import type { UpstreamEvent } from '../gateway/upstream-event.ts';
import { AppFailure } from '../platform/app-failure.ts';
import { ManualClock } from '../platform/clock.ts';
import { deferred } from '../platform/deferred.ts';
import { countingIds, openRunsHarness, type RunsHarness } from '../testing/runs-harness.ts';
import { ScriptedUpstream } from '../testing/scripted-upstream.ts';
import { tempDir } from '../testing/temp-dir.ts';
import type { Strategy } from './run-machine.ts';

const SESSION = 's1';

type Command =
  | { kind: 'submit'; strategy: Strategy }
  | { kind: 'abort' }
  | { kind: 'cancel'; index: number }
  | { kind: 'move'; index: number; to: number }
  | { kind: 'send-now'; index: number }
  | { kind: 'resume-queue' }
  | { kind: 'pause-queue' }
  | { kind: 'edit'; index: number }
  | { kind: 'regenerate' }
  | { kind: 'switch-version'; index: number }
  | { kind: 'roll-back' }
  | { kind: 'kill' };

/** A command, and how many turns of the event loop pass before the next one: commits happen between turns. */
type Step = { command: Command; turns: number };

const command = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('submit' as const),
      strategy: fc.constantFrom('enqueue', 'enqueue', 'interrupt', 'reject', 'rollback', 'steer'),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'abort' } as const) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), index: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('move' as const), index: fc.nat(3), to: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('send-now' as const), index: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'resume-queue' } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'pause-queue' } as const) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('edit' as const), index: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'regenerate' } as const) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('switch-version' as const), index: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'roll-back' } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'kill' } as const) },
) as fc.Arbitrary<Command>;
const commands: fc.Arbitrary<Step[]> = fc.array(fc.record({ command, turns: fc.nat(6) }), {
  minLength: 1,
  maxLength: 14,
});

async function passTurns(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const usage = null;
const endings: fc.Arbitrary<UpstreamEvent> = fc.constantFrom<UpstreamEvent>(
  { type: 'completed', output: null, finishReason: 'stop', usage },
  { type: 'completed', output: 'closing text', finishReason: 'stop', usage },
  { type: 'failed', error: { code: 'upstream_error', message: 'The upstream failed.', retry: { kind: 'no' } }, usage },
  { type: 'failed', error: { code: 'upstream_auth', message: 'The key was refused.', retry: { kind: 'no' } }, usage },
  { type: 'cancelled', usage },
);
const parts: fc.Arbitrary<UpstreamEvent> = fc.constantFrom<UpstreamEvent>(
  { type: 'text', text: 'word ' },
  { type: 'reasoning', text: 'hm ' },
  { type: 'tool-start', callId: 'c1', name: 'look', preview: null, arguments: '{}' },
  { type: 'tool-end', callId: 'c1', name: 'look', durationSeconds: 0.1, isError: false, output: 'seen' },
);
const scripts = fc.array(fc.tuple(fc.array(parts, { maxLength: 4 }), endings), { minLength: 1, maxLength: 5 });

/** What the test itself knows, kept apart from what the core says. */
interface Books {
  /** Requests for another answer: they bring no words of their own. */
  again: Set<string>;
  acknowledged: Map<string, { runId: string; text: string }>;
  cancelled: Set<string>;
}

/** Plays the whole log from its first line: the laws that hold whatever happened. */
function checkLog(events: LoggedEvent[], books: Books): RunView {
  const ends = new Map<string, string[]>();
  let view = emptyRunView(SESSION);
  let liveRun: string | null = null;
  let stoppedRun: string | null = null;
  for (const [index, event] of events.entries()) {
    expect(event.seq).toBe(index + 1);
    if (event.event === 'run.peer_user_message') {
      expect(liveRun, `run ${event.run_id} began while ${liveRun} was live`).toBeNull();
      liveRun = event.run_id;
    }
    if (event.event === 'abort.started') stoppedRun = event.run_id;
    if (isTerminalEvent(event.event) && event.run_id !== undefined) {
      ends.set(event.run_id, [...(ends.get(event.run_id) ?? []), event.event]);
      expect(liveRun).toBe(event.run_id);
      // A stop that was announced is what the run ends with, and none ends so without it.
      expect(event.event === 'abort.completed', `the end of ${event.run_id}`).toBe(stoppedRun === event.run_id);
      liveRun = null;
      const said =
        'queue_remaining' in event ? event.queue_remaining : 'queue_length' in event ? event.queue_length : 0;
      expect(said ?? 0, 'queue_remaining counts what waits before the dequeue').toBe(view.queue.length);
    }
    view = applyRunEvent(view, event);
  }
  for (const [runId, names] of ends) expect(names, `run ${runId}`).toHaveLength(1);
  expect(books.acknowledged.size).toBeGreaterThanOrEqual(0);
  return view;
}

function checkStore(harness: RunsHarness, books: Books, upstream: ScriptedUpstream): void {
  const { store } = harness;
  const events = store.events.after(SESSION, 0, 100_000);
  const view = checkLog(events, books);
  const queue = store.queue.list(SESSION);

  // Replay equals snapshot: what a viewer folds is what the store holds.
  const stored = store.messages.all(SESSION);
  const shown = (rows: typeof stored) =>
    rows.map((row) => [row.id, row.role, row.content, row.reasoning, row.status, row.tool_state, row.finish_reason]);
  // What was put back comes with a new snapshot and not with an event: such a log says less than the store.
  const isTold = !events.some((event) => event.event === 'history.changed' && event.reload);
  if (isTold) expect(shown([...view.settled, ...view.live])).toEqual(shown(stored));
  expect(new Set(stored.map((row) => row.id)).size).toBe(stored.length);
  expect(view.queue.map((item) => item.id)).toEqual(queue.map((item) => item.queueId));
  expect(store.sessions.get(SESSION)?.message_count ?? 0).toBe(stored.length);

  // No input lost, none sent twice: each is a row, a waiting item, cancelled or taken back; upstreams saw it at most once.
  const sent = new Map<string, number>();
  for (const input of upstream.inputs) sent.set(input, (sent.get(input) ?? 0) + 1);
  for (const [queueId, { runId, text }] of books.acknowledged) {
    const places = [
      // Shown, or kept as an earlier version.
      store.messages.ofRun(runId).some((row) => row.role === 'user' && row.content === text),
      queue.some((item) => item.queueId === queueId),
      books.cancelled.has(queueId),
      store.runs.get(runId)?.error === 'Rolled back by user',
      // Another answer to the same message was asked for once more, or nobody shows that message any more.
      books.again.has(queueId) && !books.cancelled.has(queueId) && isNeverBegun(store, runId),
    ].filter(Boolean);
    expect(places, `input ${text}`).toHaveLength(1);
    const asked = [...books.acknowledged.values()].filter((other) => other.text === text).length;
    expect(sent.get(text) ?? 0, `input ${text} reached the upstream`).toBeLessThanOrEqual(asked);
  }
  expect(upstream.peakPerSession).toBeLessThanOrEqual(1);
}

function isNeverBegun(store: RunsHarness['store'], runId: string): boolean {
  return store.runs.get(runId)?.status === 'interrupted' && store.messages.ofRun(runId).length === 0;
}

function isExpectedRefusal(thrown: unknown): boolean {
  return (
    thrown instanceof AppFailure &&
    ['conflict_active_run', 'conflict', 'not_found', 'queue_full', 'invalid_payload', 'shutting_down'].includes(
      thrown.code,
    )
  );
}

describe('runs under every interleaving', () => {
  for (const style of ['close-socket', 'stop-request'] as const) {
    const counts: Record<string, number> = {};
    it(`[E2-02] [E3-03] [E3-04] [E3-05] [E4-03] [E5-02] [BUG-A1] [BUG-A3] [BUG-A4] [decision 2] [decision 6] one live run, one end per run, no input lost or doubled (${style})`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.scheduler(), commands, scripts, async (scheduler, wanted, answers) => {
          const dir = tempDir();
          const nextId = countingIds();
          let requests = 0;
          let generation = 0;
          const upstream = new ScriptedUpstream({
            style,
            script: () => {
              const [body, end] = answers[requests++ % answers.length] ?? [[], { type: 'cancelled', usage: null }];
              return [...body, end];
            },
            step: async (label) => {
              await scheduler.schedule(Promise.resolve(), `upstream ${label}`);
              await passTurns(1);
            },
          });
          const clock = new ManualClock();
          let port = upstream.connect();
          let harness = await openRunsHarness({ dir, upstream: port, clock, nextId });
          let restarted: Promise<void> = Promise.resolve();
          let dead = deferred<void>();
          const books: Books = { acknowledged: new Map(), cancelled: new Set(), again: new Set() };
          let begun = 0;
          let unanswered = 0;
          const problems: unknown[] = [];
          let alive = true;

          const perform = async (command: Command, number: number): Promise<void> => {
            const born = generation;
            const { runs, store } = harness;
            counts[command.kind] = (counts[command.kind] ?? 0) + 1;
            const queued = store.queue.list(SESSION);
            try {
              switch (command.kind) {
                case 'submit': {
                  const queueId = `q${number}`;
                  const text = `input ${number}`;
                  const ack = await runs.submit(
                    { sessionId: SESSION, queueId, input: text, strategy: command.strategy },
                    null,
                  );
                  books.acknowledged.set(queueId, { runId: ack.run_id, text });
                  break;
                }
                case 'abort':
                  await runs.abort(SESSION, harness.log.liveView(SESSION)?.run?.runId);
                  break;
                case 'cancel': {
                  const item = queued[command.index];
                  if (item === undefined) break;
                  const { removed } = await runs.cancelQueued(SESSION, item.queueId);
                  if (removed > 0) books.cancelled.add(item.queueId);
                  break;
                }
                case 'move': {
                  const item = queued[command.index];
                  if (item !== undefined) await runs.moveQueued(SESSION, item.queueId, command.to);
                  break;
                }
                case 'send-now': {
                  const item = queued[command.index];
                  if (item !== undefined) await runs.sendNow(SESSION, item.queueId);
                  break;
                }
                case 'pause-queue':
                  await runs.pauseQueue(SESSION);
                  break;
                case 'edit': {
                  const begun = store.messages.all(SESSION).filter((row) => row.role === 'user');
                  const message = begun[command.index];
                  if (message === undefined) break;
                  const queueId = `q${number}`;
                  const text = `input ${number}`;
                  const replaceFrom = message.id;
                  const ack = await runs.submit({ sessionId: SESSION, queueId, input: text, replaceFrom }, null);
                  books.acknowledged.set(queueId, { runId: ack.run_id, text });
                  break;
                }
                case 'regenerate': {
                  const newest = store.messages.newestRunId(SESSION);
                  const text = newest === null ? undefined : store.messages.ofRun(newest)[0]?.content;
                  if (newest === null || text === undefined) break;
                  const queueId = `q${number}`;
                  const ack = await runs.regenerate(SESSION, { runId: newest, queueId });
                  books.again.add(queueId);
                  books.acknowledged.set(queueId, { runId: ack.run_id, text });
                  break;
                }
                case 'switch-version': {
                  const version = store.versions.list(SESSION)[command.index];
                  if (version !== undefined) await runs.switchVersion(SESSION, version.version_id);
                  break;
                }
                case 'resume-queue':
                  await runs.resumeQueue(SESSION);
                  break;
                case 'roll-back': {
                  const newest = store.messages.newestRunId(SESSION);
                  if (newest !== null) await runs.rollBack(SESSION, newest);
                  break;
                }
                case 'kill': {
                  generation++;
                  harness.kill();
                  port.die();
                  // Whoever waited for the killed process waits no longer.
                  dead.resolve();
                  dead = deferred<void>();
                  port = upstream.connect();
                  restarted = openRunsHarness({ dir, upstream: port, clock, nextId }).then((opened) => {
                    harness = opened;
                  });
                  await restarted;
                  break;
                }
              }
            } catch (thrown) {
              // A command of a killed process never got its answer; whatever it had done is in the store or is not.
              if (generation !== born || isExpectedRefusal(thrown)) return;
              problems.push(thrown);
            }
          };

          scheduler.scheduleSequence(
            wanted.map(({ command, turns }, number) => ({
              label: `${number} ${command.kind}, then ${turns} turns`,
              builder: async () => {
                // Commands are begun in order and overlap: the next one does not wait for this one's answer, but for a kill.
                const done = perform(command, number);
                begun++;
                unanswered++;
                void (command.kind === 'kill' ? done : Promise.race([done, dead.promise])).finally(() => unanswered--);
                if (command.kind === 'kill') await done;
                await passTurns(turns);
              },
            })),
          );
          const idle = async () => {
            // Everything that was begun has answered, and nothing runs or can start by itself any more.
            for (let turn = 0; turn < 2000 && alive; turn++) {
              await restarted;
              const session = harness.store.sessions.get(SESSION);
              const waiting = harness.store.queue.list(SESSION);
              const halted =
                waiting.length === 0 || (session?.queue_paused != null && !waiting.some((item) => item.sendNow));
              const isAnswered = begun >= wanted.length && unanswered === 0;
              if (isAnswered && harness.log.liveView(SESSION) === null && halted) return;
              await new Promise((resolve) => setImmediate(resolve));
            }
            throw new Error('the session never came to rest');
          };
          try {
            await scheduler.waitFor(idle());
            expect(problems).toEqual([]);
            expect(harness.errors).toEqual([]);
            checkStore(harness, books, upstream);
            for (const event of harness.store.events.after(SESSION, 0, 100_000))
              counts[event.event] = (counts[event.event] ?? 0) + 1;
          } finally {
            alive = false;
            harness.store.db.close();
          }
        }),
        { numRuns: Number(process.env['SLUICE_PROPERTY_RUNS'] ?? 250) },
      );
      // A property that never met the interesting cases proves nothing.
      for (const met of [
        'kill',
        'run.completed',
        'run.failed',
        'abort.completed',
        'run.rolled_back',
        'queue.paused',
        'queue.resumed',
        'run.queued',
        'history.changed',
        'pause-queue',
        'switch-version',
      ]) {
        expect(counts[met] ?? 0, met).toBeGreaterThan(2);
      }
    }, 120_000);
  }
});
