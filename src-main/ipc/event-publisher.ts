import type { ChatEvent, DirectPayloads, LoggedEvent } from '#contract/events';
import { describeThrown, type Logger } from '../platform/logger.ts';
import type { Viewer } from './viewer.ts';

/**
 * Who watches what. A viewer hears the sessions that it asked for and what concerns the whole application; a viewer that
 * has gone hears nothing and harms nobody.
 */
export class EventPublisher {
  readonly #viewers = new Set<Viewer>();
  readonly #rooms = new Map<string, Set<Viewer>>();
  readonly #onDetach = new Set<(viewer: Viewer) => void>();
  readonly #logger: Logger;
  readonly #now: () => number;

  constructor(parts: { logger: Logger; now: () => number }) {
    this.#logger = parts.logger;
    this.#now = parts.now;
  }

  attach(viewer: Viewer): void {
    this.#viewers.add(viewer);
  }

  detach(viewer: Viewer): void {
    if (!this.#viewers.delete(viewer)) return;
    for (const [sessionId, room] of this.#rooms) {
      room.delete(viewer);
      if (room.size === 0) this.#rooms.delete(sessionId);
    }
    for (const listener of this.#onDetach) listener(viewer);
  }

  /** Calls `listener` for each viewer that leaves. */
  onDetach(listener: (viewer: Viewer) => void): void {
    this.#onDetach.add(listener);
  }

  join(sessionId: string, viewer: Viewer): void {
    if (!this.#viewers.has(viewer)) return;
    const room = this.#rooms.get(sessionId) ?? new Set();
    room.add(viewer);
    this.#rooms.set(sessionId, room);
  }

  leave(sessionId: string, viewer: Viewer): void {
    const room = this.#rooms.get(sessionId);
    room?.delete(viewer);
    if (room?.size === 0) this.#rooms.delete(sessionId);
  }

  /** Tells the viewers of the event's session. */
  publish(event: LoggedEvent): void {
    if (event.session_id === null) return;
    for (const viewer of this.#rooms.get(event.session_id) ?? []) this.tell(viewer, event);
  }

  /** Tells every viewer something that belongs to no session. */
  announce<
    Name extends
      | 'sessions.changed'
      | 'feedback.changed'
      | 'pool.event'
      | 'storage.changed'
      | 'data.progress'
      | 'settings.changed'
      | 'updates.changed'
      | 'links.changed'
      | 'localApi.called',
  >(event: Name, payload: DirectPayloads[Name]): void {
    const message = { v: 1, session_id: null, seq: 0, ts: this.#now(), event, ...payload } as ChatEvent;
    for (const viewer of this.#viewers) this.tell(viewer, message);
  }

  /** Tells one viewer. A transport that throws loses that viewer and nothing else. */
  tell(viewer: Viewer, event: ChatEvent): void {
    try {
      viewer.send(event);
    } catch (thrown) {
      this.#logger.warn({ viewer: viewer.id, ...describeThrown(thrown) }, 'a viewer could not be told and was dropped');
      this.detach(viewer);
    }
  }
}
