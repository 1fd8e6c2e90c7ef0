import type { SluiceApi } from '#contract/routes';

/** Whether the way to the core stands. `refused`: it stands, but it does not know this viewer. */
export type Connection = 'up' | 'down' | 'refused';

/** What a transport adds to the contract: it can say that it was cut and stands again. */
export interface Transport extends SluiceApi {
  /** Tells of every change. Returns the unsubscribe function. */
  onConnection(listener: (state: Connection) => void): () => void;
}
