import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AppError, Result } from '#contract/errors';
import type { ChatEvent, LoggedEvent, ResumedPayload } from '#contract/events';
import { emptyMessage } from '#contract/message';
import type { RouteName, SluiceApi } from '#contract/routes';
import type { RunView } from '#contract/run-view';
import {
  type BridgeSink,
  type CommandResult,
  createEventBridge,
  type EventBridge,
  LET_GO_MS,
  STOP_RELEASE_MS,
} from './event-bridge.ts';

const RUN = 'run-1';

function snapshot(lastSeq: number, change: Partial<ResumedPayload> = {}): ResumedPayload {
  return {
    messages: [],
    runs: [],
    isWorking: false,
    isAborting: false,
    isCompacting: false,
    state: 'idle',
    events: [],
    replayed: false,
    inputTokens: null,
    outputTokens: null,
    contextTokens: null,
    queueLength: 0,
    queueMessages: [],
    queuePaused: null,
    approvals: [],
    clarifications: [],
    versions: [],
    compactions: [],
    hasMoreBefore: false,
    messageTotal: 0,
    messageLoadedCount: 0,
    messagePageLimit: 500,
    lastSeq,
    session: null,
    ...change,
  };
}

const working = (lastSeq: number): ResumedPayload =>
  snapshot(lastSeq, { isWorking: true, state: 'running', run_id: RUN });

function delta(sessionId: string, seq: number, text: string): LoggedEvent {
  return {
    v: 1,
    event: 'message.delta',
    session_id: sessionId,
    run_id: RUN,
    message_id: 'answer',
    seq,
    ts: seq,
    timestamp: seq / 1000,
    delta: text,
  };
}

function ended(sessionId: string, seq: number): LoggedEvent {
  return {
    v: 1,
    event: 'abort.completed',
    session_id: sessionId,
    run_id: RUN,
    seq,
    ts: seq,
    synced: true,
    usage: null,
  };
}

/** A host with one ordered channel per session: what it pushes and what it answers are both in the test's hands. */
class Host {
  readonly calls: { route: RouteName; input: { session_id: string } }[] = [];
  readonly views = new Map<string, RunView>();
  readonly problems = new Map<string, AppError | null>();
  readonly stops = new Map<string, { runId: string; released: boolean } | undefined>();
  readonly commands = new Map<string, CommandResult>();
  readonly bridge: EventBridge;
  snapshots: Record<string, ResumedPayload> = {};
  /** `false`: the test pushes `resumed` itself. */
  answers = true;
  abort: Result<unknown> = { ok: true, data: { status: 'aborted', session_id: 'a', run_id: RUN, synced: true } };
  refusal: AppError | null = null;

  constructor() {
    const request = async (route: RouteName, input: { session_id: string }): Promise<unknown> => {
      this.calls.push({ route, input });
      await Promise.resolve();
      if (route === 'chat.abort') return this.abort;
      if (route !== 'chat.resume') return { ok: true, data: {} };
      if (this.refusal !== null) return { ok: false, error: this.refusal };
      const data = this.snapshots[input.session_id] ?? snapshot(0);
      if (this.answers) this.push(input.session_id, data);
      return { ok: true, data: { session_id: input.session_id, ...data } };
    };
    const api = { request, onEvent: () => () => undefined } as unknown as SluiceApi;
    const sink: BridgeSink = {
      view: (id) => this.views.get(id),
      setView: (id, view) => void this.views.set(id, view),
      dropView: (id) => void this.views.delete(id),
      setSession: () => undefined,
      setProblem: (id, error) => void this.problems.set(id, error),
      setStop: (id, stop) => void this.stops.set(id, stop),
      setCommand: (id, result) => void this.commands.set(id, result),
    };
    this.bridge = createEventBridge(api, sink);
  }

  push(sessionId: string, data: ResumedPayload): void {
    const event: ChatEvent = { v: 1, event: 'resumed', session_id: sessionId, seq: 0, ts: 0, ...data };
    this.bridge.receive(event);
  }

