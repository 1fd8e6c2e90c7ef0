import { AppFailure } from '../platform/app-failure.ts';

/** What people paste from a provider's documentation behind the base. */
const KNOWN_TAIL = /\/v1(\/(chat\/completions|messages|runs|responses|models))?$/;

export type BaseUrlReading = { ok: true; baseUrl: string } | { ok: false; message: string };

/**
 * Reads an upstream's address as people write it: with or without a slash, with or without `/v1` (decision 19).
 * The result has neither.
 */
export function readBaseUrl(text: string): BaseUrlReading {
  const trimmed = text.trim();
  if (trimmed === '') return { ok: false, message: 'The address is empty. Enter one such as http://127.0.0.1:8642.' };
  if (!/^https?:\/\//i.test(trimmed)) {
    return { ok: false, message: 'The address must begin with http:// or https://.' };
  }
  const url = URL.parse(trimmed);
  if (url === null)
    return { ok: false, message: 'This is not a valid address. An example is https://api.example.com.' };
  if (url.username !== '' || url.password !== '') {
    return {
      ok: false,
      message: 'The address holds a user name or a password. Leave them out and add the key to the profile instead.',
    };
  }
  if (url.search !== '' || url.hash !== '') {
    return { ok: false, message: 'The address must end before the “?” or “#”. Leave that part out.' };
  }
  const path = url.pathname.replace(/\/+$/, '').replace(KNOWN_TAIL, '').replace(/\/+$/, '');
  return { ok: true, baseUrl: `${url.origin}${path}` };
}

/** @throws AppFailure `invalid_payload` with the sentence for the form. */
export function normalizeBaseUrl(text: string): string {
  const reading = readBaseUrl(text);
  if (reading.ok) return reading.baseUrl;
  throw new AppFailure('invalid_payload', reading.message, {
    retry: { kind: 'user-action', action: 'check-address' },
    details: { field: 'baseUrl' },
  });
}
