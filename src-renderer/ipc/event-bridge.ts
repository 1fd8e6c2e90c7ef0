import type { AppError, Result } from '#contract/errors';
import {
  type ChatEvent,
  type DirectPayloads,
  isLoggedEvent,
  isTerminalEvent,
  type LoggedEvent,
  type ResumedPayload,
} from '#contract/events';
import type { SessionRecord } from '#contract/records';
import type { AbortAck, SluiceApi } from '#contract/routes';
import { applyRunEvent, type RunView, viewFromSnapshot } from '#contract/run-view';

/** How long Stop waits for its terminal event before it lets the reader go on (E4-09). */
export const STOP_RELEASE_MS = 20_000;
/** How long the pushed `resumed` may stay behind the answer before the answer itself is used. */
const PUSH_LAG_MS = 1000;
/**
 * How long a conversation that nobody looks at is still followed after its answer has ended: the next of its queue begins
 * within it, or waits for something.
 */
export const LET_GO_MS = 1000;
/** How many of the newest rows a conversation opens with; earlier ones are asked for as the reader comes near them. */
const FIRST_ROWS = 80;
/** Events that came early and wait for a snapshot; beyond it the snapshot has to tell. */
const EARLY_LIMIT = 2000;

/** What a slash command did. */
export type CommandResult = Omit<DirectPayloads['session.command'], 'terminal'>;

/** Where the bridge writes. One owner of the views, whoever draws them. */
export interface BridgeSink {
  view(sessionId: string): RunView | undefined;
  setView(sessionId: string, view: RunView): void;
  /** The view is not kept up any more; the next watch builds another. */
  dropView(sessionId: string): void;
  setSession(session: SessionRecord): void;
  setProblem(sessionId: string, error: AppError | null): void;
  /** `undefined`: nothing is being stopped. */
  setStop(sessionId: string, stop: { runId: string; released: boolean } | undefined): void;
  setCommand(sessionId: string, result: CommandResult): void;
}

export interface EventBridge {
  /** Follows a session: asks for its snapshot, then applies what comes after it. */
  watch(sessionId: string): Promise<void>;
  /**
   * Nobody looks at the session any more. It is dropped, but not before its answer has ended: whoever comes back sees at
   * once how far that is.
   */
  leave(sessionId: string): void;
  /** Drops a session: what still arrives for it changes nothing. */
  unwatch(sessionId: string): void;
  /** Asks for every watched session again, after a cut or a sleep. */
  refresh(): void;
  stop(sessionId: string): Promise<Result<AbortAck>>;
  receive(event: ChatEvent): void;
}

