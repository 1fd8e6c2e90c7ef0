import type { Connectable } from '../connect-profile.ts';
import {
  KNOWN_PROVIDERS,
  type KnownProvider,
  otherUseOf,
  providerOfKey,
  providerOfUrl,
  providerOfVariable,
} from './known-providers.ts';
import { readCurl } from './read-curl.ts';
import { shellWords } from './shell-words.ts';

/** A connection that the pasted text may mean. */
export interface PasteProposal {
  /** The provider's name; null for a server that is known by its address only. */
  provider: string | null;
  kind: Connectable;
  /** Null where the text names none and no provider is known: a person has to. */
  baseUrl: string | null;
}

/** Why a text cannot be used, as the end of a key in the locale. */
export type PasteProblem =
  | 'empty'
  | 'shortened'
  | 'admin'
  | 'subscription'
  | 'variable'
  | 'unclosed'
  | 'nothing'
  | 'otherProvider';

/** What was done to the text, for a person to see. */
export type PasteNote = 'joined' | 'several' | 'proxyLeftOut' | 'keyFromAddress';

export type PasteReading =
  | { ok: false; problem: PasteProblem; detail?: string }
  | {
      ok: true;
      /** One where the text tells; several where a person has to choose. Nothing is sent to any of them by itself. */
      proposals: PasteProposal[];
      secret: string | null;
      model: string | null;
      notes: PasteNote[];
    };

interface Findings {
  secret: string | null;
  url: string | null;
  model: string | null;
  kind: Connectable | null;
  /** Whom a variable's name points to. */
  named: KnownProvider | null;
  notes: PasteNote[];
}

