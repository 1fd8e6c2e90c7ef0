import type { ServerResponse } from 'node:http';
import type { FakeUpstream } from './fake-upstream.ts';
import { isRecord, parseJson, sendJson } from './read-request.ts';
import type { Script, Step } from './script.ts';

/**
 * Steers the fake from another process: `/__fake/next`, `default`, `state`, `release/<gate>`, `hold/<gate>`,
 * `capabilities`, `max-runs/<count>`, `hold-bodies/<gate>`, `read-bodies`.
 */
export async function handleControl(
  fake: FakeUpstream,
  method: string,
  command: string,
  body: string,
  response: ServerResponse,
): Promise<void> {
  const [name, argument] = command.split('/').map(decodeURIComponent);
  if (method === 'GET' && name === 'state') {
    sendJson(response, 200, fake.state());
    return;
  }
  if (method === 'GET' && name === 'reached' && argument !== undefined) {
    await fake.gates.reached(argument);
    sendJson(response, 200, { ok: true });
    return;
  }
  if (method !== 'POST') {
    sendJson(response, 405, { error: 'POST changes something, GET /__fake/state and /__fake/reached/<gate> read.' });
    return;
  }
  const script = readScript(parseJson(body));
  if (name === 'next' && script !== null) fake.next(script);
  else if (name === 'default') fake.setDefault(script);
  else if (name === 'release' && argument !== undefined) fake.release(argument);
  else if (name === 'hold' && argument !== undefined) fake.gates.hold(argument);
  else if (name === 'capabilities') fake.setCapabilities(readCapabilities(parseJson(body)));
  else if (name === 'max-runs' && argument !== undefined) fake.setMaxRuns(Number(argument));
  else if (name === 'hold-bodies' && argument !== undefined) fake.holdBodies(argument);
  else if (name === 'read-bodies') fake.holdBodies(null);
  else {
    sendJson(response, 400, { error: `Unknown command or no script: ${command}` });
    return;
  }
  sendJson(response, 200, { ok: true });
}

/** What the agent is to say of itself, or a whole script; no body is an agent that does not know the question. */
function readCapabilities(value: unknown): Record<string, unknown> | null {
  return isRecord(value) ? value : null;
}

/** A list of steps or a script. Its steps are trusted: the fake is for tests. */
function readScript(value: unknown): Script | Step[] | null {
  if (Array.isArray(value)) return value as Step[];
  if (!isRecord(value)) return null;
  return { steps: [], ...value };
}
