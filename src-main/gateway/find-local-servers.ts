import type { LocalServer } from '#contract/records';
import { AbortReason, AppFailure } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { HttpClient } from './http-client.ts';
import { isObject, parseJson } from './json.ts';
import { modelIdsIn } from './upstream-health.ts';

/** A server on this computer answers within milliseconds, or is busy loading a model and can be entered by hand. */
const DEADLINES = { headersTimeoutMs: 700, idleTimeoutMs: 700, totalTimeoutMs: 1200 };
const MAX_BYTES = 1024 * 1024;

/** Where Ollama and LM Studio listen unless they are told otherwise (their documentation, 2026-11). */
const LOCAL_PORTS = [11_434, 1234];

/**
 * Looks for model servers on this computer: Ollama and LM Studio at their own ports, told apart by what only they answer.
 * Asks 127.0.0.1 and nobody else, sends no key, and is done within three seconds. Never rejects but for the signal.
 */
export async function findLocalServers(
  http: HttpClient,
  options: { clock: Clock; signal: AbortSignal; ports?: readonly number[] },
): Promise<LocalServer[]> {
  const ports = options.ports ?? LOCAL_PORTS;
  const found = await Promise.all(ports.map((port) => askServer(http, `http://127.0.0.1:${port}`, options)));
  return found.filter((each) => each !== null);
}

async function askServer(
  http: HttpClient,
  baseUrl: string,
  options: { clock: Clock; signal: AbortSignal },
): Promise<LocalServer | null> {
  const get = async (path: string): Promise<string | null> => {
    try {
      const answer = await http.open(
        { method: 'GET', url: `${baseUrl}${path}`, headers: { accept: 'application/json' } },
        { upstream: baseUrl, deadlines: DEADLINES, clock: options.clock, signal: options.signal, maxBytes: MAX_BYTES },
      );
      const body = answer.status === 200 ? await answer.text() : null;
      answer.close();
      return body;
    } catch (thrown) {
      if (thrown instanceof AbortReason || options.signal.aborted) throw thrown;
      // Nobody there, or nobody who speaks HTTP: not found is the answer.
      if (thrown instanceof AppFailure) return null;
      throw thrown;
    }
  };
  // `/api/version` is Ollama's, `/api/v0/models` LM Studio's; `/v1/models` is everybody's.
  const [version, studio, models] = await Promise.all([get('/api/version'), get('/api/v0/models'), get('/v1/models')]);
  const ids = models === null ? null : modelIdsIn(models);
  const ollama = version === null ? null : parseJson(version);
  if (isObject(ollama) && typeof ollama['version'] === 'string' && ids !== null)
    return { service: 'ollama', baseUrl, models: ids, version: ollama['version'].slice(0, 40) };
  if (studio !== null && modelIdsIn(studio) !== null)
    return { service: 'lm-studio', baseUrl, models: ids ?? modelIdsIn(studio) ?? [], version: null };
  return ids === null ? null : { service: 'other', baseUrl, models: ids, version: null };
}
