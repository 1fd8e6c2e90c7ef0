/**
 * What the fake upstream is to do with one request, as plain data: the same script can be written in a test, sent over
 * HTTP by another process, or kept in a file. Times are milliseconds.
 */
export type Step =
  | { do: 'text'; text: string }
  | { do: 'reasoning'; text: string }
  /** Hermes only: the frame that says that thinking has ended. */
  | { do: 'reasoningAvailable'; text: string }
  | { do: 'toolStart'; name: string; id?: string; arguments?: string; preview?: string }
  | { do: 'toolEnd'; name: string; id?: string; output?: string; durationSeconds?: number; isError?: boolean }
  | { do: 'wait'; ms: number }
  /** Waits until `release(name)`. */
  | { do: 'gate'; name: string }
  | { do: 'keepalive' }
  /** One JSON object as a frame of its own, for events that nobody knows. */
  | { do: 'frame'; data: unknown; event?: string }
  /** Bytes exactly as they are, for broken frames. */
  | { do: 'raw'; text: string }
  | { do: 'usage'; usage: FakeUsage }
  /** Hermes only: asks and waits for the answer, or for the stop. */
  | { do: 'approval'; command: string; description?: string; id?: string; choices?: string[] }
  /** Hermes only: asks a question and waits for the answer, or for the stop. */
  | { do: 'clarify'; question: string; id?: string; choices?: string[] }
  /** Hermes only: waits until somebody puts a message into the run, and says it. */
  | { do: 'awaitSteer' }
  /** Sends `tokensPerSecond` parts for `seconds`; with `stamped` each part is `@<epoch ms>|`, with `text` its next piece. */
  | { do: 'paced'; tokensPerSecond: number; seconds: number; stamped?: boolean; text?: string }
  /** Never ends by itself. */
  | { do: 'endless'; tokensPerSecond: number }
  /** Says nothing more and keeps the connection. */
  | { do: 'stall' }
  /** Destroys the socket of the stream. A Hermes run goes on with the next step; elsewhere it is over. */
  | { do: 'cut' }
  | { do: 'cutMidCharacter' }
  /** Ends the stream in order, without a terminal event. */
  | { do: 'endStream' }
  /** An error inside the stream: `run.failed` for Hermes, an error object elsewhere. */
  | { do: 'fail'; message: string; type?: string }
  /** Hermes only. */
  | { do: 'cancel' }
  | { do: 'finish'; reason?: string; usage?: FakeUsage; output?: string };

export interface FakeUsage {
  input: number;
  output: number;
  cacheRead?: number;
  cacheWrite?: number;
  reasoning?: number;
}

/** How a Hermes run takes `POST …/stop`. */
export type StopBehaviour =
  /** Ends the run as cancelled, after `stopDelayMs`. */
  | 'cancel'
  /** Answers 200 and goes on. */
  | 'ignore'
  /** Never answers. */
  | 'hang'
  /** Answers 404 and goes on, as an agent that has swept its controls. */
  | 'unknown'
  /** Completes with what it has instead of cancelling. */
  | 'complete';

/** An answer instead of a stream: status, headers and body as they are. */
export interface PlainAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

export interface Script {
  steps: Step[];
  /** Only for a request whose body contains this text; other requests leave the script in the queue. */
  match?: string;
  /** Only for a request with this key; other requests leave the script in the queue. */
  key?: string;
  /** Waits before the response headers. */
  slowHeadersMs?: number;
  /** Holds the response headers until `release(name)`. */
  headersGate?: string;
  /** Answers this instead of playing the steps. */
  answer?: PlainAnswer;
  /** Hermes only: accepts the run and forgets to say its id. */
  withoutRunId?: boolean;
  onStop?: StopBehaviour;
  stopDelayMs?: number;
  /** The stream says that it is this, whatever it is. */
  contentType?: string;
  /** Hermes only: the status that a poll shows instead of the true one, as `interrupted` after a restart. */
  finalStatus?: string;
  /** Hermes only: the stream of a run tells no ids, arguments and outputs of tools, as with the real agent. */
  hidesToolDetails?: boolean;
  /** Hermes only: refuses messages into the run with 409, or takes them and gives them back unread at the end. */
  onSteer?: 'refuse' | 'leave-unread';
}

