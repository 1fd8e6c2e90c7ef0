import { expect, it } from 'vitest';
import { stickyKey } from './sticky-key.ts';

const body = (first: string, more: Record<string, unknown> = {}) => ({
  system: 'You are careful.',
  messages: [{ role: 'user', content: first }],
  ...more,
});

it('the session that Claude Code names counts before everything else', () => {
  const headers = { 'x-claude-code-session-id': 's-1' };
  expect(stickyKey(headers, body('a'))).toBe(stickyKey(headers, body('b', { prompt_cache_key: 'c' })));
});

it.each([
  'user_9f_account_7_session_0f6b1c3e-1111-2222-3333-444455556666',
  JSON.stringify({ device_id: 'd', session_id: '0f6b1c3e-1111-2222-3333-444455556666' }),
])('the session in metadata.user_id is found in both of its forms', (user_id) => {
  const key = stickyKey({}, body('a', { metadata: { user_id } }));
  expect(key).toBe('api:session:0f6b1c3e-1111-2222-3333-444455556666');
});

it('then prompt_cache_key, else the beginning that the requests of a conversation share', () => {
  expect(stickyKey({}, body('a', { prompt_cache_key: 'k' }))).toBe('api:cache:k');
  const first = stickyKey({}, body('a'));
  const later = {
    ...body('a'),
    messages: [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
      { role: 'user', content: 'c' },
    ],
  };
  expect(stickyKey({}, later)).toBe(first);
  expect(stickyKey({}, body('another'))).not.toBe(first);
  expect(stickyKey({}, body('a', { tools: [{ name: 't' }] }))).not.toBe(first);
});

it('what is stored of a long or strange name is a digest', () => {
  const key = stickyKey({}, body('a', { prompt_cache_key: 'x'.repeat(5000) }));
  expect(key.length).toBeLessThan(80);
});
