import { describe, expect, it } from 'vitest';
import { type ContextWindowQuestion, contextWindowOf } from './context-window.ts';
import { knownWindow, type NameRule, type WindowProvider } from './context-window-known.ts';
import { loadWindowProviders } from './context-window-list.ts';

function model(id: string, tokens?: number, match: NameRule = { equals: id }, name?: string) {
  return {
    id,
    match,
    ...(tokens === undefined ? {} : { context_window: tokens }),
    ...(name === undefined ? {} : { name }),
  };
}

const providers: WindowProvider[] = [
  {
    id: 'google',
    api_pattern: 'https://(.*\\.)?googleapis\\.com',
    provider_match: { contains: 'gemini' },
    model_match: { contains: 'gemini' },
    models: [model('gemini-pro', 1_000_000, { starts_with: 'gemini-pro' }, 'Gemini Pro'), model('shared', 10_000)],
  },
  {
    id: 'moonshotai',
    api_pattern: 'https://api\\.moonshot\\.',
    models: [model('kimi-k2', 262_144), model('unknown-size')],
  },
  {
    id: 'maker',
    api_pattern: 'https://api\\.maker\\.example',
    model_match: { starts_with: 'mk-' },
    models: [
      model('mk-1', 128_000, { regex: '^mk-1(-\\d{8})?$' }),
      model('mk-2', 64_000),
      model('mk-3'),
      model('mk-any', 1_000, { starts_with: 'mk-' }),
    ],
  },
  {
    id: 'reseller',
    api_pattern: 'https://reseller\\.example',
    models: [model('maker/mk-1', 32_000), model('shared', 20_000), model('org/only-here', 8_000)],
  },
  { id: 'broken', api_pattern: '(', models: [model('odd', 5, { regex: '(' }), model('odd-2', -1)] },
];

function question(
  fields: Partial<ContextWindowQuestion['profile']> & {
    model?: string | null;
    ownEntries?: ContextWindowQuestion['ownEntries'];
  },
) {
  const { model = 'mk-1', ownEntries = [], ...profile } = fields;
  return {
    profile: {
      id: 'p1',
      kind: 'openai-chat' as const,
      baseUrl: 'http://127.0.0.1:1234',
      contextLength: null,
      ...profile,
    },
    model,
    ownEntries,
  };
}

const load = () => Promise.resolve(providers);

describe('the order', () => {
  const own = [{ profileId: 'p1', model: 'mk-1', tokens: 1_000 }];

  it('[E7-18] a person’s own entry, the profile’s setting, the known list, 200,000', async () => {
    expect(await contextWindowOf(question({ ownEntries: own, contextLength: 2_000 }), load)).toEqual({
      tokens: 1_000,
      source: 'own',
    });
    expect(await contextWindowOf(question({ contextLength: 2_000 }), load)).toEqual({
      tokens: 2_000,
      source: 'profile',
    });
    expect(await contextWindowOf(question({}), load)).toEqual({ tokens: 128_000, source: 'known' });
    expect(await contextWindowOf(question({ model: 'never-heard-of' }), load)).toEqual({
      tokens: 200_000,
      source: 'default',
    });
  });

  it('[BUG-A24] the window is that of the run’s model, whatever the profile’s default is', async () => {
    const of = async (name: string) => (await contextWindowOf(question({ model: name, ownEntries: own }), load)).tokens;
    expect(await of('mk-1')).toBe(1_000);
    expect(await of('mk-2')).toBe(64_000);
  });

  it('[E7-18] an own entry holds for its profile only, and in any case of letters', async () => {
    expect((await contextWindowOf(question({ id: 'p2', ownEntries: own }), load)).source).toBe('known');
    expect((await contextWindowOf(question({ model: 'MK-1', ownEntries: own }), load)).source).toBe('own');
  });

  it('[E7-18] an entry that is no size is none', async () => {
    for (const tokens of [0, -1, Number.NaN, 1.5]) {
      const asked = question({ ownEntries: [{ profileId: 'p1', model: 'mk-1', tokens }], contextLength: tokens });
      expect((await contextWindowOf(asked, load)).source).toBe('known');
    }
  });

  it('[E7-18] the list is loaded only when nobody has set a figure', async () => {
    const never = () => Promise.reject(new Error('loaded'));
    expect((await contextWindowOf(question({ contextLength: 5_000 }), never)).tokens).toBe(5_000);
    expect((await contextWindowOf(question({ kind: 'demo' }), never)).source).toBe('default');
    expect((await contextWindowOf(question({ model: null }), never)).source).toBe('default');
  });

  it('[E7-18] a list that cannot be loaded leaves the default', async () => {
    const broken = () => Promise.reject(new Error('unreadable'));
    expect(await contextWindowOf(question({}), broken)).toEqual({ tokens: 200_000, source: 'default' });
  });
});

