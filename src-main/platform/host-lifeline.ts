import type { FailureSaying } from '#contract/failure-saying';

/** What a core may ask of the host that runs it. */
export interface HostLifeline {
  /** Names this opening of the store; the next one has another name. */
  generation: string;
  /**
   * Has the host close this core, do something while no process has the store open, and open it again. Returns at once.
   *
   * @param between what is to be done; what it returns is told to the person, and so is why it failed.
   */
  reopen(between: () => FailureSaying | null): void;
}

/** For a core whose host opens it once. */
export const NO_LIFELINE: HostLifeline = { generation: 'only', reopen: () => undefined };
