/** What may wait for a reader that does not read: far more than a whole conversation, far less than the memory. */
const MOST_WAITING_CHARS = 32 * 1024 * 1024;
/** A reader that is only slow takes something within this time. */
const LONGEST_STILL_MS = 10_000;

/** The part of an engine.io connection that is looked at: packets are made, and handed to the transport once it takes more. */
export interface OutgoingLine {
  on(event: 'packetCreate', listener: (packet: { data?: unknown }) => void): unknown;
  on(event: 'flush', listener: () => void): unknown;
  close(discard: boolean): unknown;
}

/**
 * Ends a line whose reader has stopped reading while much waits for it; everything that it did not get stays in memory until
 * then. Its client comes back and resumes from the log, so nothing is lost by it.
 */
export function endStuckReader(line: OutgoingLine, nowMs: () => number): void {
  let waitingChars = 0;
  let waitingSinceMs = 0;
  line.on('packetCreate', ({ data }) => {
    if (waitingChars === 0) waitingSinceMs = nowMs();
    // What came before this packet counts: a large one alone is no sign of anything.
    else if (waitingChars > MOST_WAITING_CHARS && nowMs() - waitingSinceMs > LONGEST_STILL_MS) {
      line.close(true);
      return;
    }
    waitingChars += typeof data === 'string' ? data.length : 0;
  });
  line.on('flush', () => {
    waitingChars = 0;
  });
}
