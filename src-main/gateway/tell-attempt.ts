/** One request that is about to leave for an upstream. A start makes several where it is refused and tries again. */
export interface UpstreamAttempt {
  /** From 1, within one start. */
  attempt: number;
  credentialId: string | null;
  model: string | null;
}

/** What a caller hears of the requests of a start, for its books. */
export interface AttemptNotices {
  /**
   * Awaited before the request leaves, so that no request leaves that is not written down. Must not reject. Null where there is
   * nothing to wait for.
   */
  sending?(attempt: UpstreamAttempt): Promise<void> | null;
  /**
   * The request was not accepted.
   *
   * @param thrown what the upstream's adapter rejected with; null when the request never left.
   */
  notAccepted?(attempt: UpstreamAttempt, thrown: unknown): void;
}

/**
 * Sends one request and tells of it.
 *
 * @param send what calls the adapter.
 * @throws what `send` throws; the signal's reason.
 */
export async function tellAttempt<T>(
  notices: AttemptNotices,
  attempt: UpstreamAttempt,
  signal: AbortSignal,
  send: () => Promise<T>,
): Promise<T> {
  const told = notices.sending?.(attempt) ?? null;
  if (told !== null) await told;
  let hasLeft = false;
  try {
    signal.throwIfAborted();
    hasLeft = true;
    return await send();
  } catch (thrown) {
    notices.notAccepted?.(attempt, hasLeft ? thrown : null);
    throw thrown;
  }
}
