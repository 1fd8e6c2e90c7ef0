import type { Usage } from '#contract/events';
import { isObject, type JsonObject, listOf, parseJson, textOf } from '../../json.ts';
import { type FailureContext, mapErrorObject, mapUnreadable, type UnreadableWord } from '../../map-error.ts';
import { lostConnection } from '../../map-network-error.ts';
import { isIdleFrame, type SseFrame } from '../../sse-parser.ts';
import type { FrameDecoder } from '../../stream-events.ts';
import { ToolCallAssembler } from '../../tool-call-assembler.ts';
import type { UpstreamEvent, UpstreamTerminal } from '../../upstream-event.ts';
import { anthropicUsage } from '../../usage.ts';

/** The provider's words for an end, in those of a transcript. */
const FINISH_REASONS = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['tool_use', 'tool_calls'],
  ['refusal', 'content_filter'],
]);

/** The frames of a messages stream. An end before `message_stop` is a cut, never an answer (BUG-D8). */
export class AnthropicDecoder implements FrameDecoder {
  readonly #context: FailureContext;
  readonly #tools = new ToolCallAssembler();
  readonly #thinkingBlocks = new Set<unknown>();
  /** Figures come in parts and cumulative; later ones replace earlier ones field by field. */
  #wireUsage: JsonObject = {};
  #finishReason = 'stop';
  #frames = 0;

  constructor(context: FailureContext) {
    this.#context = context;
  }

  get usage(): Usage | null {
    return anthropicUsage(this.#wireUsage);
  }

  decode(frame: SseFrame): UpstreamEvent[] {
    if (isIdleFrame(frame)) return [];
    this.#frames++;
    const data = parseJson(frame.data);
    if (!isObject(data)) return [this.#unreadable('what_broken_json')];
    switch (data['type']) {
      case 'message_start':
        return this.#note(isObject(data['message']) ? data['message']['usage'] : null);
      case 'content_block_start':
        return this.#blockStart(data['index'], isObject(data['content_block']) ? data['content_block'] : {});
      case 'content_block_delta':
        return this.#blockDelta(data['index'], isObject(data['delta']) ? data['delta'] : {});
      case 'content_block_stop':
        if (this.#thinkingBlocks.delete(data['index'])) return [{ type: 'reasoning-end', text: '' }];
        return typeof data['index'] === 'number' ? this.#tools.complete(data['index']) : [];
      case 'message_delta': {
        const reason = isObject(data['delta']) ? textOf(data['delta']['stop_reason']) : null;
        if (reason !== null) this.#finishReason = FINISH_REASONS.get(reason) ?? reason;
        return this.#note(data['usage']);
      }
      case 'message_stop':
        return [...this.#tools.completeAll(), this.#completed()];
      case 'error':
        return [{ type: 'failed', error: mapErrorObject(data, this.#context), usage: this.usage }];
      default:
        // `ping`, and whatever comes to be: the protocol asks clients to let unknown events pass.
        return [];
    }
  }

  end(): UpstreamEvent[] {
    if (this.#frames === 0) return [this.#unreadable('what_nothing')];
    return [{ type: 'failed', error: lostConnection(null, this.#context.upstream).toAppError(), usage: this.usage }];
  }

  /** The events of an answer that came as one body instead of a stream. */
  decodeWhole(body: JsonObject): UpstreamEvent[] {
    const events: UpstreamEvent[] = [...this.#note(body['usage'])];
    for (const [index, block] of listOf(body['content']).filter(isObject).entries()) {
      events.push(...this.#blockStart(index, block));
      if (block['type'] === 'tool_use') {
        events.push(...this.#tools.grow(index, JSON.stringify(block['input'] ?? {})), ...this.#tools.complete(index));
      }
    }
    const reason = textOf(body['stop_reason']);
    if (reason !== null) this.#finishReason = FINISH_REASONS.get(reason) ?? reason;
    return [...events, this.#completed()];
  }

  #blockStart(index: unknown, block: JsonObject): UpstreamEvent[] {
    switch (block['type']) {
      case 'text':
        return text(block['text']);
      case 'thinking':
        this.#thinkingBlocks.add(index);
        return reasoning(block['thinking']);
      case 'tool_use':
      case 'server_tool_use': {
        const name = textOf(block['name']);
        return name === null || typeof index !== 'number' ? [] : this.#tools.begin(index, textOf(block['id']), name);
      }
      default:
        return [];
    }
  }

  #blockDelta(index: unknown, delta: JsonObject): UpstreamEvent[] {
    switch (delta['type']) {
      case 'text_delta':
        return text(delta['text']);
      case 'thinking_delta':
        return reasoning(delta['thinking']);
      case 'input_json_delta':
        return typeof index === 'number' ? this.#tools.grow(index, textOf(delta['partial_json']) ?? '') : [];
      default:
        // Signatures and citations are for whoever sends the blocks back.
        return [];
    }
  }

  #note(usage: unknown): UpstreamEvent[] {
    if (!isObject(usage)) return [];
    for (const [field, value] of Object.entries(usage)) if (value !== null) this.#wireUsage[field] = value;
    const known = this.usage;
    return known === null ? [] : [{ type: 'usage', usage: known }];
  }

  #completed(): UpstreamTerminal {
    return { type: 'completed', output: null, finishReason: this.#finishReason, usage: this.usage };
  }

  #unreadable(what: UnreadableWord): UpstreamTerminal {
    return { type: 'failed', error: mapUnreadable(what, this.#context, 200), usage: this.usage };
  }
}

function text(value: unknown): UpstreamEvent[] {
  return typeof value === 'string' && value !== '' ? [{ type: 'text', text: value }] : [];
}

function reasoning(value: unknown): UpstreamEvent[] {
  return typeof value === 'string' && value !== '' ? [{ type: 'reasoning', text: value }] : [];
}
