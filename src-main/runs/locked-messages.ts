import type { ChatEvent } from '#contract/events';
import type { Store } from '../store/store.ts';

/**
 * Messages that failed since this process began because the keys were locked. They go out once the keys are open: who sent
 * one was told to unlock, and did. What failed in an earlier life of the host is left to a person, and so is what a program
 * asked for: it was told, and asks again by itself.
 */
export class LockedMessages {
  readonly #store: Pick<Store, 'runs'>;
  readonly #sessions = new Set<string>();

  constructor(store: Pick<Store, 'runs'>) {
    this.#store = store;
  }

  heard(event: ChatEvent): void {
    if (event.event !== 'run.failed' || event.error_info.code !== 'secrets_locked') return;
    if (event.session_id !== null) this.#sessions.add(event.session_id);
  }

  /**
   * Takes out what can be sent now: each is told once.
   *
   * @param isOpen whether a profile has a key that can be used.
   */
  take(isOpen: (profile: string) => boolean): { sessionId: string; runId: string }[] {
    const ready: { sessionId: string; runId: string }[] = [];
    for (const sessionId of this.#sessions) {
      const [newest] = this.#store.runs.list(sessionId, 1);
      const isStill = newest?.errorInfo?.code === 'secrets_locked';
      if (isStill && !isOpen(newest.profile)) continue;
      this.#sessions.delete(sessionId);
      if (isStill && this.#store.runs.options(newest.id)?.program === undefined)
        ready.push({ sessionId, runId: newest.id });
    }
    return ready;
  }
}
