import { describe, expect, it } from 'vitest';
import type { ModelParameters, RunParameters } from '#contract/model-parameters';
import type { ProfileKind } from '#contract/records';
import { fitParameters } from './fit-parameters.ts';
import { buildAnthropicRequest } from './providers/anthropic/build-request.ts';
import { buildHermesRequest } from './providers/hermes/build-request.ts';
import { buildOpenAiRequest } from './providers/openai-chat/build-request.ts';
import { requestOf } from './testing/calls.ts';

const all: ModelParameters = { temperature: 0.2, topP: 0.9, maxOutputTokens: 3000, reasoningEffort: 'low' };

/** The left-out ones as `name: reason`. */
function said(kind: ProfileKind, model: string | null, wanted: ModelParameters) {
  const { sent, leftOut } = fitParameters(kind, model, wanted);
  return [sent, leftOut.map(({ name, reason }) => `${name}: ${reason}`)];
}

describe('what of the parameters a service is sent', () => {
  it.each<[ProfileKind, string | null, ModelParameters, RunParameters['sent'], string[]]>([
    ['openai-chat', 'llama3.2', all, all, []],
    ['openai-chat', null, all, all, []],
    [
      'openai-chat',
      'openai/gpt-5-mini',
      all,
      { maxOutputTokens: 3000, reasoningEffort: 'low' },
      ['temperature: model', 'topP: model'],
    ],
    ['openai-chat', 'o3', { temperature: 1.5 }, {}, ['temperature: model']],
    ['openai-chat', 'gpt-5.2', { temperature: 1.5 }, { temperature: 1.5 }, []],
    [
      'openai-chat',
      'gpt-5.2',
      { temperature: 1, reasoningEffort: 'high' },
      { reasoningEffort: 'high' },
      ['temperature: thinks'],
    ],
    ['openai-chat', 'gpt-5.2-codex', { temperature: 1 }, {}, ['temperature: model']],
    ['openai-chat', 'gpt-5-chat-latest', { temperature: 1 }, { temperature: 1 }, []],
    [
      'openai-chat',
      'gpt-4o',
      { maxOutputTokens: 99_000, reasoningEffort: 'high' },
      { maxOutputTokens: 16_384 },
      ['maxOutputTokens: scale', 'reasoningEffort: no_thinking'],
    ],
    ['anthropic', 'claude-sonnet-4-5', { temperature: 1.8 }, { temperature: 1 }, ['temperature: scale']],
    ['anthropic', 'claude-sonnet-4-5', { temperature: 0.2, topP: 0.9 }, { temperature: 0.2 }, ['topP: one_of']],
    ['anthropic', 'claude-sonnet-4-5', { topP: 0.9 }, { topP: 0.9 }, []],
    [
      'anthropic',
      'claude-sonnet-4-5',
      all,
      { maxOutputTokens: 3000, reasoningEffort: 'low' },
      ['temperature: thinks', 'topP: thinks'],
    ],
    // No room to think means that it does not, and then the temperature holds.
    [
      'anthropic',
      'claude-sonnet-4-5',
      { temperature: 0.2, maxOutputTokens: 1024, reasoningEffort: 'high' },
      { temperature: 0.2, maxOutputTokens: 1024 },
      ['reasoningEffort: room'],
    ],
    [
      'anthropic',
      'claude-opus-4-8',
      { temperature: 0.2, maxOutputTokens: 100, reasoningEffort: 'high' },
      { maxOutputTokens: 100, reasoningEffort: 'high' },
      ['temperature: model'],
    ],
    [
      'hermes',
      'm',
      all,
      { reasoningEffort: 'low' },
      ['temperature: service', 'topP: service', 'maxOutputTokens: service'],
    ],
    ['demo', null, { topP: 1, reasoningEffort: 'low' }, {}, ['topP: service', 'reasoningEffort: service']],
    ['demo', null, {}, {}, []],
  ])('[E2-19] %s %s with %j', (kind, model, wanted, sent, leftOut) => {
    expect(said(kind, model, wanted)).toEqual([sent, leftOut]);
  });

  it('[E2-19] the chat protocol’s limit has the name that the model takes', () => {
    const parameters = { temperature: 0, maxOutputTokens: 5 };
    const local = buildOpenAiRequest(requestOf({ model: 'llama3.2', parameters }));
    expect(local).toMatchObject({ temperature: 0, max_tokens: 5 });
    expect(local).not.toHaveProperty('max_completion_tokens');
    const reasoning = buildOpenAiRequest(requestOf({ model: 'o4-mini', parameters }));
    expect(reasoning).toMatchObject({ max_completion_tokens: 5 });
    expect(reasoning).not.toHaveProperty('temperature');
    expect(reasoning).not.toHaveProperty('max_tokens');
  });

  it('[E2-19] a Claude model thinks within the limit that a person set, in the way of its generation', () => {
    const parameters: ModelParameters = { maxOutputTokens: 3000, reasoningEffort: 'high' };
    expect(buildAnthropicRequest(requestOf({ model: 'claude-sonnet-4-5', parameters }))).toMatchObject({
      max_tokens: 3000,
      thinking: { type: 'enabled', budget_tokens: 1500 },
    });
    expect(buildAnthropicRequest(requestOf({ model: 'claude-opus-4-8', parameters }))).toMatchObject({
      max_tokens: 3000,
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high' },
    });
  });

  it('[E2-19] without a choice nothing is named but the limit that Anthropic demands', () => {
    for (const body of [buildOpenAiRequest(requestOf()), buildHermesRequest(requestOf())]) {
      expect(Object.keys(body)).not.toEqual(expect.arrayContaining(['temperature']));
      expect(body).not.toHaveProperty('max_tokens');
      expect(body).not.toHaveProperty('model_options');
    }
    expect(buildAnthropicRequest(requestOf())).toMatchObject({ max_tokens: 8192 });
    expect(buildAnthropicRequest(requestOf())).not.toHaveProperty('thinking');
  });
});
