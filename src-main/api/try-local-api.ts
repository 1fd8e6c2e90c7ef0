import { text } from 'node:stream/consumers';
import type { FailureFact } from '#contract/failure-saying';
import type { LocalApiTrial } from '#contract/programs';
import { told } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import { request } from '../platform/node-http.ts';

/** A person waits for it with their eyes on it. */
const LONGEST_MS = 60_000;
/** Enough for a word, also where a model thinks first. */
const MOST_TOKENS = 256;
const MOST_TEXT_CHARS = 200;

export interface TrialParts {
  /** Null while the server is off. */
  url: string | null;
  /** The owner's; it goes to `url` and nowhere else. */
  token: string;
  /** Who is asked, with its default model. */
  profile: string;
  clock: Clock;
  /** Ends the request when the host ends. */
  signal: AbortSignal;
}

/**
 * Sends a tiny message to the server's own address, over a real connection, as a program would. It goes through the door, the
 * pool and the books like any other.
 *
 * Never rejects: what went wrong is in the result. It ends after a minute, or when the signal aborts.
 */
export async function tryLocalApi({ url, token, profile, clock, signal }: TrialParts): Promise<LocalApiTrial> {
  const startedAtMs = clock.now();
  const ended = (trial: Omit<LocalApiTrial, 'durationMs'>) => ({ ...trial, durationMs: clock.now() - startedAtMs });
  const failed = (status: number | null, why: FailureFact) => ended({ ok: false, status, text: null, ...told(why) });
  if (url === null) return failed(null, { word: 'trial_off' });
  const late = new AbortController();
  const cancel = clock.after(LONGEST_MS, () => late.abort());
  try {
    const { status, body } = await send(url, token, profile, AbortSignal.any([signal, late.signal]));
    const answer = readAnswer(body);
    if (status !== 200) return failed(status, answer.error ?? { word: 'trial_status', with: { code: status } });
    if (answer.text === null) return failed(status, { word: 'trial_no_message' });
    return ended({ ok: true, status, text: answer.text.slice(0, MOST_TEXT_CHARS), message: null });
  } catch (thrown) {
    if (late.signal.aborted) return failed(null, { word: 'trial_too_late', with: { seconds: LONGEST_MS / 1000 } });
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
    return failed(null, { word: 'trial_unreachable', with: { status: code } });
  } finally {
    cancel();
  }
}

async function send(url: string, token: string, profile: string, signal: AbortSignal) {
  const message = JSON.stringify({
    model: `${profile}/`,
    max_tokens: MOST_TOKENS,
    messages: [{ role: 'user', content: 'Reply with the word OK.' }],
  });
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const outgoing = request(
      `${url}/v1/messages`,
      {
        method: 'POST',
        headers: { 'x-api-key': token, 'content-type': 'application/json' },
        // A connection of its own, closed after the answer.
        agent: false,
        signal,
      },
      (response) => {
        text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(message);
  });
}

/** The words of a message of Anthropic's protocol, or of its error. */
function readAnswer(body: string): { text: string | null; error: string | null } {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    // Whatever this is, it is none of the server's answers.
    return { text: null, error: null };
  }
  const { content, error } = (value ?? {}) as { content?: unknown; error?: { message?: unknown } };
  const texts = Array.isArray(content)
    ? content.flatMap((block: { text?: unknown } | null) => (typeof block?.text === 'string' ? [block.text] : []))
    : null;
  return {
    text: texts === null ? null : texts.join('').trim(),
    error: typeof error?.message === 'string' ? error.message : null,
  };
}