const URL_IN_TEXT = /https?:\/\/[^\s"'<>,;]+/i;
const ASSIGNMENT = /^\s*(?:export\s+|set\s+|\$env:)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*;?\s*$/;
/** What can be a key: one word of the characters that travel in a header, not an everyday word. */
const KEY_LIKE = /^(?=.*[0-9_-])[A-Za-z0-9_\-.:+/=~]{12,}$/;
const MASKED = /…|\.\.\.|\*{3,}|•{3,}|x{6,}$/i;

/**
 * Reads whatever a person has at hand: a key, a `curl` command, lines of an `.env` file, an address with a key. Pure: it
 * proposes and sends nothing.
 */
export function recognisePaste(pasted: string): PasteReading {
  const text = pasted.replace(/[\u200b\u200c\u200d\ufeff]/g, '').trim();
  if (text === '') return { ok: false, problem: 'empty' };
  const curlAt = /(?:^|[\n;&|$>]\s*|\s)curl(?:\.exe)?\s/.exec(` ${text}`);
  if (curlAt !== null) return conclude(fromCurl(text, curlAt.index));
  if (text.split('\n').some((line) => ASSIGNMENT.test(line))) return conclude(fromLines(text));
  return conclude(fromWords(text));
}

function fromCurl(text: string, at: number): Findings | PasteProblem {
  // What is assigned before the command may be used in it.
  const variables = new Map<string, string>();
  for (const line of text.slice(0, at).split('\n')) {
    const [, name, value] = ASSIGNMENT.exec(line) ?? [];
    if (name !== undefined) variables.set(name, shellWords(value ?? '')?.[0]?.text ?? '');
  }
  const command = text.slice(text.indexOf('curl', Math.max(0, at - 1)));
  const words = shellWords(command, variables);
  if (words === null) return 'unclosed';
  const read = readCurl(words);
  if (read === null) return 'nothing';
  if (read.missingVariable !== null) return 'variable';
  return { ...read, named: null, notes: read.hasProxy ? ['proxyLeftOut'] : [] };
}

function fromLines(text: string): Findings | PasteProblem {
  const found: Findings = { secret: null, url: null, model: null, kind: null, named: null, notes: [] };
  for (const line of text.split('\n')) {
    const [, name, raw] = ASSIGNMENT.exec(line) ?? [];
    if (name === undefined || raw === undefined) continue;
    const word = shellWords(raw)?.[0];
    const value = word?.text ?? '';
    if (word !== undefined && value === '' && word.variables.length > 0) return 'variable';
    const upper = name.toUpperCase();
    if (/(BASE_?URL|API_?BASE|ENDPOINT|_HOST|_URL)$/.test(upper)) found.url ??= value;
    else if (/MODEL$/.test(upper)) found.model ??= value;
    else if (/(KEY|TOKEN|SECRET)$/.test(upper)) {
      if (found.secret !== null) found.notes.push('several');
      found.secret ??= value;
      found.named ??= providerOfVariable(upper);
    }
    found.named ??= /(BASE_?URL|API_?BASE)$/.test(upper) ? providerOfVariable(upper) : null;
  }
  if (found.secret === null && found.url === null) return 'nothing';
  return found;
}

function fromWords(text: string): Findings | PasteProblem {
  const notes: PasteNote[] = [];
  let url = URL_IN_TEXT.exec(text)?.[0] ?? null;
  let secretInUrl: string | null = null;
  if (url !== null) {
    const parsed = URL.parse(url);
    // https://key@host: whatever stands before the host is no part of an address.
    secretInUrl = parsed === null ? null : parsed.password || parsed.username || null;
    if (parsed !== null && secretInUrl !== null) {
      parsed.username = '';
      parsed.password = '';
      url = parsed.href;
      notes.push('keyFromAddress');
    }
  }
  const rest = text.replace(URL_IN_TEXT, ' ').replace(/^["'`]+|["'`,;]+$/g, '');
  const words = rest
    .split(/[\s,;"'`]+/)
    .map((word) => word.replace(/^(?:bearer|key|token|api[-_]?key)[:=]/i, ''))
    .filter((word) => word !== '' && !/^(bearer|key:?|token:?|api[-_ ]?key:?)$/i.test(word));
  const joined = joinBroken(words);
  if (joined !== null)
    return { secret: joined, url, model: null, kind: null, named: null, notes: [...notes, 'joined'] };
  const masked = words.find((word) => MASKED.test(word));
  const keys = words.filter((word) => KEY_LIKE.test(word) || providerOfKey(word) !== null || otherUseOf(word) !== null);
  if (keys.length === 0 && masked !== undefined) return 'shortened';
  const secret = keys[0] ?? secretInUrl;
  if (secret === null && url === null) return 'nothing';
  if (keys.length > 1) notes.push('several');
  return { secret, url, model: null, kind: null, named: null, notes };
}

/** A key that an e-mail or a terminal broke into lines, put together; null where it is none. */
function joinBroken(words: string[]): string | null {
  const [first] = words;
  if (first === undefined || words.length < 2 || words.length > 4) return null;
  const provider = providerOfKey(words.join(''));
  if (provider === null || first.length >= provider.minKeyChars) return null;
  const isOne = words.slice(1).every((word) => /^[A-Za-z0-9_-]+$/.test(word) && providerOfKey(word) === null);
  const whole = words.join('');
  return isOne && whole.length >= provider.minKeyChars ? whole : null;
}

/** What the findings mean. */
function conclude(found: Findings | PasteProblem): PasteReading {
  if (typeof found === 'string') return { ok: false, problem: found };
  const secret = found.secret === '' ? null : found.secret;
  const baseUrl = found.url === null ? null : baseOf(found.url);
  if (secret !== null) {
    if (MASKED.test(secret)) return { ok: false, problem: 'shortened' };
    const use = otherUseOf(secret);
    if (use !== null) return { ok: false, problem: use };
  }
  const ofKey = secret === null ? null : providerOfKey(secret);
  if (ofKey !== null && secret !== null && secret.length < ofKey.minKeyChars)
    return { ok: false, problem: 'shortened', detail: ofKey.name };
  const result = { ok: true as const, secret, model: found.model, notes: found.notes };

  if (baseUrl !== null) {
    const ofUrl = providerOfUrl(baseUrl);
    // A key of one provider beside the address of another: one of them is wrong, and only a person knows which.
    if (ofKey !== null && ofUrl !== null && ofKey !== ofUrl)
      return { ok: false, problem: 'otherProvider', detail: `${ofKey.name}, ${ofUrl.name}` };
    const kind =
      found.kind ??
      ofUrl?.kind ??
      kindOfPath(found.url ?? '') ??
      kindOfPort(baseUrl) ??
      found.named?.kind ??
      ofKey?.kind;
    return {
      ...result,
      proposals: [{ provider: ofUrl?.name ?? null, kind: kind ?? 'openai-chat', baseUrl: ofUrl?.baseUrl ?? baseUrl }],
    };
  }
  const sure = ofKey ?? found.named;
  if (sure !== null) return { ...result, proposals: [proposalOf(sure)] };
  if (secret === null) return { ok: false, problem: 'nothing' };
  // It may be anybody's: those whose keys have no form of their own, or an address that the person names.
  const looksLikeSk = /^sk-/.test(secret);
  const candidates = KNOWN_PROVIDERS.filter(
    (provider) => provider.key === null || (looksLikeSk && provider.name === 'OpenAI'),
  );
  return {
    ...result,
    proposals: [...candidates.map(proposalOf), { provider: null, kind: 'openai-chat', baseUrl: null }],
  };
}

function proposalOf({ name, kind, baseUrl }: KnownProvider): PasteProposal {
  return { provider: name, kind, baseUrl };
}

function kindOfPath(url: string): Connectable | null {
  const path = URL.parse(url)?.pathname ?? '';
  if (/\/v1\/messages(\/|$)/.test(path)) return 'anthropic';
  return /\/v1\/runs(\/|$)/.test(path) ? 'hermes' : null;
}

/** 8642 is where a Hermes agent listens unless its owner says otherwise. */
function kindOfPort(url: string): Connectable | null {
  return URL.parse(url)?.port === '8642' ? 'hermes' : null;
}

/** An address without what documentation puts behind it; the core reads it again, and more strictly. */
function baseOf(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null) return url;
  return `${parsed.origin}${parsed.pathname}`
    .replace(/\/+$/, '')
    .replace(/\/v1(\/(chat\/completions|completions|messages|runs|responses|models|embeddings).*)?$/, '')
    .replace(/\/+$/, '');
}
