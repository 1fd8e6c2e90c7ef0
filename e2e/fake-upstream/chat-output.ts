import type { ServerResponse } from 'node:http';
import type { ScriptOutput } from './play-script.ts';
import { destroySocket, sendJson, write } from './read-request.ts';
import type { FakeUsage, Step } from './script.ts';

/** The wire form of one protocol whose answer dies with its connection. Stateful: one object an answer. */
export interface ChatFormat {
  /** Frames at the beginning of a stream. */
  open(): string[];
  text(text: string): string[];
  reasoning(text: string): string[];
  toolStart(step: Extract<Step, { do: 'toolStart' }>): string[];
  /** Absent where whoever asked runs the tool. */
  toolEnd?(step: Extract<Step, { do: 'toolEnd' }>): string[];
  fail(step: Extract<Step, { do: 'fail' }>): string[];
  finish(reason: string | null, usage: FakeUsage | null): string[];
  /** The answer as one JSON body, for a request without `stream`. */
  whole(reason: string | null, usage: FakeUsage | null): unknown;
}

/** Streams a script as one HTTP answer, or collects it into one JSON body. */
export class ChatOutput implements ScriptOutput {
  readonly survivesCut = false;
  readonly signal: AbortSignal;
  readonly #response: ServerResponse;
  readonly #format: ChatFormat;
  readonly #isStream: boolean;
  #usage: FakeUsage | null = null;

  constructor(response: ServerResponse, format: ChatFormat, isStream: boolean, signal: AbortSignal) {
    this.#response = response;
    this.#format = format;
    this.#isStream = isStream;
    this.signal = signal;
  }

  async open(contentType: string): Promise<void> {
    if (!this.#isStream) return;
    this.#response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-cache' });
    this.#response.flushHeaders();
    await this.#send(this.#format.open());
  }

  text(text: string): Promise<void> {
    return this.#send(this.#format.text(text));
  }

  reasoning(text: string): Promise<void> {
    return this.#send(this.#format.reasoning(text));
  }

  async reasoningAvailable(): Promise<void> {
    // Only Hermes has it.
  }

  toolStart(step: Extract<Step, { do: 'toolStart' }>): Promise<void> {
    return this.#send(this.#format.toolStart(step));
  }

  async toolEnd(step: Extract<Step, { do: 'toolEnd' }>): Promise<void> {
    await this.#send(this.#format.toolEnd?.(step) ?? []);
  }

  async approval(): Promise<void> {
    // Only Hermes runs have it.
  }

  async clarify(): Promise<void> {
    // Only Hermes runs have it.
  }

  async awaitSteer(): Promise<void> {
    // Only Hermes runs have it.
  }

  frame(data: unknown, event: string | null): Promise<void> {
    return this.raw(`${event === null ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`);
  }

  async raw(bytes: string | Uint8Array): Promise<void> {
    if (this.#isStream) await write(this.#response, bytes);
  }

  usage(usage: FakeUsage): void {
    this.#usage = usage;
  }

  async cut(): Promise<void> {
    await destroySocket(this.#response);
  }

  async endStream(): Promise<void> {
    this.#response.end();
  }

  async fail(step: Extract<Step, { do: 'fail' }>): Promise<void> {
    if (!this.#isStream) {
      sendJson(this.#response, 500, { error: { message: step.message, type: step.type ?? 'api_error' } });
      return;
    }
    await this.#send(this.#format.fail(step));
    this.#response.end();
  }

  async cancel(): Promise<void> {
    this.#response.end();
  }

  async finish(step: Extract<Step, { do: 'finish' }>): Promise<void> {
    const usage = step.usage ?? this.#usage;
    if (!this.#isStream) {
      sendJson(this.#response, 200, this.#format.whole(step.reason ?? null, usage));
      return;
    }
    await this.#send(this.#format.finish(step.reason ?? null, usage));
    this.#response.end();
  }

  async #send(frames: string[]): Promise<void> {
    if (this.#isStream) for (const frame of frames) await write(this.#response, frame);
  }
}
