import type { QueuePauseReason } from '#contract/events';

export interface QueueStanding {
  paused: QueuePauseReason | null;
  running: boolean;
}

/**
 * How a waiting message is taken away. While the queue stands still nothing of it can go out, so the core is told only
 * when the time to undo is over: until then a crash finds the message where it was. While the queue moves it is taken away
 * at once, because it could be sent in the meantime.
 */
export function removalPlan(standing: QueueStanding): 'hold' | 'now' {
  return standing.paused === null ? 'now' : 'hold';
}

/**
 * How a message that the core has let go of comes back. With an answer under way it waits again; where the queue has
 * stood still since, sending it would start it against the pause, so its text goes to the composer.
 */
export function returnPlan(standing: QueueStanding): 'queue' | 'compose' {
  return !standing.running && standing.paused !== null ? 'compose' : 'queue';
}
