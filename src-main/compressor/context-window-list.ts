import type { WindowProvider } from './context-window-known.ts';

/**
 * The list of models that `@pydantic/genai-prices` carries, as of its version; nothing is fetched. It is 0.8 MB of source
 * and takes some 30 ms to load, so only a question that needs it brings it in.
 */
export async function loadWindowProviders(): Promise<readonly WindowProvider[]> {
  const { waitForUpdate } = await import('@pydantic/genai-prices');
  // The package's own way to its list: no update was ever asked for, so this is what it was published with.
  return (await waitForUpdate()) ?? [];
}
