import { expect, test } from 'vitest';
import { firstModel } from './choose-model.ts';

test('what makes no answers is never chosen', () => {
  expect(firstModel(['text-embedding-3-large', 'whisper-1', 'gpt-4.1', 'tts-1-hd'])).toBe('gpt-4.1');
  expect(firstModel(['nomic-embed-text'])).toBeNull();
  expect(firstModel([])).toBeNull();
});

test('of several of a family the newest is chosen, a dated copy only where there is no other', () => {
  expect(firstModel(['gpt-4.1', 'gpt-10', 'gpt-5', 'gpt-5-2026-08-01'])).toBe('gpt-10');
  expect(firstModel(['gpt-5-mini', 'gpt-4o-2024-05-13'])).toBe('gpt-5-mini');
  expect(firstModel(['claude-haiku-4', 'claude-sonnet-4', 'claude-sonnet-5'])).toBe('claude-sonnet-5');
});

test('where no name is known the first that answers is', () => {
  expect(firstModel(['bge-embed', 'qwen3:8b', 'llama3.2'])).toBe('qwen3:8b');
});
