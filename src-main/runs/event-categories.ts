import type { LoggedEvent, LoggedEventName } from '#contract/events';

export const EVENT_CATEGORIES = ['message', 'trace', 'lifecycle', 'outputs', 'error', 'middleware'] as const;
/**
 * What an event of the log is about: what was said, how it came about, where the run stands, what it came to, what went
 * wrong, and what Sluice did on the way.
 */
export type EventCategory = (typeof EVENT_CATEGORIES)[number];

/** Every name that can stand in a log; the compiler holds the list to the contract. */
const CATEGORIES: Readonly<Record<LoggedEventName, EventCategory>> = {
  'run.peer_user_message': 'message',
  'run.queued': 'lifecycle',
  'queue.paused': 'lifecycle',
  'queue.resumed': 'lifecycle',
  'run.started': 'lifecycle',
  'message.delta': 'message',
  'reasoning.delta': 'message',
  'message.replaced': 'message',
  'reasoning.available': 'message',
  'tool.started': 'message',
  'tool.completed': 'message',
  'tool.details': 'message',
  'clarify.requested': 'lifecycle',
  'clarify.resolved': 'lifecycle',
  'run.steered': 'message',
  'run.retrying': 'trace',
  'approval.requested': 'lifecycle',
  'approval.resolved': 'lifecycle',
  'usage.updated': 'trace',
  'compression.started': 'middleware',
  'compression.completed': 'middleware',
  'compaction.changed': 'middleware',
  'message.pinned': 'middleware',
  'run.completed': 'outputs',
  'run.failed': 'error',
  'run.cancelled': 'outputs',
  'abort.started': 'lifecycle',
  'abort.timeout': 'error',
  'abort.completed': 'outputs',
  'run.rolled_back': 'lifecycle',
  'run.reconciled': 'trace',
  'history.changed': 'lifecycle',
  'run.reattached': 'trace',
  'run.reattach_failed': 'error',
};

export const LOGGED_EVENT_NAMES: ReadonlySet<string> = new Set(Object.keys(CATEGORIES));

/** An event of the log as whoever audits it reads it. */
export function toAuditLine(event: LoggedEvent): Record<string, unknown> {
  return { ...event, category: CATEGORIES[event.event] };
}

/** The names of some categories, for a filter. */
export function namesIn(categories: readonly EventCategory[]): string[] {
  return Object.entries(CATEGORIES).flatMap(([name, category]) => (categories.includes(category) ? [name] : []));
}
