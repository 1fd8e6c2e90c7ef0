import { randomBytes } from 'node:crypto';

/**
 * Says which Sluices a request came through, in the way of `Via` (RFC 9110, 7.6.3). It goes to servers on this computer only: a
 * profile whose address leads back here would ask itself without end otherwise.
 */
export const TRACE_HEADER = 'x-sluice-via';

/** This process; another one after every start, and it says nothing of the person or the computer. */
const OWN_TRACE = randomBytes(9).toString('base64url');

/** The headers of a request as they go out. @param isHere whether it goes to a server on this computer. */
export function traced(headers: Record<string, string>, isHere: boolean): Record<string, string> {
  const before = headers[TRACE_HEADER];
  if (isHere) return { ...headers, [TRACE_HEADER]: before === undefined ? OWN_TRACE : `${before}, ${OWN_TRACE}` };
  // Nearly always: nothing is copied.
  if (before === undefined) return headers;
  const { [TRACE_HEADER]: _gone, ...others } = headers;
  return others;
}

/** Whether a request that came in went out of this process before. */
export function cameFromHere(trace: string | string[] | undefined): boolean {
  if (trace === undefined) return false;
  return String(trace)
    .split(',')
    .some((part) => part.trim() === OWN_TRACE);
}
