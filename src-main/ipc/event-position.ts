/**
 * The position that an event's id names: our `seq`, alone or at the end of an id of the event streams. One that says
 * nothing is a position that never was, and is answered with a gap.
 */
export function positionOf(lastEventId: string | undefined): number | undefined {
  if (lastEventId === undefined) return undefined;
  if (lastEventId === '-1') return 0;
  if (/^\d{1,15}$/.test(lastEventId)) return Number(lastEventId);
  const framed = /^\d{1,15}-(\d{1,16})$/.exec(lastEventId);
  return framed === null ? Number.MAX_SAFE_INTEGER : Math.floor(Number(framed[1]) / 16);
}
