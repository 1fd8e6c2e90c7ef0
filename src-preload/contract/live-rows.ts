import type { LoggedEvent } from './events.ts';
import { emptyMessage, type Message } from './message.ts';

/** Rows of the run that is live. Every function here gives new rows and never changes its arguments. */
export interface LiveRows {
  sessionId: string | null;
  live: Message[];
}

/** The rows with one of them changed; as they are where there is none at that place. */
export function replaceAt(rows: Message[], index: number, change: Partial<Message>): Message[] {
  const row = rows[index];
  if (row === undefined) return rows;
  const next = rows.slice();
  next[index] = { ...row, ...change };
  return next;
}

/** The rows with one of them pinned or let go of; the same ones where it is not among them. */
export function pinnedRows(rows: Message[], event: { message_id: string; pinned: boolean }): Message[] {
  const index = rows.findIndex((row) => row.id === event.message_id);
  const row = rows[index];
  if (row === undefined) return rows;
  const { pinned: _before, ...rest } = row;
  const next = rows.slice();
  next[index] = event.pinned ? { ...rest, pinned: true } : rest;
  return next;
}

/** Adds a part to the open assistant row of that id, or opens the row. */
export function appendPart(
  view: LiveRows,
  event: Extract<LoggedEvent, { event: 'message.delta' | 'reasoning.delta' }>,
): Message[] {
  let index = -1;
  for (let at = view.live.length - 1; at >= 0; at--) {
    if (view.live[at]?.id === event.message_id) {
      index = at;
      break;
    }
  }
  const row =
    view.live[index] ??
    emptyMessage({
      id: event.message_id,
      session_id: view.sessionId,
      run_id: event.run_id,
      role: 'assistant',
      created_at_ms: Math.round(event.timestamp * 1000),
    });
  const next: Message =
    event.event === 'message.delta'
      ? { ...row, content: row.content + event.delta }
      : {
          ...row,
          reasoning: (row.reasoning ?? '') + event.delta,
          reasoning_ms: Math.max(0, event.ts - row.created_at_ms),
        };
  if (index < 0) return [...view.live, next];
  const rows = view.live.slice();
  rows[index] = next;
  return rows;
}

/** The assistant row that a tool call belongs to: the newest one, when only tool rows stand after it. */
function callingRow(rows: Message[]): number {
  for (let at = rows.length - 1; at >= 0; at--) {
    const row = rows[at];
    if (row?.role === 'assistant') return at;
    if (row?.role !== 'tool') return -1;
  }
  return -1;
}

/** A tool's row, with its call in the row of the assistant that asked for it. */
export function startTool(view: LiveRows, event: Extract<LoggedEvent, { event: 'tool.started' }>): Message[] {
  const existing = view.live.findIndex((row) => row.id === event.message_id);
  const fields = {
    tool_call_id: event.tool_call_id,
    tool_name: event.tool,
    tool_arguments: event.arguments,
    tool_preview: event.preview,
  };
  const callId = event.tool_call_id ?? event.message_id;
  const caller = callingRow(existing < 0 ? view.live : view.live.slice(0, existing));
  let rows = view.live;
  const callerRow = rows[caller];
  if (callerRow !== undefined) {
    const call = {
      id: callId,
      type: 'function' as const,
      function: { name: event.tool, arguments: event.arguments ?? '{}' },
    };
    const calls = callerRow.tool_calls ?? [];
    const at = calls.findIndex((known) => known.id === callId);
    rows = replaceAt(rows, caller, {
      tool_calls: at < 0 ? [...calls, call] : calls.map((known, index) => (index === at ? call : known)),
      ...(callerRow.finish_reason === null ? { finish_reason: 'tool_calls', status: 'final' as const } : {}),
    });
  }
  // A second `tool.started` for the same row brings more of the call's arguments.
  if (existing >= 0) return replaceAt(rows, existing, fields);
  return [
    ...rows,
    {
      ...emptyMessage({
        id: event.message_id,
        session_id: view.sessionId,
        run_id: event.run_id,
        role: 'tool',
        created_at_ms: event.ts,
      }),
      ...fields,
      tool_state: 'running',
    },
  ];
}

/** Fills in what an upstream told of a call after its run. */
export function addToolDetails(view: LiveRows, event: Extract<LoggedEvent, { event: 'tool.details' }>): Message[] {
  const index = view.live.findIndex((row) => row.id === event.message_id);
  const row = view.live[index];
  if (row === undefined) return view.live;
  const before = row.tool_call_id ?? row.id;
  const callId = event.tool_call_id ?? before;
  const rows = view.live.map((other) => {
    if (other.tool_calls === null || !other.tool_calls.some((call) => call.id === before)) return other;
    const calls = other.tool_calls.map((call) =>
      call.id === before
        ? {
            ...call,
            id: callId,
            function: { ...call.function, arguments: event.arguments ?? call.function.arguments },
          }
        : call,
    );
    return { ...other, tool_calls: calls };
  });
  return replaceAt(rows, index, {
    tool_call_id: event.tool_call_id ?? row.tool_call_id,
    tool_arguments: event.arguments ?? row.tool_arguments,
    content: event.output ?? row.content,
    ...(event.error === null || row.tool_state === 'running'
      ? {}
      : { tool_state: event.error ? ('error' as const) : ('done' as const) }),
  });
}

/** The rows with what came late of a run; one that had no answer yet gets its row at the end. */
export function reconciledRows(
  view: { sessionId: string | null; settled: Message[] },
  event: Extract<LoggedEvent, { event: 'run.reconciled' }>,
  index: number,
): Message[] {
  if (index >= 0)
    return replaceAt(view.settled, index, { content: (view.settled[index]?.content ?? '') + event.delta });
  if (event.message_id === null) return view.settled;
  const row = emptyMessage({
    id: event.message_id,
    session_id: view.sessionId,
    run_id: event.run_id,
    role: 'assistant',
    created_at_ms: event.ts,
  });
  return [...view.settled, { ...row, content: event.delta, status: 'aborted', finish_reason: 'aborted' }];
}

/** Closes every row that a run left open. `toolState` is what its unfinished tools become. */
export function closeRows(
  rows: Message[],
  status: 'final' | 'aborted' | 'error',
  finishReason: string,
  toolState: 'done' | 'aborted' | 'error',
): Message[] {
  return rows.map((row) => {
    if (row.status !== 'open') return row;
    if (row.role === 'tool') {
      return row.tool_state === 'running'
        ? { ...row, tool_state: toolState, status: toolState === 'done' ? 'final' : toolState }
        : { ...row, status: 'final' };
    }
    return { ...row, status, finish_reason: row.finish_reason ?? finishReason };
  });
}
