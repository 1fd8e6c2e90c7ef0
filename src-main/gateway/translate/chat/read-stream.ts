import type { Usage } from '#contract/events';
import { errorOf } from '../../classify-failure.ts';
import { isObject, type JsonObject, listOf, parseJson, textOf } from '../../json.ts';
import { deltaContent, finishReasonOf } from '../../providers/openai-chat/delta-content.ts';
import { isIdleFrame } from '../../sse-parser.ts';
import { openAiUsage } from '../../usage.ts';
import type { ReplyEvent } from '../neutral-reply.ts';
import { OpenParts } from '../open-parts.ts';
import type { StreamReader, WireFrame } from '../read-stream.ts';
import type { Seal } from '../seal.ts';
import { readUpstreamError, unreadable } from '../upstream-error.ts';
import { readChatFinish } from './finish.ts';
import { addDetails, sealOfDetails } from './thinking-detail.ts';

interface Call {
  /** Its part; null until its name came. */
  at: number | null;
  id: string | null;
  arguments: string;
}

/** A stream of chat completions, of OpenAI and of everything that is a little different. */
export class ChatStreamReader implements StreamReader {
  readonly #parts = new OpenParts();
  readonly #calls = new Map<number, Call>();
  #lastIndex = -1;
  #usage: Usage | null = null;
  #finishReason: string | null = null;
  #started = false;
  #over = false;
  #hasRefusal = false;
  /** What the server wants back of its thinking and no part has taken along yet. */
  #details: JsonObject[] = [];

  get usage(): Usage | null {
    return this.#usage;
  }

