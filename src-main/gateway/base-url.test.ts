import { expect, test } from 'vitest';
import { calledAddress, readBaseUrl } from '#contract/base-url';
import { PROFILE_KINDS } from '#contract/records';
import { inEnglish } from '../platform/app-failure.ts';
import { normalizeBaseUrl } from './base-url.ts';
import { adapterFor } from './providers/registry.ts';

test.each([
  ['http://127.0.0.1:8642', 'http://127.0.0.1:8642'],
  ['http://127.0.0.1:8642/', 'http://127.0.0.1:8642'],
  ['  http://127.0.0.1:8642/v1 ', 'http://127.0.0.1:8642'],
  ['http://127.0.0.1:8642/v1/', 'http://127.0.0.1:8642'],
  ['https://openrouter.ai/api/v1', 'https://openrouter.ai/api'],
  ['https://api.example.com/v1/chat/completions', 'https://api.example.com'],
  ['https://api.example.com/v1/messages/', 'https://api.example.com'],
  ['http://127.0.0.1:8642/v1/responses', 'http://127.0.0.1:8642'],
  ['HTTPS://API.Example.com/p/Home', 'https://api.example.com/p/Home'],
  ['http://[::1]:11434/v1', 'http://[::1]:11434'],
  ['https://example.com/v1beta', 'https://example.com/v1beta'],
])('[decision 19] %s is read as %s', (text, baseUrl) => {
  expect(readBaseUrl(text)).toEqual({ ok: true, baseUrl });
  expect(normalizeBaseUrl(baseUrl)).toBe(baseUrl);
});

test.each([
  ['', /empty/],
  ['127.0.0.1:8642', /http:\/\/ or https:\/\//],
  ['ftp://example.com', /http:\/\/ or https:\/\//],
  ['http://', /not a valid address/],
  ['https://user:pass@example.com', /Leave them out/],
  ['https://key@example.com', /Leave them out/],
  ['https://example.com/v1?key=abc', /“\?” or “#”/],
])('%j is refused with a sentence', (text, sentence) => {
  const reading = readBaseUrl(text);
  expect(reading.ok ? '' : inEnglish(reading.said)).toMatch(sentence);
  expect(() => normalizeBaseUrl(text)).toThrow(expect.objectContaining({ code: 'invalid_payload' }) as Error);
});

test('a refused address with a password is not repeated in the sentence', () => {
  expect(JSON.stringify(readBaseUrl('https://user:hunter2@example.com'))).not.toContain('hunter2');
});

test('[decision 19] the form shows what the adapter calls, for every kind and however the address is written', () => {
  for (const kind of PROFILE_KINDS.filter((each) => each !== 'demo')) {
    for (const typed of ['https://llm.example.com/p', 'https://llm.example.com/p/v1/'])
      expect(calledAddress(kind, typed), kind).toBe(adapterFor(kind).chatUrl('https://llm.example.com/p'));
    expect(calledAddress(kind, 'llm.example.com')).toBeNull();
  }
});
