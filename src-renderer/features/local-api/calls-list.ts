import type { ApiCallRecord } from '#contract/programs';

/** What is shown of the calls. `client` is null for all of them; the owner's calls have no program. */
export interface CallFilter {
  client: { name: string | null } | null;
  failedOnly: boolean;
}

/**
 * Puts news into what is known, newest first. Of two records of one call the later one counts, whichever came first; what the
 * core has forgotten is forgotten. Records that did not change stay the same objects.
 *
 * @param oldest the place of the oldest call that the core remembers.
 */
export function mergeCalls(
  known: readonly ApiCallRecord[],
  news: readonly ApiCallRecord[],
  oldest: number,
): ApiCallRecord[] {
  const byId = new Map(known.map((call) => [call.id, call]));
  for (const call of news) {
    const before = byId.get(call.id);
    if (before === undefined || before.revision < call.revision) byId.set(call.id, call);
  }
  return [...byId.values()].filter((call) => call.place >= oldest).sort((one, other) => other.place - one.place);
}

/** The lowest place in a list; above every place where there is none. */
export function oldestPlace(calls: readonly ApiCallRecord[]): number {
  return Math.min(...calls.map((call) => call.place), Number.MAX_SAFE_INTEGER);
}

/**
 * A list that was stopped under the reader: the same calls in the same order, each as it is now where it is still known.
 *
 * @returns the calls, and how many have begun since.
 */
export function heldCalls(
  held: readonly ApiCallRecord[],
  current: readonly ApiCallRecord[],
): { calls: readonly ApiCallRecord[]; waiting: number } {
  const now = new Map(current.map((call) => [call.id, call]));
  const last = held[0]?.place ?? 0;
  return {
    calls: held.map((call) => now.get(call.id) ?? call),
    waiting: current.filter((call) => call.place > last).length,
  };
}

export function filterCalls(calls: readonly ApiCallRecord[], { client, failedOnly }: CallFilter): ApiCallRecord[] {
  return calls.filter(
    (call) => (client === null || call.client === client.name) && (!failedOnly || call.outcome === 'failed'),
  );
}

/** The programs that calls came from, by name; the owner's first. */
export function clientsOf(calls: readonly ApiCallRecord[]): (string | null)[] {
  const names = new Set(calls.map((call) => call.client));
  const programs = [...names].filter((name) => name !== null).sort((one, other) => one.localeCompare(other));
  return names.has(null) ? [null, ...programs] : programs;
}
