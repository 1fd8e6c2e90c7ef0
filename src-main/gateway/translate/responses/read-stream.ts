import type { Usage } from '#contract/events';
import { errorOf } from '../../classify-failure.ts';
import { isObject, type JsonObject, listOf, parseJson, textOf } from '../../json.ts';
import { isIdleFrame } from '../../sse-parser.ts';
import { responsesUsage } from '../../usage.ts';
import type { ReplyEvent } from '../neutral-reply.ts';
import { OpenParts } from '../open-parts.ts';
import type { StreamReader, WireFrame } from '../read-stream.ts';
import { PIECE_BREAK } from '../seal.ts';
import { readUpstreamError, unreadable } from '../upstream-error.ts';
import type { WireError } from '../wire-error.ts';
import { readResponsesFinish } from './finish.ts';
import { callOfItem, contentOfItem, sealOfItem, thinkingOfItem } from './read-item.ts';

interface OpenItem {
  /** Its part; a message has one for each piece of its content. */
  at: number | null;
  pieces: Map<string, number>;
  /** Which of its thinking is shown. */
  told: 'summary' | 'content' | null;
  /** Lengths of the pieces of a summary. */
  cuts: number[];
  grew: boolean;
}

/** A stream of responses. An end before its terminal event is a cut. */
export class ResponsesStreamReader implements StreamReader {
  readonly #parts = new OpenParts();
  readonly #items = new Map<unknown, OpenItem>();
  #usage: Usage | null = null;
  #started = false;
  #over = false;
  #hasCalls = false;
  #hasRefusal = false;

  get usage(): Usage | null {
    return this.#usage;
  }

  read(frame: WireFrame): ReplyEvent[] {
    if (this.#over) return [];
    const data = parseJson(frame.data);
    if (!isObject(data)) {
      // The agents’ servers close with chat’s word.
      if (frame.data.trim() === '[DONE]' || isIdleFrame({ ...frame, id: null })) return [];
      return this.#fail(unreadable('sent a part of its answer that is no valid JSON'));
    }
    const out: ReplyEvent[] = [];
    const item = isObject(data['item']) ? data['item'] : {};
    const at = data['output_index'];
    switch (data['type']) {
      case 'response.output_text.delta':
        this.#grow(at, `t${String(data['content_index'])}`, 'text', data['delta'], out);
        break;
      case 'response.refusal.delta':
        this.#grow(at, `r${String(data['content_index'])}`, 'refusal', data['delta'], out);
        break;
      case 'response.output_text.done':
        this.#closePiece(at, `t${String(data['content_index'])}`, out);
        break;
      case 'response.refusal.done':
        this.#closePiece(at, `r${String(data['content_index'])}`, out);
        break;
      case 'response.reasoning_summary_text.delta':
        this.#think(at, 'summary', data['summary_index'], data['delta'], out);
        break;
      case 'response.reasoning_text.delta':
        this.#think(at, 'content', data['content_index'], data['delta'], out);
        break;
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        this.#growCall(at, data['delta'], out);
        break;
      case 'response.output_item.added':
        this.#add(at, item, out);
        break;
      case 'response.output_item.done':
        this.#done(at, item, out);
        break;
      case 'response.created':
        this.#start(isObject(data['response']) ? data['response'] : {}, out);
        break;
      case 'response.completed':
      case 'response.incomplete':
        return this.#finish(isObject(data['response']) ? data['response'] : {}, out);
      case 'response.failed':
      case 'response.cancelled': {
        const response = isObject(data['response']) ? data['response'] : {};
        this.#usage = responsesUsage(response['usage']);
        return this.#fail(readUpstreamError(response['error']));
      }
      case 'error':
        return this.#fail(readUpstreamError(data));
      default: {
        // Some servers put an error where an event belongs; other events only tell of progress.
        const error = data['type'] === undefined ? errorOf(data) : null;
        if (error !== null) return this.#fail(readUpstreamError(error));
      }
    }
    return out;
  }

  end(): ReplyEvent[] {
    return [];
  }

  #start(response: JsonObject, out: ReplyEvent[]): void {
    if (this.#started) return;
    this.#started = true;
    const created = response['created_at'];
    out.push({
      type: 'start',
      id: textOf(response['id']),
      model: textOf(response['model']),
      createdS: typeof created === 'number' ? created : null,
      usage: null,
    });
  }

  #item(index: unknown): OpenItem {
    const known = this.#items.get(index);
    if (known !== undefined) return known;
    const item: OpenItem = { at: null, pieces: new Map(), told: null, cuts: [], grew: false };
    this.#items.set(index, item);
    return item;
  }

