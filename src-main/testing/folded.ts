import type { EventDraft } from '#contract/events';
import { emptyMessage, type Message } from '#contract/message';
import { applyRunEvent, emptyRunView } from '#contract/run-view';
import type { UpstreamEvent, UpstreamTerminal } from '../gateway/upstream-event.ts';
import { UpstreamFolder } from '../runs/fold-upstream.ts';
import type { WrittenAnswer } from '../runs/run-task.ts';

// An upstream's words, folded: for tests of what a reader sees of them.

export type Part = Exclude<UpstreamEvent, UpstreamTerminal>;

export const COMPLETED: Extract<EventDraft, { event: 'run.completed' }> = {
  event: 'run.completed',
  run_id: 'r',
  output: '',
  usage: null,
  finish_reason: 'stop',
  queue_remaining: 0,
};
export const STOPPED: EventDraft = { event: 'abort.completed', run_id: 'r', synced: true, usage: null };
export const FAILED: EventDraft = {
  event: 'run.failed',
  run_id: 'r',
  error: 'x',
  error_info: { code: 'internal', retry: { kind: 'no' } },
  queue_remaining: 0,
  status: 'error',
  usage: null,
};

/** A folder of the run `r` that counts its rows: `m1`, `m2` and so on. */
export function newFolder(written?: WrittenAnswer): UpstreamFolder {
  let id = 0;
  return new UpstreamFolder('r', {
    newId: () => `m${++id}`,
    now: () => 1_000,
    ...(written === undefined ? {} : { written }),
  });
}

/** What the folder makes of the parts. */
export function draftsOf(parts: readonly Part[], folder = newFolder()): EventDraft[] {
  return parts.flatMap((part) => folder.fold(part));
}

/** The rows that a reader sees of the drafts of a run, without the person's message that began it. */
export function rowsOfDrafts(drafts: readonly EventDraft[], end: EventDraft = COMPLETED): Message[] {
  const user = {
    ...emptyMessage({ id: 'u', session_id: 's', run_id: 'r', role: 'user', created_at_ms: 1 }),
    status: 'final' as const,
  };
  const all: EventDraft[] = [
    { event: 'run.peer_user_message', run_id: 'r', message: user, queue_id: null, profile: 'demo', model: null },
    ...drafts,
    end,
  ];
  const view = all.reduce(
    (seen, draft, index) => applyRunEvent(seen, { v: 1, session_id: 's', seq: index + 1, ts: 1_000, ...draft }),
    emptyRunView('s'),
  );
  return view.settled.slice(1);
}

export function rowsOf(parts: readonly Part[], end: EventDraft = COMPLETED): Message[] {
  return rowsOfDrafts(draftsOf(parts), end);
}

export const text = (value: string): Part => ({ type: 'text', text: value });
export const thought = (value: string): Part => ({ type: 'reasoning', text: value });
export const start = (
  name: string,
  callId: string | null = null,
  args: string | null = null,
  preview: string | null = null,
): Part => ({ type: 'tool-start', callId, name, preview, arguments: args });
export const end = (
  name: string,
  callId: string | null = null,
  output: string | null = null,
  isError = false,
): Part => ({ type: 'tool-end', callId, name, durationSeconds: 0.5, isError, output });
