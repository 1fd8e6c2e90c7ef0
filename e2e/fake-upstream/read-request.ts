import type { IncomingMessage, ServerResponse } from 'node:http';

/** The whole body as text. */
export async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

export function parseJson(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    // A test may send anything; what is no JSON is kept as text.
    return text;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What the person said last, in any of the three request shapes. */
export function inputOf(body: unknown): string {
  if (!isRecord(body)) return '';
  if ('input' in body) return contentText(body['input']);
  const messages = Array.isArray(body['messages']) ? (body['messages'] as unknown[]) : [];
  const last = messages.findLast((message) => isRecord(message) && message['role'] === 'user');
  return isRecord(last) ? contentText(last['content']) : '';
}

function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: unknown) => {
      if (!isRecord(part)) return '';
      return typeof part['text'] === 'string' ? part['text'] : contentText(part['content']);
    })
    .filter((part) => part !== '')
    .join('\n');
}

/** The session a run counts under: a `[session:x]` in the text, else the session id of the body. */
export function sessionOf(body: unknown): string {
  const marked = /\[session:([\w-]+)\]/.exec(inputOf(body))?.[1];
  if (marked !== undefined) return marked;
  const id = isRecord(body) ? body['session_id'] : undefined;
  return typeof id === 'string' ? id : 'none';
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** Writes and waits until the client takes more. Resolves when the connection is gone, too. */
export function write(response: ServerResponse, chunk: string | Uint8Array): Promise<void> {
  if (response.destroyed || response.writableEnded) return Promise.resolve();
  if (response.write(chunk)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}

const cutByUs = new WeakSet<ServerResponse>();

/** A signal that aborts when the client closes before the answer is complete; `onAbort` is told when it saw that. */
export function clientGone(response: ServerResponse, onAbort: () => void): AbortSignal {
  const controller = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished && !cutByUs.has(response)) onAbort();
    controller.abort();
  });
  return controller.signal;
}

/** Destroys the connection from this side, once what was written has left. */
export async function destroySocket(response: ServerResponse): Promise<void> {
  cutByUs.add(response);
  // A turn of the loop, so that bytes just written reach the network before the reset.
  await new Promise((resolve) => setTimeout(resolve, 5));
  response.destroy();
}