  resumes(sessionId: string): number {
    return this.calls.filter((call) => call.route === 'chat.resume' && call.input.session_id === sessionId).length;
  }

  unsubscribed(): string[] {
    return this.calls.filter((call) => call.route === 'chat.unsubscribe').map((call) => call.input.session_id);
  }

  text(sessionId: string): string {
    return (this.views.get(sessionId)?.live ?? []).map((row) => row.content).join('');
  }
}

const settle = () => vi.advanceTimersByTimeAsync(0);

describe('event bridge', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('applies what follows a snapshot, in order and once', async () => {
    const host = new Host();
    host.snapshots['a'] = working(4);
    await host.bridge.watch('a');
    host.bridge.receive(delta('a', 5, 'one '));
    host.bridge.receive(delta('a', 5, 'one '));
    host.bridge.receive(delta('a', 6, 'two'));
    expect(host.text('a')).toBe('one two');
    expect(host.views.get('a')?.lastSeq).toBe(6);
    expect(host.resumes('a')).toBe(1);
  });

  it('[E5-02] drops events that the snapshot already holds', async () => {
    const host = new Host();
    host.snapshots['a'] = working(4);
    await host.bridge.watch('a');
    host.bridge.receive(delta('a', 3, 'old'));
    host.bridge.receive(delta('a', 4, 'old'));
    expect(host.text('a')).toBe('');
  });

  it('a gap asks for the session again instead of guessing', async () => {
    const host = new Host();
    host.snapshots['a'] = working(4);
    await host.bridge.watch('a');
    host.snapshots['a'] = working(7);
    host.bridge.receive(delta('a', 7, 'lost before'));
    expect(host.text('a')).toBe('');
    await settle();
    expect(host.resumes('a')).toBe(2);
    expect(host.views.get('a')?.lastSeq).toBe(7);
    host.bridge.receive(delta('a', 8, 'on'));
    expect(host.text('a')).toBe('on');
  });

  it('plays events that came early on top of an older snapshot', async () => {
    const host = new Host();
    host.snapshots['a'] = working(4);
    await host.bridge.watch('a');
    host.snapshots['a'] = working(5);
    host.bridge.receive(delta('a', 7, 'C'));
    host.bridge.receive(delta('a', 6, 'B'));
    await settle();
    expect(host.text('a')).toBe('BC');
    expect(host.resumes('a')).toBe(2);
  });

  it('asks once more when a snapshot under way turns out too old', async () => {
    const host = new Host();
    host.snapshots['a'] = working(4);
    await host.bridge.watch('a');
    host.bridge.refresh();
    host.bridge.receive(delta('a', 9, 'late'));
    // The answer to the refresh is still the old one; only the next one closes the gap.
    await Promise.resolve();
    host.snapshots['a'] = working(9);
    await settle();
    await settle();
    expect(host.views.get('a')?.lastSeq).toBe(9);
  });

  it('an older snapshot takes nothing back', async () => {
    const host = new Host();
    host.snapshots['a'] = working(4);
    await host.bridge.watch('a');
    host.bridge.receive(delta('a', 5, 'kept'));
    host.push('a', working(4));
    expect(host.text('a')).toBe('kept');
  });

  it('[E1-05] [BUG-A23] a reply for another session is dropped', async () => {
    const host = new Host();
    host.snapshots['a'] = working(1);
    host.snapshots['b'] = working(1);
    host.answers = false;
    void host.bridge.watch('a');
    host.bridge.unwatch('a');
    void host.bridge.watch('b');
    host.push('a', working(1));
    host.bridge.receive(delta('a', 2, 'for a'));
    host.push('b', working(1));
    host.bridge.receive(delta('b', 2, 'for b'));
    await settle();
    expect(host.views.has('a')).toBe(false);
    expect(host.text('b')).toBe('for b');
  });

  it('[E1-05] A to B to A quickly: the answer to the first A is not mistaken for the second', async () => {
    const host = new Host();
    host.snapshots['a'] = working(1);
    const first = host.bridge.watch('a');
    host.bridge.unwatch('a');
    host.snapshots['a'] = working(3);
    await Promise.all([first, host.bridge.watch('a')]);
    await settle();
    expect(host.views.get('a')?.lastSeq).toBe(3);
  });

  it('a session that is left while it answers is followed to the end of the answer, and then let go of', async () => {
    const host = new Host();
    host.snapshots['a'] = working(1);
    await host.bridge.watch('a');
    host.bridge.leave('a');
    host.bridge.receive(delta('a', 2, 'still'));
    await vi.advanceTimersByTimeAsync(LET_GO_MS);
    expect(host.text('a')).toBe('still');
    host.bridge.receive(ended('a', 3));
    await vi.advanceTimersByTimeAsync(LET_GO_MS);
    expect(host.views.has('a')).toBe(false);
    expect(host.unsubscribed()).toEqual(['a']);
  });

  it('a session that is left goes on being followed when the next of its queue begins', async () => {
    const host = new Host();
    host.snapshots['a'] = working(1);
    await host.bridge.watch('a');
    host.bridge.leave('a');
    host.bridge.receive(ended('a', 2));
    const message = emptyMessage({ id: 'm', session_id: 'a', run_id: 'run-2', role: 'user', created_at_ms: 3 });
    host.bridge.receive({
      v: 1,
      event: 'run.peer_user_message',
      session_id: 'a',
      run_id: 'run-2',
      seq: 3,
      ts: 3,
      message,
      queue_id: null,
      profile: 'demo',
      model: null,
    });
    await vi.advanceTimersByTimeAsync(10 * LET_GO_MS);
    expect(host.views.get('a')?.run?.runId).toBe('run-2');
    expect(host.unsubscribed()).toEqual([]);
  });

  it('a session that is left at rest is let go of at once; one that is come back to is kept', async () => {
    const host = new Host();
    await Promise.all([host.bridge.watch('a'), host.bridge.watch('b')]);
    host.bridge.leave('a');
    expect(host.views.has('a')).toBe(false);
    host.snapshots['b'] = working(1);
    host.push('b', working(1));
    host.bridge.leave('b');
    host.bridge.receive(ended('b', 2));
    await host.bridge.watch('b');
    await vi.advanceTimersByTimeAsync(LET_GO_MS);
    expect(host.views.has('b')).toBe(true);
    expect(host.unsubscribed()).toEqual(['a']);
  });

  it('keeps two sessions apart', async () => {
    const host = new Host();
    host.snapshots = { a: working(1), b: working(10) };
    await Promise.all([host.bridge.watch('a'), host.bridge.watch('b')]);
    host.bridge.receive(delta('a', 2, 'A'));
    host.bridge.receive(delta('b', 11, 'B'));
    host.bridge.receive(delta('a', 3, 'A'));
    expect([host.text('a'), host.text('b')]).toEqual(['AA', 'B']);
  });

  it('[E5-05] asks for every watched session again after a cut, and draws nothing anew when nothing was missed', async () => {
    const host = new Host();
    host.snapshots = { a: working(1), b: working(1) };
    await Promise.all([host.bridge.watch('a'), host.bridge.watch('b')]);
    const before = host.views.get('a');
    host.snapshots['b'] = working(6);
    host.bridge.refresh();
    await settle();
    expect([host.resumes('a'), host.resumes('b')]).toEqual([2, 2]);
    expect(host.views.get('a')).toBe(before);
    expect(host.views.get('b')?.lastSeq).toBe(6);
  });

  it('uses the answer itself when the push is lost', async () => {
    const host = new Host();
    host.snapshots['a'] = working(4);
    host.answers = false;
    await host.bridge.watch('a');
    expect(host.views.has('a')).toBe(false);
    await vi.advanceTimersByTimeAsync(1000);
    expect(host.views.get('a')?.lastSeq).toBe(4);
  });

  it('reports a refused resume and clears it with the next good one', async () => {
    const host = new Host();
    host.refusal = { code: 'storage_unavailable', message: 'no', retry: { kind: 'no' } };
    await host.bridge.watch('a');
    expect(host.problems.get('a')?.code).toBe('storage_unavailable');
    host.refusal = null;
    host.bridge.refresh();
    await settle();
    expect(host.problems.get('a')).toBeNull();
  });

  it('[E4-09] releases Stop after 20 s without a terminal event and asks for the session again', async () => {
    const host = new Host();
    host.snapshots['a'] = working(1);
    await host.bridge.watch('a');
    await host.bridge.stop('a');
    expect(host.stops.get('a')).toEqual({ runId: RUN, released: false });
    await vi.advanceTimersByTimeAsync(STOP_RELEASE_MS - 1);
    expect(host.stops.get('a')?.released).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(host.stops.get('a')).toEqual({ runId: RUN, released: true });
    expect(host.resumes('a')).toBe(2);
  });

  it('[E4-09] the terminal event ends the wait, and the timer with it', async () => {
    const host = new Host();
    host.snapshots['a'] = working(1);
    await host.bridge.watch('a');
    await host.bridge.stop('a');
    host.bridge.receive(ended('a', 2));
    expect(host.stops.get('a')).toBeUndefined();
    await vi.advanceTimersByTimeAsync(STOP_RELEASE_MS * 2);
    expect(host.stops.get('a')).toBeUndefined();
    expect(host.resumes('a')).toBe(1);
  });

  it('[E4-08] Stop names the run that it was pressed for', async () => {
    const host = new Host();
    host.snapshots['a'] = working(1);
    await host.bridge.watch('a');
    await host.bridge.stop('a');
    expect(host.calls.find((call) => call.route === 'chat.abort')?.input).toEqual({ session_id: 'a', run_id: RUN });
  });

  it('a refused stop frees the button at once and hands the reason back', async () => {
    const host = new Host();
    host.snapshots['a'] = working(1);
    host.abort = { ok: false, error: { code: 'internal', message: 'no', retry: { kind: 'no' } } };
    await host.bridge.watch('a');
    const answer = await host.bridge.stop('a');
    expect(answer.ok).toBe(false);
    expect(host.stops.get('a')).toBeUndefined();
  });

  it('a conversation whose messages were put back is drawn anew, earlier pages included', async () => {
    const host = new Host();
    const row = (id: string) => ({ id, run_id: null }) as unknown as ResumedPayload['messages'][number];
    host.snapshots['a'] = snapshot(2, { messages: [row('m1'), row('m2'), row('m3')] });
    await host.bridge.watch('a');
    host.snapshots['a'] = snapshot(3, { messages: [row('m2'), row('m9')] });
    host.bridge.receive({
      v: 1,
      event: 'history.changed',
      session_id: 'a',
      seq: 3,
      ts: 3,
      reason: 'version',
      message_ids: ['m3'],
      versions: [],
      reload: true,
    });
    await settle();
    expect(host.resumes('a')).toBe(2);
    expect(host.views.get('a')?.settled.map((each) => each.id)).toEqual(['m2', 'm9']);
  });

  it('the answer to a slash command reaches its own conversation', async () => {
    const host = new Host();
    await host.bridge.watch('a');
    const result: CommandResult = { command: 'title', ok: true, action: 'title', message: 'Renamed.' };
    host.bridge.receive({ v: 1, event: 'session.command', session_id: 'a', seq: 0, ts: 0, ...result, terminal: true });
    expect(host.commands.get('a')).toEqual(result);
    expect(host.commands.has('b')).toBe(false);
  });

  it('keeps earlier pages that the reader had loaded', async () => {
    const host = new Host();
    const row = (id: string) => ({ id, run_id: null }) as unknown as ResumedPayload['messages'][number];
    host.snapshots['a'] = snapshot(2, { messages: [row('m1'), row('m2')] });
    await host.bridge.watch('a');
    host.push('a', snapshot(5, { messages: [row('m2'), row('m3')], hasMoreBefore: true }));
    expect(host.views.get('a')?.settled.map((each) => each.id)).toEqual(['m1', 'm2', 'm3']);
    expect(host.views.get('a')?.hasMoreBefore).toBe(false);
  });
});
