import type { Usage } from '#contract/events';
import { isObject, type JsonObject, listOf, parseJson, textOf } from '../../json.ts';
import { type FailureContext, mapErrorObject, mapUnreadable, type UnreadableWord } from '../../map-error.ts';
import { lostConnection } from '../../map-network-error.ts';
import { isIdleFrame, type SseFrame } from '../../sse-parser.ts';
import type { FrameDecoder } from '../../stream-events.ts';
import { toolPreview } from '../../tool-preview.ts';
import type { UpstreamEvent, UpstreamTerminal } from '../../upstream-event.ts';
import { responsesUsage } from '../../usage.ts';

/** The protocol's words for an early end, in those of a transcript. */
const FINISH_REASONS = new Map([['max_output_tokens', 'length']]);

interface Call {
  callId: string;
  name: string;
  arguments: string;
  /** The arguments of which was told; null before the first word. */
  told: string | null;
  isOver: boolean;
}

/** The events of a `/v1/responses` stream. An end without a terminal event is a cut, never an answer (BUG-D8). */
export class ResponseDecoder implements FrameDecoder {
  readonly #context: FailureContext;
  /** By the item's id and by the call's: an agent names one of them in each event. */
  readonly #calls = new Map<string, Call>();
  #usage: Usage | null = null;
  #frames = 0;
  #hasText = false;
  /** Text of the message that is being streamed: its closing event repeats it. */
  #messageText = '';
  #isThinking = false;

  constructor(context: FailureContext) {
    this.#context = context;
  }

  get usage(): Usage | null {
    return this.#usage;
  }

