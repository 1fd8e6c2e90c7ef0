import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  errorBody,
  parseExactJson,
  type Translation,
  TranslationFailure,
  translateRequest,
  type WireProtocol,
} from '../translation.ts';
import { framesOf, throughStream } from './wire-frames.ts';

const PATHS = new Map<string, WireProtocol>([
  ['/v1/messages', 'anthropic-messages'],
  ['/v1/chat/completions', 'openai-chat'],
  ['/v1/responses', 'openai-responses'],
]);

/** An upstream's answer: a whole one, or the text of a stream. */
export type Upstream = (body: Record<string, unknown>) => { whole: unknown } | { stream: string };

/** The smallest server in which the translation is the only thing between an official client and a scripted upstream. */
export class TranslatingServer {
  readonly #server: Server;
  /** What the upstream was asked, newest last. */
  readonly asked: Record<string, unknown>[] = [];
  last: Translation | null = null;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(upstreamProtocol: WireProtocol, upstream: Upstream): Promise<TranslatingServer> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const client = PATHS.get(request.url ?? '') ?? 'anthropic-messages';
        try {
          const body = parseExactJson(Buffer.concat(chunks).toString()) as Record<string, unknown>;
          const translation = translateRequest(client, upstreamProtocol, body, {
            model: 'up-model',
            thinking: 'as-asked',
            nowMs: 1_700_000_000_000,
          });
          started.last = translation;
          started.asked.push(JSON.parse(JSON.stringify(translation.body)) as Record<string, unknown>);
          const answer = upstream(translation.body);
          if ('whole' in answer) {
            const reply = translation.reply(answer.whole);
            response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
          } else {
            const { text } = throughStream(translation.stream(), framesOf(answer.stream));
            response.writeHead(200, { 'content-type': 'text/event-stream' }).end(text);
          }
        } catch (error) {
          if (!(error instanceof TranslationFailure)) throw error;
          const said = { status: error.status, code: 'invalid_payload', message: error.message, retryAfterS: null };
          response
            .writeHead(error.status, { 'content-type': 'application/json' })
            .end(JSON.stringify(errorBody(client, said)));
        }
      });
    });
    const started = new TranslatingServer(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return started;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
