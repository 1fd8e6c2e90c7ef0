import type { Connectable } from '../connect-profile.ts';
import type { ShellWord } from './shell-words.ts';

export interface CurlReading {
  url: string | null;
  secret: string | null;
  model: string | null;
  kind: Connectable | null;
  /** The key or the address is a variable whose value is not in the text. */
  missingVariable: string | null;
  hasProxy: boolean;
}

/** curl's options with a value of their own that matters to nobody here (curl 8.17's manual). */
const WITH_VALUE = new Set(
  '-o --output -m --max-time -A --user-agent -e --referer -b --cookie -c --cookie-jar -w --write-out -X --request -F --form --connect-timeout --retry --retry-delay --cacert --cert --key --resolve --interface -T --upload-file -K --config --limit-rate -r --range --max-redirs --trace --trace-ascii --stderr -D --dump-header --ciphers --tls-max'.split(
    ' ',
  ),
);
const HEADER = new Set(['-H', '--header']);
const DATA = new Set(['-d', '--data', '--data-raw', '--data-binary', '--data-ascii', '--json', '--data-urlencode']);
const PROXY = new Set(['-x', '--proxy', '--socks5', '--socks5-hostname']);

/** Reads a curl command: address, key, model. Null for words that are none. Pure. */
export function readCurl(words: readonly ShellWord[]): CurlReading | null {
  if (!/^curl(\.exe)?$/.test(words[0]?.text ?? '')) return null;
  const found: CurlReading = {
    url: null,
    secret: null,
    model: null,
    kind: null,
    missingVariable: null,
    hasProxy: false,
  };
  let hasAuthorization = false;
  const take = (word: ShellWord, isKey: boolean): string => {
    if (word.variables.length > 0 && (isKey || found.url === null)) found.missingVariable ??= word.variables[0] ?? null;
    return word.text;
  };
  for (let at = 1; at < words.length; at++) {
    const word = words[at];
    if (word === undefined) break;
    const { name, value } = optionOf(word, words[at + 1]);
    if (name === null) {
      if (found.url === null && looksLikeUrl(word.text)) found.url = withScheme(take(word, false));
      continue;
    }
    if (value?.isNext === true) at++;
    if (value === null) continue;
    if (HEADER.has(name)) {
      const [, header = '', content = ''] = /^\s*([^:]+):\s*(.*?)\s*$/s.exec(value.word.text) ?? [];
      const lower = header.toLowerCase();
      if (lower === 'authorization' || lower === 'x-api-key') {
        hasAuthorization = true;
        take(value.word, true);
        found.secret ??= content.replace(/^bearer\s+/i, '') || null;
      }
      if (lower === 'x-api-key' || lower === 'anthropic-version') found.kind = 'anthropic';
    } else if (DATA.has(name)) {
      found.model ??= modelOf(value.word.text);
    } else if (name === '--oauth2-bearer') {
      found.secret ??= take(value.word, true) || null;
    } else if (name === '-u' || name === '--user') {
      const pair = take(value.word, true);
      found.secret ??= pair.slice(pair.indexOf(':') + 1) || null;
    } else if (name === '--url') {
      found.url ??= withScheme(take(value.word, false));
    } else if (PROXY.has(name)) {
      found.hasProxy = true;
    }
  }
  if (found.url === null && found.secret === null && found.missingVariable === null) return null;
  // A variable beside a key that stands there in full takes nothing away.
  if (found.secret !== null && hasAuthorization && found.missingVariable !== null && found.url !== null)
    found.missingVariable = words.some(
      (word) => word.variables.length > 0 && /authorization|x-api-key/i.test(word.text),
    )
      ? found.missingVariable
      : null;
  return found;
}

/** An option with its value: `-H x`, `-Hx`, `--header x`, `--header=x`. `name` is null for a word that is no option. */
function optionOf(
  word: ShellWord,
  next: ShellWord | undefined,
): { name: string | null; value: { word: ShellWord; isNext: boolean } | null } {
  const { text, variables } = word;
  if (!text.startsWith('-') || text === '-') return { name: null, value: null };
  const takesValue = (name: string) =>
    HEADER.has(name) ||
    DATA.has(name) ||
    PROXY.has(name) ||
    WITH_VALUE.has(name) ||
    ['-u', '--user', '--url', '--oauth2-bearer'].includes(name);
  if (text.startsWith('--')) {
    const equals = text.indexOf('=');
    const name = equals < 0 ? text : text.slice(0, equals);
    if (!takesValue(name)) return { name, value: null };
    if (equals >= 0) return { name, value: { word: { text: text.slice(equals + 1), variables }, isNext: false } };
    return { name, value: next === undefined ? null : { word: next, isNext: true } };
  }
  // Short options stand together; the first one that takes a value takes the rest: -sSH x, -XPOST.
  for (let at = 1; at < text.length; at++) {
    const name = `-${text.charAt(at)}`;
    if (!takesValue(name)) continue;
    const rest = text.slice(at + 1);
    if (rest !== '') return { name, value: { word: { text: rest, variables }, isNext: false } };
    return { name, value: next === undefined ? null : { word: next, isNext: true } };
  }
  return { name: text, value: null };
}

function looksLikeUrl(text: string): boolean {
  return (
    /^https?:\/\//i.test(text) || /^(localhost|[\w-]+(\.[\w-]+)+|\d+(\.\d+){3}|\[[0-9a-f:]+\])(:\d+)?(\/|$)/i.test(text)
  );
}

/** curl takes an address without a scheme for http. */
function withScheme(text: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) || text === '' ? text : `http://${text}`;
}

function modelOf(body: string): string | null {
  try {
    const value: unknown = JSON.parse(body);
    const model = typeof value === 'object' && value !== null && 'model' in value ? value.model : null;
    return typeof model === 'string' && model !== '' ? model : null;
  } catch {
    // Documentation shortens bodies: the name may be there all the same.
    return /"model"\s*:\s*"([^"\\]{1,200})"/.exec(body)?.[1] ?? null;
  }
}