  #grow(index: unknown, key: string, type: 'text' | 'refusal', delta: unknown, out: ReplyEvent[]): void {
    const text = textOf(delta);
    if (text === null || text === '') return;
    const item = this.#item(index);
    let at = item.pieces.get(key);
    if (at === undefined) {
      at = this.#parts.open({ type }, out);
      item.pieces.set(key, at);
      if (type === 'refusal') this.#hasRefusal = true;
    }
    item.grew = true;
    this.#parts.grow(at, text, out);
  }

  #closePiece(index: unknown, key: string, out: ReplyEvent[]): void {
    const at = this.#items.get(index)?.pieces.get(key);
    if (at !== undefined) this.#parts.close(at, null, out);
  }

  #think(index: unknown, told: 'summary' | 'content', piece: unknown, delta: unknown, out: ReplyEvent[]): void {
    const text = textOf(delta);
    if (text === null || text === '') return;
    const item = this.#item(index);
    // Some servers give the thinking and a summary of it: it is shown once, as the one that comes first.
    item.told ??= told;
    if (item.told !== told) return;
    item.at ??= this.#parts.open({ type: 'thinking' }, out);
    item.grew = true;
    const number = typeof piece === 'number' && piece >= 0 && piece < 1000 ? piece : 0;
    while (item.cuts.length <= number) {
      if (item.cuts.length > 0) this.#parts.grow(item.at, PIECE_BREAK, out);
      item.cuts.push(0);
    }
    item.cuts[number] = (item.cuts[number] ?? 0) + text.length;
    this.#parts.grow(item.at, text, out);
  }

  #growCall(index: unknown, delta: unknown, out: ReplyEvent[]): void {
    const item = this.#items.get(index);
    const text = textOf(delta);
    if (item?.at == null || text === null) return;
    item.grew ||= text !== '';
    this.#parts.grow(item.at, text, out);
  }

  #add(index: unknown, wire: JsonObject, out: ReplyEvent[]): void {
    const call = callOfItem(wire);
    if (call === null) return;
    this.#hasCalls = true;
    this.#item(index).at ??= this.#parts.open({ type: 'call', id: call.id, name: call.name, custom: call.custom }, out);
  }

  /** The item as a whole: what its deltas did not say is said now. */
  #done(index: unknown, wire: JsonObject, out: ReplyEvent[]): void {
    const item = this.#item(index);
    this.#items.delete(index);
    const call = callOfItem(wire);
    if (call !== null) {
      this.#hasCalls = true;
      const at = item.at ?? this.#parts.open({ type: 'call', id: call.id, name: call.name, custom: call.custom }, out);
      if (!item.grew) this.#parts.grow(at, call.arguments, out);
      this.#parts.close(at, null, out);
    } else if (wire['type'] === 'reasoning') {
      const whole = thinkingOfItem(wire);
      const seal = sealOfItem(wire, item.grew ? item.cuts : whole.cuts);
      // A model that was not asked to show its thinking says that there was some, and nothing of it.
      if (item.at === null && whole.text === '' && seal === null) return;
      const at = item.at ?? this.#parts.open({ type: 'thinking' }, out);
      if (!item.grew) this.#parts.grow(at, whole.text, out);
      this.#parts.close(at, seal, out);
    } else if (wire['type'] === 'message') {
      if (!item.grew) {
        for (const part of contentOfItem(wire)) {
          if (part.type === 'refusal') this.#hasRefusal = true;
          const at = this.#parts.open({ type: part.type }, out);
          this.#parts.grow(at, part.text, out);
          this.#parts.close(at, null, out);
        }
      }
      for (const at of item.pieces.values()) this.#parts.close(at, null, out);
    }
  }

  #finish(response: JsonObject, out: ReplyEvent[]): ReplyEvent[] {
    this.#over = true;
    this.#start(response, out);
    this.#usage = responsesUsage(response['usage']);
    // A server that sends nothing but its last word says everything in it.
    if (this.#parts.isUnused) {
      for (const [index, item] of listOf(response['output']).filter(isObject).entries()) this.#done(index, item, out);
    }
    this.#parts.closeAll(out);
    const finish = readResponsesFinish(response, this.#hasCalls, this.#hasRefusal);
    out.push({ type: 'finish', finish, stopSequence: null, usage: this.#usage });
    return out;
  }

  #fail(error: WireError): ReplyEvent[] {
    this.#over = true;
    return [{ type: 'failed', error }];
  }
}
