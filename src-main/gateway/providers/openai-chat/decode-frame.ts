import type { Usage } from '#contract/events';
import { isObject, type JsonObject, listOf, parseJson, textOf } from '../../json.ts';
import { errorOf, type FailureContext, mapErrorObject, mapUnreadable, type UnreadableWord } from '../../map-error.ts';
import { lostConnection } from '../../map-network-error.ts';
import { isIdleFrame, type SseFrame } from '../../sse-parser.ts';
import type { FrameDecoder } from '../../stream-events.ts';
import { ToolCallAssembler } from '../../tool-call-assembler.ts';
import type { UpstreamEvent, UpstreamTerminal } from '../../upstream-event.ts';
import { openAiUsage } from '../../usage.ts';
import { deltaContent, finishReasonOf } from './delta-content.ts';

/** The frames of a chat-completions stream. An end without `finish_reason` and `[DONE]` is a cut, never an answer. */
export class OpenAiDecoder implements FrameDecoder {
  readonly #context: FailureContext;
  readonly #tools = new ToolCallAssembler();
  #usage: Usage | null = null;
  #finishReason: string | null = null;
  #isThinking = false;
  #frames = 0;

  constructor(context: FailureContext) {
    this.#context = context;
  }

  get usage(): Usage | null {
    return this.#usage;
  }

  decode(frame: SseFrame): UpstreamEvent[] {
    if (isIdleFrame(frame)) return [];
    this.#frames++;
    if (frame.data.trim() === '[DONE]') return [...this.#tools.completeAll(), this.#completed()];
    const chunk = parseJson(frame.data);
    const error = errorOf(chunk);
    if (error !== null) return [this.#failed(error)];
    if (frame.event === 'hermes.tool.progress') return isObject(chunk) ? toolProgress(chunk) : [];
    if (!isObject(chunk)) return [this.#unreadable('what_broken_json')];
    const events: UpstreamEvent[] = [];
    const usage = openAiUsage(chunk['usage']);
    if (usage !== null) {
      this.#usage = usage;
      events.push({ type: 'usage', usage });
    }
    const choice = listOf(chunk['choices']).find((one) => isObject(one) && (one['index'] ?? 0) === 0);
    if (!isObject(choice)) return events;
    // A whole `message` instead of a `delta` comes from servers that do not stream a short answer.
    const delta = isObject(choice['delta']) ? choice['delta'] : choice['message'];
    if (isObject(delta)) events.push(...this.#delta(delta));
    const reason = finishReasonOf(choice);
    if (reason === 'error') return [...events, this.#failed(choice['error'] ?? { message: textOf(chunk['message']) })];
    if (reason !== null) {
      this.#finishReason = reason;
      events.push(...this.#tools.completeAll());
    }
    return events;
  }

  end(): UpstreamEvent[] {
    if (this.#finishReason !== null) return [...this.#tools.completeAll(), this.#completed()];
    if (this.#frames === 0) return [this.#unreadable('what_nothing')];
    const error = lostConnection(null, this.#context.upstream).toAppError();
    return [{ type: 'failed', error, usage: this.#usage }];
  }

  #delta(delta: JsonObject): UpstreamEvent[] {
    const events: UpstreamEvent[] = [];
    const { text, thinking } = contentOf(delta);
    if (thinking !== '') {
      this.#isThinking = true;
      events.push({ type: 'reasoning', text: thinking });
    }
    const calls = listOf(delta['tool_calls']).filter(isObject);
    if (this.#isThinking && (text !== '' || calls.length > 0)) {
      this.#isThinking = false;
      events.push({ type: 'reasoning-end', text: '' });
    }
    if (text !== '') events.push({ type: 'text', text });
    for (const [position, call] of calls.entries()) {
      const fn = isObject(call['function']) ? call['function'] : {};
      const index = typeof call['index'] === 'number' ? call['index'] : position;
      const name = textOf(fn['name']);
      if (name !== null && name !== '') events.push(...this.#tools.begin(index, textOf(call['id']), name));
      events.push(...this.#tools.grow(index, textOf(fn['arguments']) ?? ''));
    }
    return events;
  }

  #completed(): UpstreamTerminal {
    const finishReason = this.#finishReason ?? (this.#tools.hasCalls ? 'tool_calls' : 'stop');
    return { type: 'completed', output: null, finishReason, usage: this.#usage };
  }

  #failed(error: unknown): UpstreamTerminal {
    return { type: 'failed', error: mapErrorObject(error, this.#context), usage: this.#usage };
  }

  #unreadable(what: UnreadableWord): UpstreamTerminal {
    return { type: 'failed', error: mapUnreadable(what, this.#context, 200), usage: this.#usage };
  }
}

/** Text and thinking of a delta; a refusal is what the model says. */
function contentOf(delta: JsonObject): { text: string; thinking: string } {
  const { text, refusal, thinking } = deltaContent(delta);
  return { text: typeof delta['content'] === 'string' ? text : refusal + text, thinking };
}

/** Hermes tells of its own tools beside the protocol. */
function toolProgress(data: JsonObject): UpstreamEvent[] {
  const name = textOf(data['tool']);
  if (name === null) return [];
  const callId = textOf(data['toolCallId']);
  if (data['status'] === 'completed') {
    return [{ type: 'tool-end', callId, name, durationSeconds: null, isError: false, output: null }];
  }
  return [{ type: 'tool-start', callId, name, preview: textOf(data['label']), arguments: null }];
}
