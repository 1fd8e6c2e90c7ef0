import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CoreProcess, startCore } from './core-process.ts';

/** The core with keys for an upstream in both protocols, and a program's key. Whoever started it stops it. */
export interface RelayCore {
  core: CoreProcess;
  /** What a program sends with each request. */
  headers: Record<string, string>;
  stop(): Promise<void>;
}

export async function startRelayCore(upstreamUrl: string): Promise<RelayCore> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const core = await startCore(dataDir);
  for (const [name, kind] of [
    ['openai', 'openai-chat'],
    ['anthropic', 'anthropic'],
  ] as const) {
    const profile = await core.call<{ id: string }>('profiles.create', {
      name,
      kind,
      baseUrl: upstreamUrl,
      defaultModel: 'm',
    });
    const secret = `sk-bench-${name}-0123456789abcdef`;
    await core.call('credentials.create', { profileId: profile.id, label: 'bench', secret });
  }
  const { key } = await core.call<{ key: string }>('localApi.createClient', { name: 'bench' });
  return {
    core,
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    stop: async () => {
      await core.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
