import type { LoggedEvent, LoggedEventName } from '#contract/events';
import type { Clock } from '../platform/clock.ts';
import type { EventPublisher } from './event-publisher.ts';

/** Events after which a session looks different in the list. Text is not among them. */
const VISIBLE: ReadonlySet<LoggedEventName> = new Set<LoggedEventName>([
  'run.peer_user_message',
  'run.started',
  'run.queued',
  'queue.paused',
  'queue.resumed',
  'run.completed',
  'run.failed',
  'run.cancelled',
  'abort.started',
  'abort.completed',
  'approval.requested',
  'approval.resolved',
  'clarify.requested',
  'clarify.resolved',
  'compression.started',
  'compression.completed',
  'run.rolled_back',
  'history.changed',
  'run.reattached',
]);

/** Changes within this time are told together. */
const GATHER_MS = 50;

/** Tells every viewer which sessions changed, so that lists stay true without watching each session. */
export class SessionAnnouncer {
  readonly #publisher: EventPublisher;
  readonly #clock: Clock;
  readonly #changed = new Set<string>();
  #scheduled = false;

  constructor(publisher: EventPublisher, clock: Clock) {
    this.#publisher = publisher;
    this.#clock = clock;
  }

  heard(event: LoggedEvent): void {
    if (event.session_id === null || !VISIBLE.has(event.event)) return;
    this.#changed.add(event.session_id);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#clock.after(GATHER_MS, () => {
      this.#scheduled = false;
      const ids = [...this.#changed];
      this.#changed.clear();
      this.#publisher.announce('sessions.changed', { ids, reason: 'updated' });
    });
  }
}
