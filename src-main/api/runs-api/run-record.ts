import { assertNever } from '#contract/assert-never';
import type { RunStatus } from '#contract/records';
import type { ListedRun } from '../../store/run-pages.ts';

/** The statuses that LangGraph's clients know. */
export type GraphRunStatus = 'pending' | 'running' | 'error' | 'success' | 'timeout' | 'interrupted';

export function graphStatusOf(status: RunStatus): GraphRunStatus {
  switch (status) {
    case 'pending':
    case 'running':
    case 'success':
    case 'error':
    case 'timeout':
    case 'interrupted':
      return status;
    // Being stopped is still running, and cancelled at the upstream is interrupted by somebody else.
    case 'cancelling':
      return 'running';
    case 'cancelled':
      return 'interrupted';
    default:
      return assertNever(status);
  }
}

/** Our statuses behind one of theirs, for a filter. */
export function statusesBehind(status: GraphRunStatus): RunStatus[] {
  if (status === 'running') return ['running', 'cancelling'];
  return status === 'interrupted' ? ['interrupted', 'cancelled'] : [status];
}

/** A run as the API shows it. */
export function toRunRecord(run: ListedRun): Record<string, unknown> {
  const { program } = run.options;
  const human = run.firstHumanMessage;
  return {
    run_id: run.id,
    thread_id: run.sessionId,
    assistant_id: program?.assistantId ?? run.options.profile,
    created_at: new Date(run.createdAtMs).toISOString(),
    updated_at: new Date(run.endedAtMs ?? run.startedAtMs ?? run.createdAtMs).toISOString(),
    started_at: run.startedAtMs === null ? null : new Date(run.startedAtMs).toISOString(),
    ended_at: run.endedAtMs === null ? null : new Date(run.endedAtMs).toISOString(),
    status: graphStatusOf(run.status),
    metadata: program?.metadata ?? {},
    kwargs: {
      ...(human === null ? {} : { input: { messages: [{ type: 'human', content: human }] } }),
      ...program?.kwargs,
    },
    multitask_strategy: program?.strategy ?? 'enqueue',
    model_name: run.model,
    error: run.error,
    upstream_run_id: run.upstreamRunId,
    credential_id: run.credentialId,
    follow_up_to_run_id: run.followUpToRunId,
    first_human_message: human,
    last_ai_message: run.lastAiMessage,
    message_count: run.messageCount,
    total_input_tokens: run.usage?.input_tokens ?? null,
    total_output_tokens: run.usage?.output_tokens ?? null,
    total_tokens: run.usage?.total_tokens ?? null,
  };
}

/** Where a list goes on: after this run. */
export function cursorOf(run: ListedRun): string {
  return `${run.createdAtMs}_${run.id}`;
}

/** @returns null for what is no cursor of ours. */
export function readCursor(text: string): { createdAtMs: number; id: string } | null {
  const match = /^(\d{1,15})_(.{1,128})$/.exec(text);
  return match === null ? null : { createdAtMs: Number(match[1]), id: match[2] ?? '' };
}
