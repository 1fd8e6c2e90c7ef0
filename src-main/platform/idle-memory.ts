import type { Clock } from './clock.ts';

/** How often it is looked. */
const LOOK_EVERY_MS = 10_000;
/** Looks in a row at which nothing went on: a minute. Code that is asked again sooner is still warm, and would not be after it. */
const QUIET_LOOKS = 6;
/** Share of one core. A window that is used, an import or a search takes more. */
const QUIET_SHARE = 0.02;
/** Held beyond what the last collection left; less is not worth its pause of some 50 to 80 ms. */
const WORTH_BYTES = 32 * 1024 * 1024;

export interface IdleMemoryParts {
  clock: Clock;
  /** Whether nothing is under way that a pause could be seen in. */
  isAtRest: () => boolean;
  /** Of the process whose memory it is. */
  process: {
    /** Milliseconds of CPU that it took since its start. */
    cpuMs: () => number;
    /** Bytes that its JavaScript heap has of the system, used or not. */
    heldBytes: () => number;
  };
  /** Collects all that can be, and gives it back. Must not throw. */
  collect: () => void;
}

export const THIS_PROCESS: IdleMemoryParts['process'] = {
  cpuMs() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  heldBytes: () => process.memoryUsage().heapTotal,
};

/**
 * Gives memory back that a time of much work has left. V8 keeps what it once had: after ten thousand requests its young
 * generation alone holds a hundred megabytes, nearly all of them empty, and a process that then does nothing keeps them for
 * days. So once nothing has gone on for a minute, everything is collected, one time for each time of work.
 *
 * @returns ends the looking.
 */
export function keepIdleMemorySmall({ clock, isAtRest, process, collect }: IdleMemoryParts): () => void {
  const { cpuMs, heldBytes } = process;
  let leftBytes = heldBytes();
  let seenMs = cpuMs();
  let quietLooks = 0;
  const look = () => {
    const nowMs = cpuMs();
    const isQuiet = isAtRest() && nowMs - seenMs < LOOK_EVERY_MS * QUIET_SHARE;
    seenMs = nowMs;
    quietLooks = isQuiet ? quietLooks + 1 : 0;
    leftBytes = Math.min(leftBytes, heldBytes());
    if (quietLooks >= QUIET_LOOKS && heldBytes() - leftBytes >= WORTH_BYTES) {
      collect();
      leftBytes = heldBytes();
      seenMs = cpuMs();
      quietLooks = 0;
    }
    cancel = clock.after(LOOK_EVERY_MS, look);
  };
  let cancel = clock.after(LOOK_EVERY_MS, look);
  return () => cancel();
}