  decode(frame: SseFrame): UpstreamEvent[] {
    if (isIdleFrame(frame)) return [];
    // Some servers close with the word of another protocol, after the event that counts.
    if (frame.data.trim() === '[DONE]') return [];
    this.#frames++;
    const event = parseJson(frame.data);
    if (!isObject(event)) return [this.#unreadable('what_broken_json')];
    switch (textOf(event['type']) ?? frame.event) {
      case 'response.output_text.delta':
      case 'response.refusal.delta':
        return this.#text(textOf(event['delta']) ?? '');
      case 'response.output_text.done':
        return this.#restOfMessage(textOf(event['text']) ?? '');
      case 'response.reasoning_text.delta':
      case 'response.reasoning_summary_text.delta':
        return this.#reasoning(textOf(event['delta']) ?? '');
      case 'response.reasoning_summary_part.added':
        // A summary's pieces are paragraphs of their own.
        return this.#isThinking ? this.#reasoning('\n\n') : [];
      case 'response.output_item.added':
        return isObject(event['item']) ? this.#itemBegins(event['item']) : [];
      case 'response.output_item.done':
        return isObject(event['item']) ? this.#itemEnds(event['item']) : [];
      case 'response.function_call_arguments.delta':
        this.#grow(event);
        return [];
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
      case 'response.cancelled':
        return this.#terminal(isObject(event['response']) ? event['response'] : {}, event);
      case 'error':
        return [this.#failed(isObject(event['error']) ? event['error'] : { ...event, type: event['code'] })];
      default:
        // Created, in progress, parts of items: nothing that the others do not say.
        return [];
    }
  }

  /** A response that came as one JSON body. */
  decodeWhole(response: JsonObject): UpstreamEvent[] {
    const items = listOf(response['output']).filter(isObject);
    return [...items.flatMap((item) => this.#wholeItem(item)), ...this.#terminal(response, {})];
  }

  end(): UpstreamEvent[] {
    if (this.#frames === 0) return [this.#unreadable('what_nothing')];
    const error = lostConnection(null, this.#context.upstream).toAppError();
    return [{ type: 'failed', error, usage: this.#usage }];
  }

  #text(text: string): UpstreamEvent[] {
    if (text === '') return [];
    this.#hasText = true;
    this.#messageText += text;
    return [...this.#endThinking(), { type: 'text', text }];
  }

  /** What a message's closing event has and its deltas had not. */
  #restOfMessage(whole: string): UpstreamEvent[] {
    const rest = whole.startsWith(this.#messageText) ? whole.slice(this.#messageText.length) : '';
    return this.#text(rest);
  }

  #reasoning(text: string): UpstreamEvent[] {
    if (text === '') return [];
    this.#isThinking = true;
    return [{ type: 'reasoning', text }];
  }

  #endThinking(): UpstreamEvent[] {
    if (!this.#isThinking) return [];
    this.#isThinking = false;
    return [{ type: 'reasoning-end', text: '' }];
  }

  #itemBegins(item: JsonObject): UpstreamEvent[] {
    switch (item['type']) {
      case 'message':
        this.#messageText = '';
        return [];
      case 'function_call':
        return [...this.#endThinking(), ...this.#callBegins(item)];
      case 'function_call_output':
        return this.#callEnds(item);
      default:
        return [];
    }
  }

  #itemEnds(item: JsonObject): UpstreamEvent[] {
    switch (item['type']) {
      case 'reasoning':
        return this.#endThinking();
      case 'function_call':
        return [...this.#callBegins(item), ...this.#argumentsKnown(item)];
      case 'function_call_output':
        return this.#callEnds(item);
      default:
        return [];
    }
  }

  #wholeItem(item: JsonObject): UpstreamEvent[] {
    if (item['type'] === 'message') return this.#text(messageText(item));
    if (item['type'] === 'reasoning') return [...this.#reasoning(thinkingText(item)), ...this.#endThinking()];
    return [...this.#itemBegins(item), ...this.#itemEnds(item)];
  }

  #callBegins(item: JsonObject): UpstreamEvent[] {
    const itemId = textOf(item['id']);
    const callId = textOf(item['call_id']) ?? itemId ?? `call_${this.#calls.size + 1}`;
    if (this.#calls.has(callId)) return [];
    const call: Call = {
      callId,
      name: textOf(item['name']) ?? 'tool',
      arguments: textOf(item['arguments']) ?? '',
      told: null,
      isOver: false,
    };
    this.#calls.set(callId, call);
    if (itemId !== null) this.#calls.set(itemId, call);
    return [tell(call)];
  }

  #grow(event: JsonObject): void {
    const call = this.#calls.get(textOf(event['call_id']) ?? textOf(event['item_id']) ?? '');
    if (call !== undefined) call.arguments += textOf(event['delta']) ?? '';
  }

  #argumentsKnown(item: JsonObject): UpstreamEvent[] {
    const call = this.#calls.get(textOf(item['call_id']) ?? textOf(item['id']) ?? '');
    if (call === undefined) return [];
    const whole = textOf(item['arguments']) ?? '';
    if (whole !== '') call.arguments = whole;
    return call.arguments === call.told ? [] : [tell(call)];
  }

  /** An output comes with the item's beginning, its end, or both. */
  #callEnds(item: JsonObject): UpstreamEvent[] {
    const callId = textOf(item['call_id']);
    const call = callId === null ? undefined : this.#calls.get(callId);
    const hasOutput = item['output'] !== undefined && item['output'] !== null;
    if (call?.isOver === true || !hasOutput) return [];
    if (call !== undefined) call.isOver = true;
    return [
      {
        type: 'tool-end',
        callId,
        name: call?.name ?? textOf(item['name']) ?? 'tool',
        durationSeconds: null,
        isError: item['status'] === 'failed' || item['is_error'] === true,
        output: partsText(item['output']),
      },
    ];
  }

  #terminal(response: JsonObject, event: JsonObject): UpstreamEvent[] {
    this.#usage = responsesUsage(response['usage']) ?? this.#usage;
    const status = textOf(response['status']) ?? String(event['type'] ?? '').replace('response.', '');
    switch (status) {
      case 'failed':
        return [this.#failed(response['error'] ?? event['error'] ?? {})];
      case 'cancelled':
        return [{ type: 'cancelled', usage: this.#usage }];
      default: {
        const messages = listOf(response['output']).filter(isObject).map(messageText);
        const output = messages.filter((text) => text !== '').join('\n\n');
        const details = isObject(response['incomplete_details']) ? response['incomplete_details'] : {};
        const reason = status === 'incomplete' ? (textOf(details['reason']) ?? 'length') : 'stop';
        return [
          ...this.#endThinking(),
          // Where nothing was streamed the closing snapshot is the answer.
          ...(this.#hasText ? [] : this.#text(output)),
          {
            type: 'completed',
            output: output === '' ? null : output,
            finishReason: FINISH_REASONS.get(reason) ?? reason,
            usage: this.#usage,
          },
        ];
      }
    }
  }

  #failed(error: unknown): UpstreamTerminal {
    return { type: 'failed', error: mapErrorObject(error, this.#context), usage: this.#usage };
  }

  #unreadable(what: UnreadableWord): UpstreamTerminal {
    return { type: 'failed', error: mapUnreadable(what, this.#context, 200), usage: this.#usage };
  }
}

function tell(call: Call): UpstreamEvent {
  call.told = call.arguments;
  const known = call.arguments === '' ? null : call.arguments;
  return {
    type: 'tool-start',
    callId: call.callId,
    name: call.name,
    preview: known === null ? null : toolPreview(known),
    arguments: known,
  };
}

function messageText(item: JsonObject): string {
  return item['type'] === 'message' ? partsText(item['content']) : '';
}

/** A summary where there is one, else the thinking itself, which open models give. */
function thinkingText(item: JsonObject): string {
  const summary = listOf(item['summary'])
    .filter(isObject)
    .map((piece) => textOf(piece['text']) ?? '');
  return summary.length > 0 ? summary.join('\n\n') : partsText(item['content']);
}

/** Text as it is, or the texts of a list of parts. */
function partsText(content: unknown): string {
  if (typeof content === 'string') return content;
  return listOf(content)
    .map((part) => (isObject(part) ? (textOf(part['text']) ?? textOf(part['refusal']) ?? '') : ''))
    .join('');
}
