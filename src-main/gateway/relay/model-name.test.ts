import { describe, expect, it } from 'vitest';
import { chooseModel } from './model-name.ts';

const known = {
  defaultProfile: 'home',
  isProfile: (name: string) => name === 'home' || name === 'router',
  aliases: { fast: 'router/openai/gpt-mini', opus: 'claude-opus-5', 'loop-a': 'loop-b', 'loop-b': 'x' },
  isModel: (profile: string, model: string) => profile === 'home' && model === 'kimi-k2-thinking',
};

describe('what a program’s name of a model means', () => {
  it.each([
    ['gpt-5', { profile: 'home', model: 'gpt-5', thinking: false }],
    ['router/gpt-5', { profile: 'router', model: 'gpt-5', thinking: false }],
    // Decision 18: the prefix counts only where such a profile exists.
    ['meta-llama/llama-4', { profile: 'home', model: 'meta-llama/llama-4', thinking: false }],
    ['router/meta-llama/llama-4', { profile: 'router', model: 'meta-llama/llama-4', thinking: false }],
    ['router/', { profile: 'router', model: null, thinking: false }],
    ['', { profile: 'home', model: null, thinking: false }],
    ['fast', { profile: 'router', model: 'openai/gpt-mini', thinking: false }],
    ['fast-thinking', { profile: 'router', model: 'openai/gpt-mini', thinking: true }],
    ['opus-thinking', { profile: 'home', model: 'claude-opus-5', thinking: true }],
    ['claude-sonnet-5-thinking', { profile: 'home', model: 'claude-sonnet-5', thinking: true }],
    // A model that is called so is that model.
    ['kimi-k2-thinking', { profile: 'home', model: 'kimi-k2-thinking', thinking: false }],
    ['-thinking', { profile: 'home', model: '-thinking', thinking: false }],
    ['loop-a', { profile: 'home', model: 'loop-b', thinking: false }],
    ['toString', { profile: 'home', model: 'toString', thinking: false }],
  ])('[decision 18] %s', (asked, wanted) => expect(chooseModel(asked, known)).toEqual(wanted));

  it('[decision 18] no name at all is the default profile’s own choice', () =>
    expect(chooseModel(null, known)).toEqual({ profile: 'home', model: null, thinking: false }));
});
