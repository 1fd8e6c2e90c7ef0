import type { ChatEvent, ResumedPayload } from '#contract/events';
import { AppFailure } from '../../platform/app-failure.ts';
import type { OneShotRun } from '../../runs/one-shot-run.ts';
import type { RunRequest, RunService } from '../../runs/run-service.ts';
import type { EventPublisher } from '../event-publisher.ts';
import type { Handlers, Viewer } from '../router.ts';

type ChatHandlers = Pick<Handlers, Extract<keyof Handlers, `chat.${string}`>>;

/** The control of conversations: run, stop, resume, queue. */
export function createChatHandlers(parts: {
  runs: RunService;
  publisher: EventPublisher;
  now: () => number;
  newId: () => string;
}): ChatHandlers {
  const { runs, publisher, now, newId } = parts;
  const oneShots = new Map<Viewer, Set<OneShotRun>>();

  // Nobody can see a run without a session once its caller has left (E2-03).
  publisher.onDetach((viewer) => {
    for (const run of oneShots.get(viewer) ?? []) run.stop();
    oneShots.delete(viewer);
  });

  const direct = (sessionId: string, payload: Record<string, unknown>): ChatEvent =>
    ({ v: 1, session_id: sessionId, seq: 0, ts: now(), ...payload }) as ChatEvent;

  const startOneShot = (request: RunRequest, viewer: Viewer | null) => {
    if (viewer === null) {
      throw new AppFailure(
        'invalid_payload',
        'A run without a session is answered over the live connection. Give a session_id, or use the socket.',
      );
    }
    const run = runs.startOneShot(request, viewer.profile ?? null, (event) => publisher.tell(viewer, event));
    const own = oneShots.get(viewer) ?? new Set();
    oneShots.set(viewer, own.add(run));
    void run.execute().finally(() => own.delete(run));
    return {
      status: 'started' as const,
      session_id: null,
      run_id: run.runId,
      queue_id: request.queueId ?? run.runId,
      position: 0,
    };
  };

  const tellGap = (sessionId: string, afterSeq: number, latest: number, viewer: Viewer) =>
    publisher.tell(
      viewer,
      direct(sessionId, {
        event: 'gap',
        code: 'stream_replay_gap',
        requested_event_id: String(afterSeq),
        earliest_available_event_id: String(runs.earliestSeq(sessionId) ?? 0),
        latest_available_event_id: String(latest),
        recovery: 'reload_durable_state',
      }),
    );

  /**
   * Joins the viewer and answers in the same turn, so that nothing is missed or told twice. What lies between a viewer's
   * position and now follows the `resumed` as events; a caller without a connection gets it in the answer.
   */
  const answerResume = (
    sessionId: string,
    afterSeq: number | undefined,
    viewer: Viewer | null,
  ): ResumedPayload & { session_id: string } => {
    const snapshot = runs.snapshot(sessionId);
    const missed = afterSeq === undefined ? null : runs.eventsAfter(sessionId, afterSeq);
    if (viewer === null) {
      const payload = missed === null ? snapshot : { ...snapshot, messages: [], events: missed, replayed: true };
      return { session_id: sessionId, ...payload };
    }
    const payload = missed === null ? snapshot : { ...snapshot, messages: [], replayed: true };
    publisher.join(sessionId, viewer);
    if (afterSeq !== undefined && missed === null) tellGap(sessionId, afterSeq, snapshot.lastSeq, viewer);
    publisher.tell(viewer, direct(sessionId, { event: 'resumed', ...payload }));
    for (const event of missed ?? []) publisher.tell(viewer, event);
    return { session_id: sessionId, ...payload };
  };

  return {
    'chat.run': async (payload, viewer) => {
      const request: RunRequest = {
        input: payload.input,
        ...(payload.model === undefined ? {} : { model: payload.model }),
        ...(payload.instructions === undefined ? {} : { instructions: payload.instructions }),
        ...(payload.profile === undefined ? {} : { profile: payload.profile }),
        ...(payload.queue_id === undefined ? {} : { queueId: payload.queue_id }),
        ...(payload.idempotency_key === undefined ? {} : { idempotencyKey: payload.idempotency_key }),
        ...(payload.reasoning_effort === undefined ? {} : { reasoningEffort: payload.reasoning_effort }),
        ...(payload.strategy === undefined ? {} : { strategy: payload.strategy }),
      };
      if (payload.session_id === undefined) return startOneShot(request, viewer);
      const sessionId = payload.session_id;
      // Joined before the first event can go out: the caller sees its own run from the start.
      if (viewer !== null) publisher.join(sessionId, viewer);
      return runs.submit({ ...request, sessionId, queueId: request.queueId ?? newId() }, viewer?.profile ?? null);
    },
    'chat.abort': async ({ session_id, run_id }, viewer) => {
      const ack = await runs.abort(session_id, run_id);
      if (ack.status === 'ignored' && viewer !== null) {
        publisher.tell(viewer, direct(session_id, { event: 'abort.completed', synced: false, ignored: true }));
      }
      return ack;
    },
    'chat.resume': ({ session_id, after_seq }, viewer) => answerResume(session_id, after_seq, viewer),
    'chat.unsubscribe': ({ session_id }, viewer) => {
      if (viewer !== null) publisher.leave(session_id, viewer);
      return { session_id };
    },
    'chat.cancel_queued_run': ({ session_id, queue_id }) => runs.cancelQueued(session_id, queue_id),
    'chat.queue_edit': ({ session_id, queue_id, input }) => runs.editQueued(session_id, queue_id, input),
    'chat.queue_move': ({ session_id, queue_id, position }) => runs.moveQueued(session_id, queue_id, position),
    'chat.queue_clear': ({ session_id }) => runs.clearQueue(session_id),
    'chat.queue_send_now': ({ session_id, queue_id }) => runs.sendNow(session_id, queue_id),
    'chat.queue_resume': ({ session_id }) => runs.resumeQueue(session_id),
    'chat.approval_respond': async ({ session_id, approval_id, choice, all }) => {
      const { runId, resolved } = await runs.approve(session_id, approval_id, choice, all ?? false);
      return { run_id: runId, approval_id, choice, resolved };
    },
  };
}