describe('the known list', () => {
  const at = (name: string, baseUrl = '', kind: 'openai-chat' | 'anthropic' = 'openai-chat') =>
    knownWindow(providers, { kind, baseUrl, model: name });

  it.each([
    ['the address’s provider first', 'mk-1', 'https://reseller.example', 32_000],
    ['its own name for it', 'maker/mk-1', 'https://reseller.example', 32_000],
    ['the id in any case', 'MK-1', 'https://api.maker.example', 128_000],
    ['the name in any case', 'gemini PRO', '', 1_000_000],
    ['a dated name by the provider’s rule', 'mk-1-20260101', 'https://api.maker.example', 128_000],
    ['provider and model', 'google/gemini-pro-002', '', 1_000_000],
    ['an alias of the provider', 'gemini/gemini-pro', '', 1_000_000],
    ['another alias', 'moonshot/kimi-k2', '', 262_144],
    ['a part of the path', 'only-here', '', 8_000],
    ['more path than the list has', 'some/router/kimi-k2', '', 262_144],
    ['its maker, where others differ', 'mk-1', 'https://elsewhere.example', 128_000],
    ['blanks around it', ' mk-2 ', '', 64_000],
  ])('[E7-18] finds by %s', (_how, name, baseUrl, tokens) => {
    expect(at(name, baseUrl)).toBe(tokens);
  });

  it.each([
    ['an ambiguous name without a maker', 'shared'],
    ['a model without a size', 'unknown-size'],
    ['one whose maker has a looser rule', 'mk-3'],
    ['a size that is none', 'odd-2'],
    ['an empty name', ''],
    ['a slash', '/'],
    ['a part of a name', 'mk'],
    ['a pattern', '.*'],
  ])('[E7-18] does not guess at %s', (_what, name) => {
    expect(at(name)).toBe(null);
  });

  it('[E7-18] the list that ships knows current models by their usual names', async () => {
    const shipped = await loadWindowProviders();
    const of = (name: string, baseUrl = 'http://127.0.0.1:9', kind: 'openai-chat' | 'anthropic' = 'openai-chat') =>
      knownWindow(shipped, { kind, baseUrl, model: name });
    expect(of('gpt-4o')).toBe(128_000);
    expect(of('openai/gpt-4o')).toBe(128_000);
    expect(of('gpt-4o-2024-08-06', 'https://api.openai.com')).toBe(128_000);
    expect(of('claude-sonnet-4-5-20250929', 'https://api.anthropic.com', 'anthropic')).toBe(200_000);
    expect(of('claude-opus-5', 'https://proxy.example', 'anthropic')).toBe(1_000_000);
    expect(of('gemini/gemini-2.5-pro')).toBeGreaterThanOrEqual(1_000_000);
    expect(of('no-such-model-at-all')).toBe(null);
    expect(shipped.flatMap((provider) => provider.models).filter((one) => one.context_window).length).toBeGreaterThan(
      500,
    );
  });
});
