import type { Connectable } from '../connect-profile.ts';

/** A provider that is known by its address, and some by their keys. */
export interface KnownProvider {
  name: string;
  kind: Connectable;
  baseUrl: string;
  /** How its keys begin, where that is a fact; null where they look like anybody's. */
  key: RegExp | null;
  /** Whole keys are at least this long. */
  minKeyChars: number;
  /** Names of variables that its documentation uses. */
  variables: readonly string[];
}

/**
 * Addresses and variables are those of the providers' API references; forms of keys are those that providers registered
 * with GitHub's secret scanning and that gitleaks' rules name (both looked up 2026-11): a prefix, and for OpenAI the
 * `T3BlbkFJ` ("OpenAI" in Base64) in the middle of each key.
 */
export const KNOWN_PROVIDERS: readonly KnownProvider[] = [
  {
    name: 'Anthropic',
    kind: 'anthropic',
    baseUrl: 'https://api.anthropic.com',
    key: /^sk-ant-api\d\d-/,
    minKeyChars: 90,
    variables: ['ANTHROPIC_API_KEY', 'CLAUDE_API_KEY'],
  },
  {
    name: 'OpenRouter',
    kind: 'openai-chat',
    baseUrl: 'https://openrouter.ai/api',
    key: /^sk-or-v1-/,
    minKeyChars: 70,
    variables: ['OPENROUTER_API_KEY'],
  },
  {
    name: 'OpenAI',
    kind: 'openai-chat',
    baseUrl: 'https://api.openai.com',
    key: /^sk-(?:(?:proj|svcacct)-|[A-Za-z0-9]{20}T3BlbkFJ)/,
    minKeyChars: 48,
    variables: ['OPENAI_API_KEY'],
  },
  {
    name: 'Groq',
    kind: 'openai-chat',
    baseUrl: 'https://api.groq.com/openai',
    key: /^gsk_/,
    minKeyChars: 40,
    variables: ['GROQ_API_KEY'],
  },
  {
    name: 'xAI',
    kind: 'openai-chat',
    baseUrl: 'https://api.x.ai',
    key: /^xai-/,
    minKeyChars: 40,
    variables: ['XAI_API_KEY'],
  },
  {
    name: 'Hugging Face',
    kind: 'openai-chat',
    baseUrl: 'https://router.huggingface.co',
    key: /^hf_/,
    minKeyChars: 30,
    variables: ['HF_TOKEN', 'HUGGINGFACE_API_KEY'],
  },
  {
    name: 'NVIDIA',
    kind: 'openai-chat',
    baseUrl: 'https://integrate.api.nvidia.com',
    key: /^nvapi-/,
    minKeyChars: 40,
    variables: ['NVIDIA_API_KEY'],
  },
  {
    name: 'DeepSeek',
    kind: 'openai-chat',
    baseUrl: 'https://api.deepseek.com',
    key: null,
    minKeyChars: 0,
    variables: ['DEEPSEEK_API_KEY'],
  },
  {
    name: 'Mistral',
    kind: 'openai-chat',
    baseUrl: 'https://api.mistral.ai',
    key: null,
    minKeyChars: 0,
    variables: ['MISTRAL_API_KEY'],
  },
];

/** Keys that are for something else, with the word that says for what. */
const OTHER_KEYS: readonly [RegExp, 'admin' | 'subscription'][] = [
  [/^sk-ant-admin\d\d-/, 'admin'],
  [/^sk-admin-/, 'admin'],
  [/^sk-ant-(?:oat|ort)\d\d-/, 'subscription'],
];

/** Whose key this is, where its form tells. */
export function providerOfKey(key: string): KnownProvider | null {
  return KNOWN_PROVIDERS.find((provider) => provider.key?.test(key) === true) ?? null;
}

export function otherUseOf(key: string): 'admin' | 'subscription' | null {
  return OTHER_KEYS.find(([form]) => form.test(key))?.[1] ?? null;
}

/** Whose address this is. Whole origins only: a name that merely holds a known one is somebody else's. */
export function providerOfUrl(url: string): KnownProvider | null {
  const origin = URL.parse(url)?.origin;
  return KNOWN_PROVIDERS.find((provider) => new URL(provider.baseUrl).origin === origin) ?? null;
}

export function providerOfVariable(name: string): KnownProvider | null {
  const known = KNOWN_PROVIDERS.find((provider) => provider.variables.includes(name));
  // `OPENAI_BASE_URL`, `ANTHROPIC_MODEL`: the first word names the provider.
  return (
    known ??
    KNOWN_PROVIDERS.find((provider) => name.startsWith(`${provider.variables[0]?.split('_')[0] ?? ' '}_`)) ??
    null
  );
}
