import { isObject, type JsonObject, listOf } from '../json.ts';
import { isPackedSeal, mentionsSeal, type WireProtocol } from '../translate/translation.ts';
import { cutSpans, findElements, findMembers, type Span, setMember, spansWithout } from './json-members.ts';

/** Where a protocol keeps thinking: in a list of the request, or in one of each entry of that list. */
const PLACES: Readonly<Record<WireProtocol, { list: string; inner: string | null }>> = {
  'anthropic-messages': { list: 'messages', inner: 'content' },
  'openai-chat': { list: 'messages', inner: 'reasoning_details' },
  'openai-responses': { list: 'input', inner: null },
};

/**
 * A conversation that was translated before holds thinking that is signed by nobody but us. Its provider itself would refuse the
 * request for it, so those blocks are left out on their way there; every other byte stays. A message that held nothing else goes
 * with them. Where the turn that goes on has lost its thinking, a budget for more of it would be refused, so thinking is off for
 * this request.
 *
 * @param bytes a request that was read before; the same bytes come back where there is nothing of ours in it.
 */
export function withoutOwnSeals(protocol: WireProtocol, bytes: Buffer): Buffer {
  return mentionsSeal(bytes) ? withoutThinking(protocol, bytes, isOwn) : bytes;
}

/** A responses request without what OpenAI encrypted: another organisation's key cannot read it, and the request is refused. */
export function withoutEncrypted(bytes: Buffer): Buffer {
  return withoutThinking('openai-responses', bytes, isEncrypted);
}

type IsOut = (bytes: Buffer, part: Span) => boolean;

function withoutThinking(protocol: WireProtocol, bytes: Buffer, isOut: IsOut): Buffer {
  const { list, inner } = PLACES[protocol];
  const spans: Span[] = [];
  let lostTurn = false;
  for (const member of findMembers(bytes)?.members ?? []) {
    if (member.key !== list) continue;
    const entries = findElements(bytes, member.valueStart) ?? [];
    const emptied = new Set<number>();
    for (const [at, entry] of entries.entries()) {
      if (inner === null) {
        if (isOut(bytes, entry)) emptied.add(at);
        continue;
      }
      const { found, whole } = withinEntry(bytes, entry, inner, isOut);
      if (found.length === 0) continue;
      if (at === entries.length - 2) lostTurn = true;
      if (whole && inner === 'content') emptied.add(at);
      else spans.push(...found);
    }
    spans.push(...spansWithout(entries, (at) => emptied.has(at)));
  }
  spans.sort((one, other) => one.start - other.start);
  const cut = cutSpans(bytes, spans);
  return lostTurn && protocol === 'anthropic-messages' ? withoutBudget(cut) : cut;
}

/** What has to go of one message, and whether that is all that it holds. */
function withinEntry(bytes: Buffer, entry: Span, inner: string, isOut: IsOut): { found: Span[]; whole: boolean } {
  const found: Span[] = [];
  let whole = false;
  for (const member of findMembers(bytes, entry.start)?.members ?? []) {
    const parts = member.key === inner ? findElements(bytes, member.valueStart) : null;
    if (parts === null) continue;
    const out = parts.map((part) => isOut(bytes, part));
    found.push(...spansWithout(parts, (at) => out[at] === true));
    whole = parts.length > 0 && out.every(Boolean);
  }
  return { found, whole };
}

function isOwn(bytes: Buffer, { start, end }: Span): boolean {
  const part = bytes.subarray(start, end);
  if (!mentionsSeal(part)) return false;
  const value: unknown = JSON.parse(part.toString('utf8'));
  if (!isObject(value)) return false;
  switch (value['type']) {
    case 'thinking':
    case 'reasoning.text':
      return isPackedSeal(value['signature']);
    case 'redacted_thinking':
    case 'reasoning.encrypted':
      return isPackedSeal(value['data']);
    case 'reasoning':
      return isPackedSeal(value['encrypted_content']);
    default:
      return false;
  }
}

function isEncrypted(bytes: Buffer, { start, end }: Span): boolean {
  const part = bytes.subarray(start, end);
  if (!part.includes('encrypted_content')) return false;
  const value: unknown = JSON.parse(part.toString('utf8'));
  return isObject(value) && value['type'] === 'reasoning' && typeof value['encrypted_content'] === 'string';
}

/** Anthropic wants a turn of calls that goes on with a budget to begin with its thinking. */
function withoutBudget(bytes: Buffer): Buffer {
  const object = findMembers(bytes);
  const body = JSON.parse(bytes.toString('utf8')) as JsonObject;
  const thinking = isObject(body['thinking']) ? body['thinking'] : {};
  const last = listOf(body['messages']).at(-1);
  const content = isObject(last) ? listOf(last['content']) : [];
  const goesOn = content.some((part) => isObject(part) && part['type'] === 'tool_result');
  if (object === null || thinking['type'] !== 'enabled' || !goesOn) return bytes;
  return setMember(bytes, object, 'thinking', '{"type":"disabled"}');
}
