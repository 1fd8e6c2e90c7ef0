import { readBaseUrl } from '#contract/base-url';
import type { FailureSaying, Told } from '#contract/failure-saying';
import { isFitId } from '#contract/ids';
import { LINK_SCHEME } from '#contract/links';
import { PROFILE_KINDS, type ProfileKind } from '#contract/records';
import { told } from '../platform/app-failure.ts';

/** Longer than any link that a person is meant to open; browsers and shells cut about there, too. */
const MAX_LINK_CHARS = 8192;
const MAX_TEXT_CHARS = 4000;
const MAX_KEY_CHARS = 512;
const MAX_NAME_CHARS = 60;

type Provider = Exclude<ProfileKind, 'demo'>;

/** What a link asks for, with its key as it stands there. */
export type LinkReading =
  | { kind: 'new'; text: string }
  | { kind: 'session'; sessionId: string }
  | {
      kind: 'connect';
      provider: Provider;
      name: string;
      baseUrl: string;
      key: string | null;
      model: string | null;
    }
  | ({ kind: 'refused' } & Told);

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  new: ['text'],
  session: ['id'],
  connect: ['provider', 'url', 'name', 'key', 'model'],
};

const refused = (said: FailureSaying): LinkReading => ({ kind: 'refused', ...told(said) });

/** Characters that make text read as something else, or that no person types: controls and marks of direction. */
const DECEITFUL = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;

function readConnect(field: (name: string) => string | null): LinkReading {
  const provider = PROFILE_KINDS.find((kind) => kind === field('provider'));
  if (provider === undefined || provider === 'demo') {
    return refused({ word: 'link_no_provider' });
  }
  const address = readBaseUrl(field('url') ?? '');
  if (!address.ok) return refused({ word: 'link_address', with: { why: address.said } });
  const url = new URL(address.baseUrl);
  const isHere = url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(\.\d+){3}$/.test(url.hostname);
  if (url.protocol !== 'https:' && !isHere) {
    return refused({ word: 'link_unencrypted' });
  }
  const key = field('key');
  if (key !== null && (key.length > MAX_KEY_CHARS || !/^[\x21-\x7e]+$/.test(key))) {
    return refused({ word: 'link_odd_key' });
  }
  const model = field('model');
  const name = field('name') ?? url.hostname;
  const isFit = (text: string) => text.trim() !== '' && text.length <= MAX_NAME_CHARS && !DECEITFUL.test(text);
  if (!isFit(name) || name.includes('/') || (model !== null && !isFit(model))) {
    return refused({ word: 'link_odd_name' });
  }
  return { kind: 'connect', provider, name: name.trim(), baseUrl: address.baseUrl, key, model };
}

/**
 * Reads a `sluice:` link strictly: what is not exactly known is refused with a sentence. Pure; nothing is looked up and
 * nothing is done.
 *
 * Known are `sluice://new?text=…`, `sluice://session?id=…` and
 * `sluice://connect?provider=…&url=…[&name=…][&key=…][&model=…]`.
 */
export function readLink(address: string): LinkReading {
  if (address.length > MAX_LINK_CHARS) return refused({ word: 'link_too_long' });
  const url = URL.parse(address);
  if (url === null || url.protocol !== `${LINK_SCHEME}:`) {
    return refused({ word: 'link_is_none' });
  }
  const known = Object.hasOwn(FIELDS, url.host) ? FIELDS[url.host] : undefined;
  const isPlain = url.username === '' && url.password === '' && url.port === '' && url.hash === '';
  if (known === undefined || !isPlain || (url.pathname !== '' && url.pathname !== '/')) {
    return refused({ word: 'link_asks_unknown' });
  }
  const names = [...url.searchParams.keys()];
  if (new Set(names).size !== names.length || names.some((name) => !known.includes(name))) {
    return refused({ word: 'link_says_more' });
  }
  const field = (name: string): string | null => {
    const value = url.searchParams.get(name);
    return value === null || value === '' ? null : value;
  };
  switch (url.host) {
    case 'new': {
      const text = (field('text') ?? '').replace(/\r\n?/g, '\n');
      if (text.length > MAX_TEXT_CHARS) return refused({ word: 'link_text_too_long' });
      if (DECEITFUL.test(text.replace(/[\n\t]/g, ''))) {
        return refused({ word: 'link_text_hidden' });
      }
      return { kind: 'new', text };
    }
    case 'session': {
      const sessionId = field('id') ?? '';
      if (!/^[\w.-]{1,128}$/.test(sessionId) || !isFitId(sessionId)) return refused({ word: 'link_no_conversation' });
      return { kind: 'session', sessionId };
    }
    default:
      return readConnect(field);
  }
}
