import type { OpenedPart, ReplyEvent } from '../neutral-reply.ts';
import type { ReplyContext } from '../reply-context.ts';
import type { Seal } from '../seal.ts';
import { errorFrames, type WireError } from '../wire-error.ts';
import type { StreamWriter } from '../write-stream.ts';
import { CHAT_FINISHES } from './finish.ts';
import { thinkingDetail } from './thinking-detail.ts';
import { writeChatUsage } from './usage.ts';

interface LivePart {
  type: OpenedPart['type'];
  /** Calls are counted by themselves. */
  callIndex: number;
  custom: boolean;
  /** The text of thinking so far, for the detail that closes it; of a call only whether there was any. */
  text: string;
}

/** A stream of chat completions: the role, deltas, a finish reason, figures where they were asked for, `[DONE]`. */
export class ChatStreamWriter implements StreamWriter {
  readonly nextSequence = 0;
  readonly #context: ReplyContext;
  readonly #parts = new Map<number, LivePart>();
  #head = '';
  #tail = '';
  #calls = 0;
  #details = 0;

  constructor(context: ReplyContext) {
    this.#context = context;
  }

  write(event: ReplyEvent): string {
    switch (event.type) {
      case 'delta':
        return this.#delta(event.at, event.text);
      case 'open':
        return this.#open(event.at, event.part);
      case 'close':
        return this.#close(event.at, event.seal);
      case 'start':
        return this.#start(event);
      case 'finish':
        return this.#finish(event);
      case 'failed':
        return this.fail(event.error);
    }
  }

  fail(error: WireError): string {
    return errorFrames('openai-chat', error);
  }

  #start(event: Extract<ReplyEvent, { type: 'start' }>): string {
    const common = JSON.stringify({
      id: event.id ?? this.#context.replyId,
      object: 'chat.completion.chunk',
      created: event.createdS ?? this.#context.createdS,
      model: event.model ?? this.#context.model,
    });
    this.#head = `data: ${common.slice(0, -1)}`;
    // Who asked for figures finds the field in every chunk, empty before the last.
    this.#tail = this.#context.includeUsage ? ',"usage":null}\n\n' : '}\n\n';
    return this.#chunk('{"role":"assistant","content":""}', null);
  }

  #chunk(delta: string, finishReason: string | null): string {
    const finish = finishReason === null ? 'null' : `"${finishReason}"`;
    return `${this.#head},"choices":[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finish}}]${this.#tail}`;
  }

  #open(at: number, part: OpenedPart): string {
    const custom = part.type === 'call' && part.custom;
    const live: LivePart = { type: part.type, callIndex: 0, custom, text: '' };
    this.#parts.set(at, live);
    if (part.type !== 'call') return '';
    live.callIndex = this.#calls++;
    const inner = custom
      ? { custom: { name: part.name, input: '' } }
      : { function: { name: part.name, arguments: '' } };
    const call = { index: live.callIndex, id: part.id, type: custom ? 'custom' : 'function', ...inner };
    return this.#chunk(JSON.stringify({ tool_calls: [call] }), null);
  }

  #delta(at: number, text: string): string {
    const part = this.#parts.get(at);
    if (part === undefined) return '';
    const json = JSON.stringify(text);
    switch (part.type) {
      case 'text':
        return this.#chunk(`{"content":${json}}`, null);
      case 'refusal':
        return this.#chunk(`{"refusal":${json}}`, null);
      case 'thinking':
        part.text += text;
        return this.#chunk(`{"reasoning_content":${json}}`, null);
      case 'call': {
        part.text = ' ';
        const inner = part.custom ? `"custom":{"input":${json}}` : `"function":{"arguments":${json}}`;
        return this.#chunk(`{"tool_calls":[{"index":${part.callIndex},${inner}}]}`, null);
      }
    }
  }

  #close(at: number, seal: Seal | null): string {
    const part = this.#parts.get(at);
    // A call without arguments has an empty object: clients parse what they get.
    const rest = part?.type === 'call' && part.text === '' && !part.custom ? this.#delta(at, '{}') : '';
    this.#parts.delete(at);
    if (part?.type !== 'thinking' || seal === null || seal.by === 'chat') return rest;
    const detail = thinkingDetail(part.text, seal, this.#details++);
    return this.#chunk(JSON.stringify({ reasoning_details: [detail] }), null);
  }

  #finish(event: Extract<ReplyEvent, { type: 'finish' }>): string {
    const usage = this.#context.includeUsage ? writeChatUsage(event.usage) : null;
    const figures = usage === null ? '' : `${this.#head},"choices":[],"usage":${JSON.stringify(usage)}}\n\n`;
    return `${this.#chunk('{}', CHAT_FINISHES[event.finish])}${figures}data: [DONE]\n\n`;
  }
}
