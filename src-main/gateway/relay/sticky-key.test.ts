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

it('[E10-06] a response that was asked with a text is the beginning of the list that follows', () => {
  const first = stickyKey({}, { instructions: 'i', input: 'a' });
  const turns = [
    { role: 'user', content: 'a' },
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'b' }] },
    { role: 'user', content: 'c' },
  ];
  expect(stickyKey({}, { instructions: 'i', input: turns })).toBe(first);
  expect(stickyKey({}, { instructions: 'i', input: 'c' })).not.toBe(first);
});

it.each(['system', 'developer'])('[E10-06] conversations that differ in their %s turn alone are two', (role) => {
  const chat = (system: string, more: unknown[] = []) => ({
    messages: [{ role, content: system }, { role: 'user', content: 'Begin.' }, ...more],
  });
  const first = stickyKey({}, chat('You sort.'));
  expect(stickyKey({}, chat('You count.'))).not.toBe(first);
  expect(
    stickyKey(
      {},
      chat('You sort.', [
        { role: 'assistant', content: 'b' },
        { role, content: 'late' },
      ]),
    ),
  ).toBe(first);
});

it('[E10-06] a conversation that OpenAI keeps is known by its id, however that is written', () => {
  const first = stickyKey({}, { conversation: 'conv_1', input: 'a' });
  expect(stickyKey({}, { conversation: { id: 'conv_1' }, input: 'b' })).toBe(first);
  expect(stickyKey({}, { conversation: 'conv_2', input: 'a' })).not.toBe(first);
});

it('what is stored of a long or strange name is a digest', () => {
  const key = stickyKey({}, body('a', { prompt_cache_key: 'x'.repeat(5000) }));
  expect(key.length).toBeLessThan(80);
});
