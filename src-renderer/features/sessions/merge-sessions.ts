import { PARAMETER_NAMES } from '#contract/model-parameters';
import type { SessionRecord } from '#contract/records';

/** Whether two records say the same. Every field is a word, a number or null, but for the tags and the parameters. */
function isSame(a: SessionRecord, b: SessionRecord): boolean {
  return (Object.keys(b) as (keyof SessionRecord)[]).every((key) =>
    key === 'tags' ? a.tags.join('\n') === b.tags.join('\n') : key === 'parameters' ? isAlike(a, b) : a[key] === b[key],
  );
}

function isAlike({ parameters: a }: SessionRecord, { parameters: b }: SessionRecord): boolean {
  return PARAMETER_NAMES.every((name) => a[name] === b[name]);
}

/**
 * The list as the core sent it, with the records that stayed the same kept as they are: a row is drawn anew only when
 * something about it changed, however long the list.
 */
export function keepSame(known: readonly SessionRecord[], fresh: readonly SessionRecord[]): SessionRecord[] {
  const byId = new Map(known.map((session) => [session.id, session]));
  return fresh.map((session) => {
    const before = byId.get(session.id);
    return before !== undefined && isSame(before, session) ? before : session;
  });
}

/** Puts one record into a list, or in place of the one that was there; the list itself where nothing changed. */
export function putInto(known: SessionRecord[], session: SessionRecord): SessionRecord[] {
  const at = known.findIndex((each) => each.id === session.id);
  const before = known[at];
  if (before === undefined) return [session, ...known];
  return isSame(before, session) ? known : known.with(at, session);
}

/** A list without one record; the list itself where it was not in it. */
export function takeFrom(known: SessionRecord[], sessionId: string): SessionRecord[] {
  return known.some((each) => each.id === sessionId) ? known.filter((each) => each.id !== sessionId) : known;
}
