import { readBaseUrl } from '#contract/base-url';
import { isFitId } from '#contract/ids';
import { LINK_SCHEME } from '#contract/links';
import { PROFILE_KINDS, type ProfileKind } from '#contract/records';

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
  | { kind: 'refused'; message: string };

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  new: ['text'],
  session: ['id'],
  connect: ['provider', 'url', 'name', 'key', 'model'],
};

const refused = (message: string): LinkReading => ({ kind: 'refused', message });

/** Characters that make text read as something else, or that no person types: controls and marks of direction. */
const DECEITFUL = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;

function readConnect(field: (name: string) => string | null): LinkReading {
  const provider = PROFILE_KINDS.find((kind) => kind === field('provider'));
  if (provider === undefined || provider === 'demo') {
    return refused(
      'The link names no provider that Sluice knows. It can be “hermes”, “openai-chat” or “anthropic”; add the key by hand under Credentials.',
    );
  }
  const address = readBaseUrl(field('url') ?? '');
  if (!address.ok) return refused(`The link’s address cannot be used. ${address.message}`);
  const url = new URL(address.baseUrl);
  const isHere = url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(\.\d+){3}$/.test(url.hostname);
  if (url.protocol !== 'https:' && !isHere) {
    return refused('The link would send a key without encryption. Only https:// is taken from a link.');
  }
  const key = field('key');
  if (key !== null && (key.length > MAX_KEY_CHARS || !/^[\x21-\x7e]+$/.test(key))) {
    return refused('The link’s key holds characters that no key has. Paste the key by hand under Credentials.');
  }
  const model = field('model');
  const name = field('name') ?? url.hostname;
  const isFit = (text: string) => text.trim() !== '' && text.length <= MAX_NAME_CHARS && !DECEITFUL.test(text);
  if (!isFit(name) || name.includes('/') || (model !== null && !isFit(model))) {
    return refused('The link holds a name that cannot be shown as it is. Add the provider by hand under Credentials.');
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
  if (address.length > MAX_LINK_CHARS) return refused('The link is too long. Nothing of it was taken.');
  const url = URL.parse(address);
  if (url === null || url.protocol !== `${LINK_SCHEME}:`) {
    return refused('This is no link for Sluice. A link for it begins with sluice://.');
  }
  const known = Object.hasOwn(FIELDS, url.host) ? FIELDS[url.host] : undefined;
  const isPlain = url.username === '' && url.password === '' && url.port === '' && url.hash === '';
  if (known === undefined || !isPlain || (url.pathname !== '' && url.pathname !== '/')) {
    return refused('The link asks for something that Sluice does not know. Nothing was done.');
  }
  const names = [...url.searchParams.keys()];
  if (new Set(names).size !== names.length || names.some((name) => !known.includes(name))) {
    return refused('The link says more than Sluice understands, or says it twice. Nothing was done.');
  }
  const field = (name: string): string | null => {
    const value = url.searchParams.get(name);
    return value === null || value === '' ? null : value;
  };
  switch (url.host) {
    case 'new': {
      const text = (field('text') ?? '').replace(/\r\n?/g, '\n');
      if (text.length > MAX_TEXT_CHARS) return refused('The link’s text is too long. Nothing of it was taken.');
      if (DECEITFUL.test(text.replace(/[\n\t]/g, ''))) {
        return refused('The link’s text holds characters that cannot be seen. Nothing of it was taken.');
      }
      return { kind: 'new', text };
    }
    case 'session': {
      const sessionId = field('id') ?? '';
      if (!/^[\w.-]{1,128}$/.test(sessionId) || !isFitId(sessionId)) return refused('The link names no conversation.');
      return { kind: 'session', sessionId };
    }
    default:
      return readConnect(field);
  }
}
