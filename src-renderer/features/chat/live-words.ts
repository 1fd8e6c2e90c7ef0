import type { Message } from '#contract/message';
import type { LiveRun } from '#contract/run-view';

/** What the live answer is doing: a key below `live` in the locale, and since when. */
export interface LiveWords {
  key:
    | 'preparing'
    | 'compacting'
    | 'connecting'
    | 'thinking'
    | 'writing'
    | 'tool'
    | 'needs'
    | 'stopping'
    | 'waiting'
    | 'retrying';
  tool?: string;
  sinceMs: number;
}

/** A pure decision from the run and its rows. */
export function liveWords(run: LiveRun, rows: Message[], stopping: boolean): LiveWords {
  const sinceMs = run.startedAtMs;
  if (stopping || run.state === 'aborting') return { key: 'stopping', sinceMs };
  if (run.retry !== null) return { key: 'retrying', sinceMs };
  if (run.state === 'waiting') return { key: 'needs', sinceMs };
  if (run.state === 'compressing') return { key: 'compacting', sinceMs };
  if (run.state === 'preparing') return { key: 'preparing', sinceMs };
  if (run.state === 'starting') return { key: 'connecting', sinceMs };
  const last = rows.at(-1);
  if (last?.role === 'tool' && last.tool_state === 'running') {
    return { key: 'tool', tool: last.tool_name ?? '', sinceMs: last.created_at_ms };
  }
  if (last?.role !== 'assistant') return { key: 'waiting', sinceMs };
  if (last.content !== '') return { key: 'writing', sinceMs };
  return last.reasoning === null ? { key: 'waiting', sinceMs } : { key: 'thinking', sinceMs: last.created_at_ms };
}
