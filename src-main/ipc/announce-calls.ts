import type { ApiCallRecord, TurnedAway } from '#contract/programs';
import type { Clock } from '../platform/clock.ts';
import type { EventPublisher } from './event-publisher.ts';

/** Programs may call thousands of times a second; nobody reads faster than this. */
const GATHER_MS = 400;

/** Where the newest calls are remembered: a bounded number of them. */
export interface CallSource {
  onChange(listener: () => void): void;
  since(revision: number): { calls: ApiCallRecord[]; oldest: number; revision: number; turnedAway: TurnedAway };
}

/**
 * Tells every viewer of calls of programs, together and at most once in `GATHER_MS`. A call that changed many times
 * is told as it is at the end; one that was forgotten meanwhile is not told.
 */
export function announceCalls(source: CallSource, publisher: Pick<EventPublisher, 'announce'>, clock: Clock): void {
  let told = 0;
  let isWaiting = false;
  source.onChange(() => {
    if (isWaiting) return;
    isWaiting = true;
    clock.after(GATHER_MS, () => {
      isWaiting = false;
      const { calls, oldest, revision, turnedAway } = source.since(told);
      told = revision;
      publisher.announce('localApi.called', { calls, oldest, turnedAway });
    });
  });
}
