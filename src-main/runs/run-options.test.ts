import { describe, expect, it } from 'vitest';
import type { RunRecord } from '#contract/records';
import type { ProfileRow } from '../store/profile-repository.ts';
import type { RunOptions } from '../store/run-repository.ts';
import type { SessionRow } from '../store/session-repository.ts';
import { choicesOf, chooseOptions, effectiveParameters, type RunDefaults, type RunRequest } from './run-options.ts';

const profile = (name: string, model: string | null): ProfileRow => ({
  id: name,
  name,
  kind: 'openai-chat',
  base_url: 'http://127.0.0.1',
  default_model: model,
  context_length: null,
  created_at_ms: 0,
  updated_at_ms: 0,
});

const known = [profile('demo', 'demo-1'), profile('work', 'gpt-5'), profile('bare', null)];

function chosen(
  request: Partial<RunRequest>,
  {
    session = null,
    defaults = {},
  }: {
    session?: (Pick<SessionRow, 'profile' | 'model'> & { parameters?: string }) | null;
    defaults?: Partial<RunDefaults>;
  } = {},
) {
  const stores = {
    profiles: { byName: (name: string) => known.find((one) => one.name === name) ?? null, list: () => known },
    sessions: { get: () => (session === null ? null : ({ parameters: '{}', ...session } as SessionRow)) },
    runs: {
      get: (id: string) => (id === 'before' ? ({ sessionId: 's' } as RunRecord) : null),
      options: (id: string) => (id === 'before' || id === 'foreign' ? before : null),
    },
  };
  return chooseOptions(
    stores,
    { input: 'hello', sessionId: 's', ...request },
    { connectionProfile: null, defaultProfile: 'demo', ...defaults },
  );
}

const before: RunOptions = {
  baseUrl: 'http://127.0.0.1',
  profile: 'work',
  model: 'gpt-5-mini',
  instructions: 'Be brief.',
  reasoningEffort: 'high',
  provider: 'azure',
  replaces: { messageId: 'm', reason: 'edited' },
};

function named(...parts: Parameters<typeof chosen>) {
  const { profile: name, model } = chosen(...parts);
  return [name, model];
}

describe('what a message is answered with', () => {
  it('[E2-19] the message’s own profile goes before the connection’s, the session’s and the default', () => {
    const session = { profile: 'bare', model: null };
    expect(named({})).toEqual(['demo', 'demo-1']);
    expect(named({}, { session })).toEqual(['bare', null]);
    expect(named({}, { session, defaults: { connectionProfile: 'work' } })).toEqual(['work', 'gpt-5']);
    expect(named({ profile: 'demo' }, { session, defaults: { connectionProfile: 'work' } })).toEqual([
      'demo',
      'demo-1',
    ]);
  });

  it('[E2-19] the session’s model belongs to its profile and is not asked of another', () => {
    const session = { profile: 'work', model: 'gpt-5-mini' };
    expect(named({}, { session })).toEqual(['work', 'gpt-5-mini']);
    expect(named({ profile: 'demo' }, { session })).toEqual(['demo', 'demo-1']);
    expect(named({ model: 'gpt-4' }, { session })).toEqual(['work', 'gpt-4']);
  });

  it('[decision 18] a model’s name begins with a profile only where there is such a profile', () => {
    expect(named({ model: 'work/gpt-5-pro' })).toEqual(['work', 'gpt-5-pro']);
    expect(named({ model: 'meta/llama-4' })).toEqual(['demo', 'meta/llama-4']);
    expect(named({ model: 'work/org/model' })).toEqual(['work', 'org/model']);
    expect(named({ model: 'work/' })).toEqual(['demo', 'work/']);
    expect(named({ model: '/work' })).toEqual(['demo', '/work']);
    expect(named({ model: 'work/gpt-5', profile: 'demo' })).toEqual(['demo', 'work/gpt-5']);
  });

  it('[E2-19] [E3-06] a message like an earlier one has all its choices, but for those it makes itself', () => {
    expect(chosen({ likeRun: 'before' })).toEqual(before);
    expect(chosen({ likeRun: 'before', model: 'gpt-4', reasoningEffort: 'low' })).toEqual({
      ...before,
      model: 'gpt-4',
      reasoningEffort: 'low',
    });
  });

  it('[E2-19] an unknown run and one of another conversation change nothing', () => {
    expect(named({ likeRun: 'unknown' })).toEqual(['demo', 'demo-1']);
    expect(named({ likeRun: 'foreign' })).toEqual(['demo', 'demo-1']);
  });

  it('[E2-19] an unknown profile is refused with the names that would do', () => {
    expect(() => chosen({ profile: 'elsewhere' })).toThrow('Choose one of: demo, work, bare.');
  });

  it('[E2-19] the conversation’s parameters are captured, under those that the message names', () => {
    const session = { profile: null, model: null, parameters: '{"temperature":0.2,"reasoningEffort":"low"}' };
    const plain = chosen({}, { session });
    expect(effectiveParameters(plain)).toEqual({ temperature: 0.2, reasoningEffort: 'low' });
    const named = chosen({ parameters: { temperature: 1 }, reasoningEffort: 'high' }, { session });
    expect(effectiveParameters(named)).toEqual({ temperature: 1, reasoningEffort: 'high' });
    // What a conversation has nothing of is not in the row.
    expect(chosen({}, { session: { profile: null, model: null } })).not.toHaveProperty('parameters');
  });

  it('[E2-19] who tries again gets the conversation’s parameters as they are now, and the message’s own again', () => {
    const before = chosen(
      { parameters: { topP: 0.5 } },
      { session: { profile: null, model: null, parameters: '{"temperature":0.2}' } },
    );
    const again = chosen(choicesOf(before), {
      session: { profile: null, model: null, parameters: '{"maxOutputTokens":9}' },
    });
    expect(effectiveParameters(again)).toEqual({ topP: 0.5, maxOutputTokens: 9 });
  });
});
