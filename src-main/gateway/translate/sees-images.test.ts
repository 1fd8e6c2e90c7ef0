import { describe, expect, it } from 'vitest';
import { isBlind } from './sees-images.ts';

describe('[E6-02] models that are known to see no pictures', () => {
  it.each([
    'gpt-3.5-turbo-0125',
    'gpt-4',
    'gpt-4-0613',
    'gpt-oss-120b',
    'openai/o3-mini',
    'claude-2.1',
    'deepseek-v3',
    'deepseek/deepseek-r1:free',
    'llama3.1:8b',
    'meta-llama/Llama-3.3-70B-Instruct',
    'llama3.2:3b',
    'mistral:latest',
    'mixtral-8x7b',
    'qwen2.5-coder:32b',
    'qwen3:8b',
    'qwen/qwen3-235b-a22b',
    'phi4:14b',
    'phi-3.5-mini-instruct',
    'gemma2:9b',
    'gemma3:1b',
    'moonshotai/kimi-k2-instruct',
    'glm-4.6',
  ])('%s', (model) => {
    expect(isBlind(model)).toBe(true);
  });

  it.each([
    null,
    '',
    'some-new-model',
    'gpt-4o',
    'gpt-4-turbo',
    'gpt-4.1-mini',
    'gpt-4-vision-preview',
    'gpt-5',
    'o3',
    'o4-mini',
    'claude-3-haiku-20240307',
    'claude-sonnet-4-5',
    'deepseek-vl2',
    'llama3.2-vision:11b',
    'llama-3.2-11b-vision-instruct',
    'llama3.2',
    'llama-4-scout',
    'mistral-small3.1',
    'pixtral-12b',
    'qwen2.5vl:7b',
    'qwen2.5-vl-72b-instruct',
    'qwen3-vl',
    'qwen3.5',
    'qwen3-omni',
    'phi-4-multimodal-instruct',
    'phi-3-vision',
    'gemma3:4b',
    'gemma-3-27b-it',
    'kimi-k2.5',
    'glm-4.5v',
    'gemini-2.5-flash',
  ])('nothing is claimed of %s', (model) => {
    expect(isBlind(model)).toBe(false);
  });
});