  read(frame: WireFrame): ReplyEvent[] {
    if (this.#over) return [];
    if (frame.data === '[DONE]') return this.#finish();
    const chunk = parseJson(frame.data);
    if (!isObject(chunk)) {
      if (frame.data.trim() === '[DONE]') return this.#finish();
      if (isIdleFrame({ ...frame, id: null })) return [];
      return this.#fail(unreadable('sent a part of its answer that is no valid JSON'));
    }
    const error = errorOf(chunk);
    if (error !== null) return this.#fail(readUpstreamError(error));
    const out: ReplyEvent[] = [];
    this.#usage = openAiUsage(chunk['usage']) ?? this.#usage;
    const choice = listOf(chunk['choices']).find((one) => isObject(one) && (one['index'] ?? 0) === 0);
    // A chunk without choices before the first one tells of filters or figures only.
    if (!isObject(choice)) return out;
    this.#start(chunk, out);
    // A whole message instead of a delta comes from servers that do not stream a short answer.
    const delta = isObject(choice['delta']) ? choice['delta'] : choice['message'];
    if (isObject(delta)) this.#delta(delta, out);
    const reason = finishReasonOf(choice);
    if (reason === 'error') return [...out, ...this.#fail(readUpstreamError(choice['error'] ?? chunk))];
    if (reason !== null) {
      this.#finishReason = reason;
      this.#parts.closeAll(out);
    }
    return out;
  }

  end(): ReplyEvent[] {
    return this.#over || this.#finishReason === null ? [] : this.#finish();
  }

  #start(chunk: JsonObject, out: ReplyEvent[]): void {
    if (this.#started) return;
    this.#started = true;
    const created = chunk['created'];
    out.push({
      type: 'start',
      id: textOf(chunk['id']),
      model: textOf(chunk['model']),
      createdS: typeof created === 'number' ? created : null,
      usage: this.#usage,
    });
  }

  #delta(delta: JsonObject, out: ReplyEvent[]): void {
    const { text, refusal, thinking, thinkingField, details } = deltaContent(delta);
    const seal: Seal | null = thinkingField === null ? null : { by: 'chat', field: thinkingField };
    this.#parts.say('thinking', thinking, out, seal);
    addDetails(this.#details, details);
    const isThinking = this.#parts.isSaying('thinking');
    if (isThinking && this.#details.length > 0) this.#parts.reseal(sealOfDetails(this.#details));
    this.#parts.say('text', text, out);
    if (refusal !== '') this.#hasRefusal = true;
    this.#parts.say('refusal', refusal, out);
    // They left with their thinking.
    if (isThinking && !this.#parts.isSaying('thinking')) this.#details = [];
    for (const [position, call] of listOf(delta['tool_calls']).filter(isObject).entries()) {
      this.#call(call, position, out);
    }
  }

  #call(wire: JsonObject, position: number, out: ReplyEvent[]): void {
    const custom = isObject(wire['custom']) ? wire['custom'] : null;
    const inner = custom ?? (isObject(wire['function']) ? wire['function'] : {});
    const id = textOf(wire['id']) === '' ? null : textOf(wire['id']);
    const name = textOf(inner['name']) === '' ? null : textOf(inner['name']);
    const index = this.#indexOf(wire['index'], position, id, name);
    let call = this.#calls.get(index);
    // Some servers count every call as the first: another id with a name is another call, and so is a name where they give no ids
    // and the arguments are whole.
    if (call !== undefined && name !== null && isAnother(call, id)) {
      if (call.at !== null) this.#parts.close(call.at, null, out);
      call = undefined;
    }
    if (call === undefined) {
      call = { at: null, id, arguments: '' };
      this.#calls.set(index, call);
    }
    call.id ??= id;
    this.#lastIndex = index;
    if (call.at === null && name !== null) {
      this.#giveDetails(out);
      this.#closeComplete(out);
      const extra = isObject(wire['extra_content']) ? { extra: wire['extra_content'] } : {};
      call.at = this.#parts.open({ type: 'call', id: call.id, name, custom: custom !== null, ...extra }, out);
      this.#parts.grow(call.at, call.arguments, out);
    }
    const args = inner[custom === null ? 'arguments' : 'input'];
    // An object instead of its text comes from servers that were not told of the difference.
    const text = isObject(args) ? JSON.stringify(args) : (textOf(args) ?? '');
    call.arguments += text;
    if (call.at !== null) this.#parts.grow(call.at, text, out);
  }

  /** Before a call: details that came without words, or after them, are wanted back with it. */
  #giveDetails(out: ReplyEvent[]): void {
    const hasTheirThinking = this.#parts.isSaying('thinking');
    this.#parts.hush(out);
    if (this.#details.length > 0 && !hasTheirThinking) {
      this.#parts.close(this.#parts.open({ type: 'thinking' }, out), sealOfDetails(this.#details), out);
    }
    this.#details = [];
  }

  #indexOf(given: unknown, position: number, id: string | null, name: string | null): number {
    if (typeof given === 'number' && Number.isSafeInteger(given)) return given;
    if (id !== null) {
      for (const [index, call] of this.#calls) if (call.id === id) return index;
    }
    if (name !== null || this.#lastIndex < 0) return Math.max(-1, ...this.#calls.keys()) + 1;
    return position > 0 ? position : this.#lastIndex;
  }

  /** A call whose arguments are whole takes no more; it need not stay open until the end of the answer. */
  #closeComplete(out: ReplyEvent[]): void {
    for (const call of this.#calls.values()) {
      if (call.at !== null && isWhole(call)) {
        this.#parts.close(call.at, null, out);
      }
    }
  }

  #finish(): ReplyEvent[] {
    const out: ReplyEvent[] = [];
    if ([...this.#calls.values()].some((call) => call.at === null)) {
      return this.#fail(unreadable('called a tool without naming it'));
    }
    this.#over = true;
    if (!this.#started) {
      this.#started = true;
      out.push({ type: 'start', id: null, model: null, createdS: null, usage: this.#usage });
    }
    this.#parts.closeAll(out);
    const finish = readChatFinish(this.#finishReason, this.#calls.size > 0, this.#hasRefusal);
    out.push({ type: 'finish', finish, stopSequence: null, usage: this.#usage });
    return out;
  }

  #fail(error: ReturnType<typeof readUpstreamError>): ReplyEvent[] {
    this.#over = true;
    return [{ type: 'failed', error }];
  }
}

function isAnother(known: Call, id: string | null): boolean {
  if (known.id !== null || id !== null) return known.id !== null && id !== null && known.id !== id;
  return isWhole(known);
}

function isWhole(call: Call): boolean {
  return call.arguments.endsWith('}') && parseJson(call.arguments) !== null;
}
