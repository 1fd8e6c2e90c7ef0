import type { ProfileKind } from '#contract/records';
import { HttpClient } from '../http-client.ts';
import type { UpstreamAdapter } from '../upstream-adapter.ts';
import { createAnthropicAdapter } from './anthropic/anthropic-adapter.ts';
import { createDemoAdapter } from './demo/demo-adapter.ts';
import { createHermesAdapter } from './hermes/hermes-adapter.ts';
import { createOpenAiChatAdapter } from './openai-chat/openai-chat-adapter.ts';

/** One pool of connections for the whole process. */
const http = new HttpClient();

const ADAPTERS: Record<ProfileKind, UpstreamAdapter> = {
  demo: createDemoAdapter(),
  hermes: createHermesAdapter(http),
  'openai-chat': createOpenAiChatAdapter(http),
  anthropic: createAnthropicAdapter(http),
};

/** How a kind of upstream is spoken to. */
export function adapterFor(kind: ProfileKind): UpstreamAdapter {
  return ADAPTERS[kind];
}

/** Loads the HTTP client ahead of the first call. */
export function warmUpConnections(): void {
  http.warmUp();
}

/** Closes every pooled connection; answers under way break. A later call opens new ones. */
export async function closeConnections(): Promise<void> {
  await http.close();
}
