import type { PriceSnapshot, UsageCall } from '#contract/usage-report';

/** What a journal says of a call: that it is about to leave, as it ended, or that it never left. */
export type JournalEntry =
  | { kind: 'open'; call: UsageCall }
  | { kind: 'ended'; call: UsageCall }
  | { kind: 'dropped'; id: string };

/** A call that a journal still owes to the store. */
export type OwedCall = Exclude<JournalEntry, { kind: 'dropped' }>;

/** A call's fields in the order in which a line has them. Lines of another order are of another version. */
const FIELDS = [
  'id',
  'runId',
  'sessionId',
  'clientId',
  'profile',
  'model',
  'credentialId',
  'credentialLabel',
  'caller',
  'purpose',
  'outcome',
  'billable',
  'source',
  'inputSource',
  'outputSource',
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'cacheWrite5mTokens',
  'cacheWrite1hTokens',
  'reasoningTokens',
  'costPicos',
  'startedAtMs',
  'endedAtMs',
] as const satisfies readonly (keyof UsageCall)[];

/** A field that is added to calls and not to the lines would be lost on their way: the compiler refuses that. */
type Forgotten = Exclude<keyof UsageCall, (typeof FIELDS)[number] | 'price'>;
const VERSION: [Forgotten] extends [never] ? 1 : never = 1;

const OPEN = `[${VERSION},"o"`;
const ENDED = `[${VERSION},"e"`;
const DROPPED = `[${VERSION},"d"`;

/** Thousands of calls have one price: its text is made once. */
const priceTexts = new WeakMap<PriceSnapshot, string>();

function priceText(price: PriceSnapshot | null): string {
  if (price === null) return 'null';
  const known = priceTexts.get(price);
  if (known !== undefined) return known;
  const text = JSON.stringify(price);
  priceTexts.set(price, text);
  return text;
}

/** One line, with its end. JSON has no line ends of its own. */
export function journalLine(entry: JournalEntry): string {
  if (entry.kind === 'dropped') return `${DROPPED},${JSON.stringify(entry.id)}]\n`;
  const { call } = entry;
  const fields = JSON.stringify(FIELDS.map((name) => call[name] ?? null));
  return `${entry.kind === 'open' ? OPEN : ENDED},${fields},${priceText(call.price)}]\n`;
}

/**
 * What is owed after all lines of some journals, oldest first: the last word on each call counts, and an end is the last word
 * wherever it stands. Lines that are no entries, such as the half one of a process that died, are counted and passed over.
 */
export function readJournals(texts: readonly string[]): { owed: OwedCall[]; unreadable: number } {
  const owed = new Map<string, OwedCall>();
  const dropped = new Set<string>();
  let unreadable = 0;
  for (const line of texts.flatMap((text) => text.split('\n'))) {
    if (line === '') continue;
    const entry = readLine(line);
    if (entry === null) unreadable++;
    else if (entry.kind === 'dropped') dropped.add(entry.id);
    else if (entry.kind === 'ended' || !owed.has(entry.call.id)) owed.set(entry.call.id, entry);
  }
  for (const id of dropped) if (owed.get(id)?.kind === 'open') owed.delete(id);
  return { owed: [...owed.values()], unreadable };
}

function readLine(line: string): JournalEntry | null {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    // Told by the count.
    return null;
  }
  if (!Array.isArray(entry)) return null;
  const [version, kind, value, price] = entry as unknown[];
  if (version !== VERSION) return null;
  if (kind === 'd') return typeof value === 'string' ? { kind: 'dropped', id: value } : null;
  if ((kind !== 'o' && kind !== 'e') || !Array.isArray(value) || value.length !== FIELDS.length) return null;
  const call: unknown = { ...Object.fromEntries(FIELDS.map((name, at) => [name, value[at] as unknown])), price };
  return isCall(call) ? { kind: kind === 'o' ? 'open' : 'ended', call } : null;
}

/** Written by this program: what names a call is looked at, and the store's own rules say the rest. */
function isCall(value: unknown): value is UsageCall {
  const { id, profile, startedAtMs, endedAtMs, price } = value as Partial<Record<keyof UsageCall, unknown>>;
  return (
    typeof id === 'string' &&
    typeof profile === 'string' &&
    Number.isSafeInteger(startedAtMs) &&
    Number.isSafeInteger(endedAtMs) &&
    typeof price === 'object'
  );
}