interface Watched {
  /** No event is applied until a snapshot stands below it. */
  awaiting: boolean;
  /** The first snapshot of this watch is still to come; it counts whatever an older view says. */
  fresh: boolean;
  /** Messages were put back or set aside: the rows that are drawn are not those of the conversation any more. */
  rewritten: boolean;
  inFlight: Promise<void> | null;
  /** A gap showed while a request was under way: its answer may be too old. */
  again: boolean;
  early: LoggedEvent[];
  lag: ReturnType<typeof setTimeout> | undefined;
  stopTimer: ReturnType<typeof setTimeout> | undefined;
  /** Nobody looks at it: it is followed for the sake of its answer only. */
  left: boolean;
  letGoTimer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * Keeps the view of each watched session equal to the core's: applies events in `seq` order, and where one is missing
 * asks for the session again instead of guessing.
 */
export function createEventBridge(api: SluiceApi, sink: BridgeSink): EventBridge {
  const watched = new Map<string, Watched>();

  function resume(sessionId: string, entry: Watched): Promise<void> {
    if (entry.inFlight !== null) {
      entry.again = true;
      return entry.inFlight;
    }
    entry.again = false;
    entry.inFlight = ask(sessionId, entry).finally(() => {
      entry.inFlight = null;
      if (entry.again && entry.awaiting && watched.get(sessionId) === entry) void resume(sessionId, entry);
    });
    return entry.inFlight;
  }

  async function ask(sessionId: string, entry: Watched): Promise<void> {
    const answer = await api.request('chat.resume', { session_id: sessionId, limit: FIRST_ROWS });
    if (watched.get(sessionId) !== entry) return;
    if (!answer.ok) {
      sink.setProblem(sessionId, answer.error);
      return;
    }
    sink.setProblem(sessionId, null);
    if (!entry.awaiting) return;
    // The pushed `resumed` keeps the order of its channel and is preferred; a lost push must not leave a blank page.
    entry.lag ??= setTimeout(() => {
      if (entry.awaiting) settle(sessionId, entry, answer.data);
    }, PUSH_LAG_MS);
  }

  /** Puts a snapshot below the stream and plays what came early on top of it. */
  function settle(sessionId: string, entry: Watched, snapshot: ResumedPayload): void {
    clearTimeout(entry.lag);
    entry.lag = undefined;
    const known = sink.view(sessionId);
    const { fresh, rewritten } = entry;
    entry.awaiting = false;
    entry.fresh = false;
    entry.rewritten = false;
    if (snapshot.session !== null) sink.setSession(snapshot.session);
    // An answer that is no newer than what is drawn adds nothing, and an older one must not take anything back.
    if (fresh || known === undefined || snapshot.lastSeq > known.lastSeq) {
      const view = viewFromSnapshot(sessionId, snapshot);
      sink.setView(sessionId, rewritten ? view : keepEarlierPages(known, view));
    }
    if (!snapshot.isWorking) clearStop(sessionId, entry);
    const early = entry.early.sort((a, b) => a.seq - b.seq);
    entry.early = [];
    for (const event of early) apply(sessionId, entry, event);
    letGoSoon(sessionId, entry);
  }

  function apply(sessionId: string, entry: Watched, event: LoggedEvent): void {
    const view = sink.view(sessionId);
    if (entry.awaiting || view === undefined || event.seq > view.lastSeq + 1) {
      entry.awaiting = true;
      if (entry.early.length < EARLY_LIMIT) entry.early.push(event);
      void resume(sessionId, entry);
      return;
    }
    if (event.seq <= view.lastSeq) return;
    sink.setView(sessionId, applyRunEvent(view, event));
    if (event.event === 'history.changed' && event.reload) {
      entry.awaiting = true;
      entry.fresh = true;
      entry.rewritten = true;
      void resume(sessionId, entry);
    }
    if (isTerminalEvent(event.event)) clearStop(sessionId, entry);
    letGoSoon(sessionId, entry);
  }

  function isAnswering(sessionId: string): boolean {
    return (sink.view(sessionId)?.run ?? null) !== null;
  }

  /** Lets go of a session that was left, once it has stood still for a moment. */
  function letGoSoon(sessionId: string, entry: Watched): void {
    if (!entry.left || isAnswering(sessionId)) return;
    entry.letGoTimer ??= setTimeout(() => {
      entry.letGoTimer = undefined;
      if (entry.left && watched.get(sessionId) === entry && !isAnswering(sessionId)) drop(sessionId, entry);
    }, LET_GO_MS);
  }

  function drop(sessionId: string, entry: Watched): void {
    clearTimeout(entry.lag);
    clearTimeout(entry.letGoTimer);
    clearStop(sessionId, entry);
    watched.delete(sessionId);
    sink.dropView(sessionId);
    void api.request('chat.unsubscribe', { session_id: sessionId });
  }

  function clearStop(sessionId: string, entry: Watched): void {
    clearTimeout(entry.stopTimer);
    entry.stopTimer = undefined;
    sink.setStop(sessionId, undefined);
  }

  return {
    watch(sessionId) {
      let entry = watched.get(sessionId);
      if (entry === undefined) {
        entry = {
          awaiting: true,
          fresh: true,
          rewritten: false,
          inFlight: null,
          again: false,
          early: [],
          lag: undefined,
          stopTimer: undefined,
          left: false,
          letGoTimer: undefined,
        };
        watched.set(sessionId, entry);
      }
      entry.left = false;
      return resume(sessionId, entry);
    },

    leave(sessionId) {
      const entry = watched.get(sessionId);
      if (entry === undefined) return;
      entry.left = true;
      if (!isAnswering(sessionId)) drop(sessionId, entry);
    },

    unwatch(sessionId) {
      const entry = watched.get(sessionId);
      if (entry !== undefined) drop(sessionId, entry);
    },

    refresh() {
      for (const [sessionId, entry] of watched) void resume(sessionId, entry);
    },

    async stop(sessionId) {
      const entry = watched.get(sessionId);
      const runId = sink.view(sessionId)?.run?.runId;
      if (entry !== undefined && runId !== undefined) {
        sink.setStop(sessionId, { runId, released: false });
        clearTimeout(entry.stopTimer);
        entry.stopTimer = setTimeout(() => {
          sink.setStop(sessionId, { runId, released: true });
          entry.awaiting = true;
          void resume(sessionId, entry);
        }, STOP_RELEASE_MS);
      }
      const answer = await api.request('chat.abort', {
        session_id: sessionId,
        ...(runId === undefined ? {} : { run_id: runId }),
      });
      // Refused, or nothing to stop: Stop is free again at once and the view is checked.
      if (entry !== undefined && (!answer.ok || answer.data.status === 'ignored')) {
        clearStop(sessionId, entry);
        void resume(sessionId, entry);
      }
      return answer;
    },

    receive(event) {
      const sessionId = event.session_id;
      if (sessionId === null) return;
      // The answer to a command of this page, whether or not the conversation is drawn.
      if (event.event === 'session.command') {
        const { command, ok, action, message, said } = event;
        sink.setCommand(sessionId, { command, ok, action, message, ...(said === undefined ? {} : { said }) });
        return;
      }
      const entry = watched.get(sessionId);
      if (entry === undefined) return;
      if (event.event === 'resumed') settle(sessionId, entry, event);
      else if (event.event === 'gap') void resume(sessionId, entry);
      else if (isLoggedEvent(event)) apply(sessionId, entry, event);
    },
  };
}

/** A snapshot holds the newest page. Pages that the reader had loaded above it stay. */
function keepEarlierPages(known: RunView | undefined, next: RunView): RunView {
  const first = next.settled[0];
  if (known === undefined || first === undefined) return next;
  const at = known.settled.findIndex((row) => row.id === first.id);
  if (at <= 0) return next;
  return { ...next, settled: [...known.settled.slice(0, at), ...next.settled], hasMoreBefore: known.hasMoreBefore };
}
