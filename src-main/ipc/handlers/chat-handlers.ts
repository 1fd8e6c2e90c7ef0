import type { ChatEvent, ResumedPayload } from '#contract/events';
import type { RunAck } from '#contract/routes';
import { parseSlashCommand } from '#contract/slash-commands';
import { failureOf } from '../../platform/app-failure.ts';
import type { OneShotRun } from '../../runs/one-shot-run.ts';
import type { RunRequest } from '../../runs/run-options.ts';
import type { RunService } from '../../runs/run-service.ts';
import type { Store } from '../../store/store.ts';
import { positionOf } from '../event-position.ts';
import type { EventPublisher } from '../event-publisher.ts';
import type { Handlers, Viewer } from '../router.ts';
import { checkedFolder } from './checked-folder.ts';
import { runSlashCommand } from './slash-command.ts';

type ChatHandlers = Pick<Handlers, Extract<keyof Handlers, `chat.${string}`>>;

/** The control of conversations: run, stop, resume, queue. */
export function createChatHandlers(parts: {
  runs: RunService;
  store: Store;
  publisher: EventPublisher;
  now: () => number;
  newId: () => string;
}): ChatHandlers {
  const { runs, store, publisher, now, newId } = parts;
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
      throw failureOf('invalid_payload', { word: 'run_without_session' });
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

  const answerCommand = async (
    request: RunRequest & { sessionId: string; queueId: string },
    command: NonNullable<ReturnType<typeof parseSlashCommand>>,
    viewer: Viewer | null,
  ): Promise<RunAck> => {
    const { sessionId, queueId } = request;
    const outcome = await runSlashCommand({ runs, store, now }, request, command, viewer?.profile ?? null);
    if (outcome.action === 'changed') publisher.announce('sessions.changed', { ids: [sessionId], reason: 'updated' });
    if (viewer !== null) {
      const { isWorking: isLive } = runs.snapshot(sessionId);
      publisher.tell(
        viewer,
        direct(sessionId, { event: 'session.command', command: command.command, ...outcome, terminal: !isLive }),
      );
    }
    const { message, said } = outcome;
    const ack: RunAck = {
      status: 'command',
      session_id: sessionId,
      run_id: '',
      queue_id: queueId,
      position: 0,
      message,
    };
    return said === undefined ? ack : { ...ack, said };
  };

  const tellGap = (sessionId: string, requested: string, latest: number, viewer: Viewer) =>
    publisher.tell(
      viewer,
      direct(sessionId, {
        event: 'gap',
        code: 'stream_replay_gap',
        requested_event_id: requested,
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
    requested?: string,
    limit?: number,
  ): ResumedPayload & { session_id: string } => {
    const snapshot = runs.snapshot(sessionId, limit);
    const missed = afterSeq === undefined ? null : runs.eventsAfter(sessionId, afterSeq);
    if (viewer === null) {
      const payload = missed === null ? snapshot : { ...snapshot, messages: [], events: missed, replayed: true };
      return { session_id: sessionId, ...payload };
    }
    const payload = missed === null ? snapshot : { ...snapshot, messages: [], replayed: true };
    publisher.join(sessionId, viewer);
    if (afterSeq !== undefined && missed === null)
      tellGap(sessionId, requested ?? String(afterSeq), snapshot.lastSeq, viewer);
    publisher.tell(viewer, direct(sessionId, { event: 'resumed', ...payload }));
    for (const event of missed ?? []) publisher.tell(viewer, event);
    return { session_id: sessionId, ...payload };
  };

  return {
    'chat.run': async (payload, viewer) => {
      const request: RunRequest = {
        input: payload.input,
        ...(payload.model === undefined ? {} : { model: payload.model }),
        ...(payload.provider === undefined ? {} : { provider: payload.provider }),
        ...(payload.instructions === undefined ? {} : { instructions: payload.instructions }),
        ...(payload.workspace === undefined ? {} : { workspace: payload.workspace }),
        ...(payload.session_instructions === undefined ? {} : { sessionInstructions: payload.session_instructions }),
        ...(payload.replace_from === undefined ? {} : { replaceFrom: payload.replace_from }),
        ...(payload.like_run === undefined ? {} : { likeRun: payload.like_run }),
        ...(payload.profile === undefined ? {} : { profile: payload.profile }),
        ...(payload.queue_id === undefined ? {} : { queueId: payload.queue_id }),
        ...(payload.idempotency_key === undefined ? {} : { idempotencyKey: payload.idempotency_key }),
        ...(payload.reasoning_effort === undefined ? {} : { reasoningEffort: payload.reasoning_effort }),
        ...(payload.parameters === undefined ? {} : { parameters: payload.parameters }),
        ...(payload.strategy === undefined ? {} : { strategy: payload.strategy }),
      };
      if (payload.session_id === undefined) return startOneShot(request, viewer);
      const sessionId = payload.session_id;
      // Joined before the first event can go out: the caller sees its own run from the start.
      if (viewer !== null) publisher.join(sessionId, viewer);
      await checkedFolder(request.workspace);
      const asked = { ...request, sessionId, queueId: request.queueId ?? newId() };
      const command = typeof request.input === 'string' ? parseSlashCommand(request.input) : null;
      if (command !== null) return answerCommand(asked, command, viewer);
      return runs.submit(asked, viewer?.profile ?? null);
    },
    'chat.abort': async ({ session_id, run_id }, viewer) => {
      const ack = await runs.abort(session_id, run_id);
      if (ack.status === 'ignored' && viewer !== null) {
        publisher.tell(viewer, direct(session_id, { event: 'abort.completed', synced: false, ignored: true }));
      }
      return ack;
    },
    'chat.resume': ({ session_id, after_seq, last_event_id, limit }, viewer) =>
      answerResume(session_id, after_seq ?? positionOf(last_event_id), viewer, last_event_id, limit),
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
    'chat.queue_pause': ({ session_id }) => runs.pauseQueue(session_id),
    'chat.regenerate': ({ session_id, run_id, model, profile, queue_id }, viewer) => {
      if (viewer !== null) publisher.join(session_id, viewer);
      return runs.regenerate(session_id, {
        ...(run_id === undefined ? {} : { runId: run_id }),
        ...(model === undefined ? {} : { model }),
        ...(profile === undefined ? {} : { profile }),
        ...(queue_id === undefined ? {} : { queueId: queue_id }),
      });
    },
    'chat.clarify_respond': async ({ session_id, clarify_id, response }) => {
      const { runId } = await runs.clarify(session_id, clarify_id, response);
      return { run_id: runId, clarify_id, response };
    },
    'chat.approval_respond': async ({ session_id, approval_id, choice, all }) => {
      const { runId, resolved } = await runs.approve(session_id, approval_id, choice, all ?? false);
      return { run_id: runId, approval_id, choice, resolved };
    },
  };
}
