import type { FailureSaying } from './failure-saying.ts';
import type { ProfileKind } from './records.ts';

/** What people paste from a provider's documentation behind the base. */
const KNOWN_TAIL = /\/v1(\/(chat\/completions|messages|runs|responses|models))?$/;

export type BaseUrlReading = { ok: true; baseUrl: string } | { ok: false; said: FailureSaying };

/**
 * Reads an upstream's address as people write it: with or without a slash, with or without `/v1` (decision 19).
 * The result has neither.
 */
export function readBaseUrl(text: string): BaseUrlReading {
  const trimmed = text.trim();
  if (trimmed === '') return { ok: false, said: { word: 'url_empty' } };
  if (!/^https?:\/\//i.test(trimmed)) {
    return { ok: false, said: { word: 'url_begins' } };
  }
  const url = URL.parse(trimmed);
  if (url === null) return { ok: false, said: { word: 'url_invalid' } };
  if (url.username !== '' || url.password !== '') {
    return {
      ok: false,
      said: { word: 'url_sign_in' },
    };
  }
  if (url.search !== '' || url.hash !== '') {
    return { ok: false, said: { word: 'url_ends' } };
  }
  const path = url.pathname.replace(/\/+$/, '').replace(KNOWN_TAIL, '').replace(/\/+$/, '');
  return { ok: true, baseUrl: `${url.origin}${path}` };
}

/** What a chat request calls, by kind. A Hermes that offers other surfaces may be called there instead. */
const CHAT_PATH: Record<ProfileKind, string> = {
  demo: '',
  hermes: '/v1/runs',
  'openai-chat': '/v1/chat/completions',
  anthropic: '/v1/messages',
};

/** The address that a message goes to, for a form that is being filled (decision 19). Null for an address that is none. */
export function calledAddress(kind: ProfileKind, typed: string): string | null {
  const reading = readBaseUrl(typed);
  return reading.ok ? `${reading.baseUrl}${CHAT_PATH[kind]}` : null;
}
