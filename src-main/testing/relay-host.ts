import type { UsageCall } from '#contract/usage-report';
import { type RawUpstream, startRawUpstream } from './raw-upstream.ts';
import { OWNER_TOKEN, type RunsApiHost, startRunsApiHost } from './runs-api-host.ts';

/** A headless core with an Anthropic and an OpenAI upstream behind the profiles `claude` and `gpt`, and a program's key. */
export interface RelayHost extends RunsApiHost {
  claude: RawUpstream;
  gpt: RawUpstream;
  /** A program's key. */
  key: string;
  /** The key that reaches the upstream behind a profile. */
  secrets: { claude: string; gpt: string };
  post(
    path: string,
    body: unknown,
    init?: { headers?: Record<string, string>; signal?: AbortSignal },
  ): Promise<Response>;
  addKey(profile: 'claude' | 'gpt', secret: string): Promise<string>;
  /** Booked calls of programs, newest first, once there are so many. */
  booked(count: number): Promise<UsageCall[]>;
}

/** The caller's test owns it; everything is closed when the test has finished. */
export async function startRelayHost(): Promise<RelayHost> {
  const host = await startRunsApiHost();
  const claude = await startRawUpstream();
  const gpt = await startRawUpstream();
  const ids = new Map<string, string>();
  for (const [name, kind, upstream] of [
    ['claude', 'anthropic', claude],
    ['gpt', 'openai-chat', gpt],
  ] as const) {
    const profile = await host.ask<{ id: string }>('profiles.create', {
      name,
      kind,
      baseUrl: upstream.url,
      defaultModel: 'own',
    });
    ids.set(name, profile.id);
  }
  const { key } = await host.ask<{ key: string }>('localApi.createClient', { name: 'a program' });
  const secrets = { claude: 'sk-ant-secret-of-the-pool-0123456789', gpt: 'sk-secret-of-the-pool-9876543210' };
  const addKey = async (profile: 'claude' | 'gpt', secret: string) => {
    const { id } = await host.ask<{ id: string }>('credentials.create', {
      profileId: ids.get(profile),
      label: `key ${secret.slice(-4)}`,
      secret,
    });
    return id;
  };
  await addKey('claude', secrets.claude);
  await addKey('gpt', secrets.gpt);
  return {
    ...host,
    claude,
    gpt,
    key,
    secrets,
    addKey,
    post: (path, body, init = {}) =>
      fetch(`${host.url}${path}`, {
        method: 'POST',
        body: Buffer.isBuffer(body) ? new Uint8Array(body) : typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'x-api-key': key, 'content-type': 'application/json', ...init.headers },
        ...(init.signal === undefined ? {} : { signal: init.signal }),
      }),
    async booked(count) {
      for (let round = 0; ; round++) {
        const { calls } = await host.ask<{ calls: UsageCall[] }>('usage.calls', { limit: 500 });
        const own = calls.filter((call) => call.purpose === 'api');
        if (own.length >= count || round > 400) return own;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
  };
}

export { OWNER_TOKEN };