export const text = (value: string): Step => ({ do: 'text', text: value });
/** One step a word, so that a test can cut between them. */
export const words = (value: string): Step[] => (value.match(/\S+\s*/g) ?? []).map(text);
export const reasoning = (value: string): Step => ({ do: 'reasoning', text: value });
export const toolStart = (name: string, more: { id?: string; arguments?: string; preview?: string } = {}): Step => ({
  do: 'toolStart',
  name,
  ...more,
});
export const toolEnd = (
  name: string,
  more: { id?: string; output?: string; durationSeconds?: number; isError?: boolean } = {},
): Step => ({ do: 'toolEnd', name, ...more });
export const wait = (ms: number): Step => ({ do: 'wait', ms });
export const waitForRelease = (name: string): Step => ({ do: 'gate', name });
export const keepalive = (): Step => ({ do: 'keepalive' });
export const cut = (): Step => ({ do: 'cut' });
export const cutMidCharacter = (): Step => ({ do: 'cutMidCharacter' });
export const endStream = (): Step => ({ do: 'endStream' });
export const stall = (): Step => ({ do: 'stall' });
export const endlessStream = (tokensPerSecond = 50): Step => ({ do: 'endless', tokensPerSecond });
export const paced = (tokensPerSecond: number, seconds: number, stamped = false): Step => ({
  do: 'paced',
  tokensPerSecond,
  seconds,
  stamped,
});
export const approval = (
  command: string,
  more: { id?: string; description?: string; choices?: string[] } = {},
): Step => ({ do: 'approval', command, ...more });
export const fail = (message: string, type?: string): Step => ({
  do: 'fail',
  message,
  ...(type === undefined ? {} : { type }),
});
export const clarify = (question: string, more: { id?: string; choices?: string[] } = {}): Step => ({
  do: 'clarify',
  question,
  ...more,
});
export const awaitSteer = (): Step => ({ do: 'awaitSteer' });
export const cancel = (): Step => ({ do: 'cancel' });
export const raw = (value: string): Step => ({ do: 'raw', text: value });
export const frame = (data: unknown, event?: string): Step => ({
  do: 'frame',
  data,
  ...(event === undefined ? {} : { event }),
});
export const usage = (value: FakeUsage): Step => ({ do: 'usage', usage: value });
export const finish = (more: { reason?: string; usage?: FakeUsage; output?: string } = {}): Step => ({
  do: 'finish',
  ...more,
});

/** Script: answer with this status at once. A body that is not a string is sent as JSON. */
export function answer(status: number, body: unknown = '', headers: Record<string, string> = {}): Script {
  const isText = typeof body === 'string';
  return {
    steps: [],
    answer: {
      status,
      headers: { 'content-type': isText ? 'text/plain' : 'application/json', ...headers },
      body: isText ? body : JSON.stringify(body),
    },
  };
}

/** Script: 429, with `Retry-After` where one is given (seconds or an HTTP date). */
export function rateLimited(retryAfter?: string): Script {
  const body = { error: { message: 'Too many requests', type: 'rate_limit_error', code: 'rate_limit_exceeded' } };
  return answer(429, body, retryAfter === undefined ? {} : { 'retry-after': retryAfter });
}

/** Script: 429 as the agent says it when too many runs are under way; it names no time. */
export function tooManyRuns(max = 10): Script {
  return answer(429, {
    error: {
      message: `Too many concurrent runs (max ${max})`,
      type: 'invalid_request_error',
      code: 'rate_limit_exceeded',
    },
  });
}

/** Script: a web page where data were expected. */
export function webPage(status = 200): Script {
  const page = '<!doctype html><html><body><h1>Welcome</h1></body></html>';
  return answer(status, page, { 'content-type': 'text/html; charset=utf-8' });
}

/** Steps as a script, and the end that every answer needs where the steps bring none of their own. */
export function toScript(given: Script | Step[]): Script {
  const script = Array.isArray(given) ? { steps: given } : given;
  const ends = new Set<Step['do']>(['finish', 'fail', 'cancel', 'stall', 'endless']);
  const last = script.steps.at(-1);
  if (last !== undefined && ends.has(last.do)) return script;
  return { ...script, steps: [...script.steps, { do: 'finish' }] };
}

/** Says what it was told, which is enough for most tests. */
export function echoScript(input: string): Script {
  return toScript(words(`You said: ${input === '' ? 'nothing' : input}`));
}
