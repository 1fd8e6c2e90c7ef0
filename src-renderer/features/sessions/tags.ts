import type { SessionRecord } from '#contract/records';

/** Every tag that is in use, in the order of the reader's language. */
export function tagsOf(sessions: readonly Pick<SessionRecord, 'tags'>[], language: string): string[] {
  const all = new Set(sessions.flatMap((session) => session.tags));
  return [...all].sort(new Intl.Collator(language, { numeric: true }).compare);
}

/** A tag as it is stored: no space around it, none doubled within; null for nothing. A `#` before it is a habit. */
export function readTag(typed: string): string | null {
  const tag = typed
    .replace(/^[\s#＃]+/u, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 40)
    .trim();
  return tag === '' ? null : tag;
}

/** The tag as it is known already, whatever its case; else as it was typed. */
export function knownTag(tag: string, known: readonly string[]): string {
  return known.find((each) => each.toLowerCase() === tag.toLowerCase()) ?? tag;
}
