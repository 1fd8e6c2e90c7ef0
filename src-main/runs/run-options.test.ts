import { describe, expect, it } from 'vitest';
import type { ProfileRow } from '../store/profile-repository.ts';
import type { SessionRow } from '../store/session-repository.ts';
import { chooseOptions, type RunDefaults, type RunRequest } from './run-options.ts';

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
  }: { session?: Pick<SessionRow, 'profile' | 'model'> | null; defaults?: Partial<RunDefaults> } = {},
) {
  const stores = {
    profiles: { byName: (name: string) => known.find((one) => one.name === name) ?? null, list: () => known },
    sessions: { get: () => session as SessionRow | null },
  };
  const { profile: name, model } = chooseOptions(
    stores,
    { input: 'hello', sessionId: 's', ...request },
    { connectionProfile: null, defaultProfile: 'demo', ...defaults },
  );
  return [name, model];
}

describe('what a message is answered with', () => {
  it('[E2-19] the message’s own profile goes before the connection’s, the session’s and the default', () => {
    const session = { profile: 'bare', model: null };
    expect(chosen({})).toEqual(['demo', 'demo-1']);
    expect(chosen({}, { session })).toEqual(['bare', null]);
    expect(chosen({}, { session, defaults: { connectionProfile: 'work' } })).toEqual(['work', 'gpt-5']);
    expect(chosen({ profile: 'demo' }, { session, defaults: { connectionProfile: 'work' } })).toEqual([
      'demo',
      'demo-1',
    ]);
  });

  it('[E2-19] the session’s model belongs to its profile and is not asked of another', () => {
    const session = { profile: 'work', model: 'gpt-5-mini' };
    expect(chosen({}, { session })).toEqual(['work', 'gpt-5-mini']);
    expect(chosen({ profile: 'demo' }, { session })).toEqual(['demo', 'demo-1']);
    expect(chosen({ model: 'gpt-4' }, { session })).toEqual(['work', 'gpt-4']);
  });

  it('[decision 18] a model’s name begins with a profile only where there is such a profile', () => {
    expect(chosen({ model: 'work/gpt-5-pro' })).toEqual(['work', 'gpt-5-pro']);
    expect(chosen({ model: 'meta/llama-4' })).toEqual(['demo', 'meta/llama-4']);
    expect(chosen({ model: 'work/org/model' })).toEqual(['work', 'org/model']);
    expect(chosen({ model: 'work/' })).toEqual(['demo', 'work/']);
    expect(chosen({ model: '/work' })).toEqual(['demo', '/work']);
    expect(chosen({ model: 'work/gpt-5', profile: 'demo' })).toEqual(['demo', 'work/gpt-5']);
  });

  it('[E2-19] an unknown profile is refused with the names that would do', () => {
    expect(() => chosen({ profile: 'elsewhere' })).toThrow('Choose one of: demo, work, bare.');
  });
});
