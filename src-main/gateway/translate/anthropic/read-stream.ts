import type { Usage } from '#contract/events';
import { isObject, type JsonObject, parseJson, textOf } from '../../json.ts';
import { isIdleFrame } from '../../sse-parser.ts';
import { anthropicUsage } from '../../usage.ts';
import type { ReplyEvent } from '../neutral-reply.ts';
import { OpenParts } from '../open-parts.ts';
import type { StreamReader, WireFrame } from '../read-stream.ts';
import type { Seal } from '../seal.ts';
import { readUpstreamError, unreadable } from '../upstream-error.ts';
import { readAnthropicFinish, readExplanation } from './finish.ts';

interface Block {
  at: number;
  isCall: boolean;
  signature: string | null;
  redacted: string | null;
  /** Arguments that came with the beginning, for servers that send no deltas. */
  input: string;
  grew: boolean;
}

/** A stream of messages. An end before `message_stop` is a cut, never an answer (BUG-D8). */
export class AnthropicStreamReader implements StreamReader {
  readonly #parts = new OpenParts();
  readonly #blocks = new Map<unknown, Block>();
  /** Figures come in parts and cumulative; later ones replace earlier ones field by field. */
  #wireUsage: JsonObject = {};
  #stopReason: string | null = null;
  #hasCalls = false;
  #stopSequence: string | null = null;
  /** Why the provider ended it, in its words. */
  #explanation: string | null = null;
  #over = false;

  get usage(): Usage | null {
    return anthropicUsage(this.#wireUsage);
  }

  read(frame: WireFrame): ReplyEvent[] {
    if (this.#over) return [];
    const data = parseJson(frame.data);
    if (!isObject(data)) {
      if (isIdleFrame({ ...frame, id: null })) return [];
      this.#over = true;
      return [{ type: 'failed', error: unreadable('sent a part of its answer that is no valid JSON') }];
    }
    const out: ReplyEvent[] = [];
    switch (data['type']) {
      case 'content_block_delta':
        this.#delta(data['index'], isObject(data['delta']) ? data['delta'] : {}, out);
        break;
      case 'content_block_start':
        this.#open(data['index'], isObject(data['content_block']) ? data['content_block'] : {}, out);
        break;
      case 'content_block_stop':
        this.#close(data['index'], out);
        break;
      case 'message_start': {
        const message = isObject(data['message']) ? data['message'] : {};
        this.#note(message['usage']);
        out.push({
          type: 'start',
          id: textOf(message['id']),
          model: textOf(message['model']),
          createdS: null,
          usage: this.usage,
        });
        break;
      }
      case 'message_delta': {
        const delta = isObject(data['delta']) ? data['delta'] : {};
        this.#stopReason = textOf(delta['stop_reason']) ?? this.#stopReason;
        this.#stopSequence = textOf(delta['stop_sequence']) ?? this.#stopSequence;
        this.#explanation = readExplanation(delta) ?? this.#explanation;
        this.#note(data['usage']);
        break;
      }
      case 'message_stop':
        this.#over = true;
        for (const index of this.#blocks.keys()) this.#close(index, out);
        this.#parts.say('refusal', this.#explanation ?? '', out);
        this.#parts.closeAll(out);
        out.push({
          type: 'finish',
          finish: readAnthropicFinish(this.#stopReason, this.#hasCalls),
          stopSequence: this.#stopSequence,
          usage: this.usage,
        });
        break;
      case 'error':
        this.#over = true;
        out.push({ type: 'failed', error: readUpstreamError(data) });
        break;
      default:
      // `ping`, and whatever comes to be: the protocol asks clients to let unknown events pass.
    }
    return out;
  }

  end(): ReplyEvent[] {
    return [];
  }

  #open(index: unknown, block: JsonObject, out: ReplyEvent[]): void {
    const opened: Block = { at: 0, isCall: false, signature: null, redacted: null, input: '', grew: false };
    switch (block['type']) {
      case 'text':
        opened.at = this.#parts.open({ type: 'text' }, out);
        this.#parts.grow(opened.at, textOf(block['text']) ?? '', out);
        break;
      case 'thinking':
        opened.at = this.#parts.open({ type: 'thinking' }, out);
        opened.signature = textOf(block['signature']);
        this.#parts.grow(opened.at, textOf(block['thinking']) ?? '', out);
        break;
      case 'redacted_thinking':
        opened.at = this.#parts.open({ type: 'thinking' }, out);
        opened.redacted = textOf(block['data']) ?? '';
        break;
      case 'tool_use': {
        const name = textOf(block['name']) ?? '';
        opened.at = this.#parts.open({ type: 'call', id: textOf(block['id']), name, custom: false }, out);
        opened.isCall = true;
        this.#hasCalls = true;
        const input = block['input'];
        opened.input = isObject(input) && Object.keys(input).length > 0 ? JSON.stringify(input) : '';
        break;
      }
      default:
        // Blocks of tools that only Anthropic runs: they were not offered, so they mean nothing here.
        return;
    }
    this.#blocks.set(index, opened);
  }

  #delta(index: unknown, delta: JsonObject, out: ReplyEvent[]): void {
    const block = this.#blocks.get(index);
    if (block === undefined) return;
    switch (delta['type']) {
      case 'text_delta':
        this.#parts.grow(block.at, textOf(delta['text']) ?? '', out);
        return;
      case 'thinking_delta':
        this.#parts.grow(block.at, textOf(delta['thinking']) ?? '', out);
        return;
      case 'input_json_delta':
        block.grew ||= textOf(delta['partial_json']) !== '';
        this.#parts.grow(block.at, textOf(delta['partial_json']) ?? '', out);
        return;
      case 'signature_delta':
        block.signature = (block.signature ?? '') + (textOf(delta['signature']) ?? '');
        return;
      default:
        // Citations have no place in the other protocols; they are made only where they were asked for.
        return;
    }
  }

  #close(index: unknown, out: ReplyEvent[]): void {
    const block = this.#blocks.get(index);
    if (block === undefined) return;
    this.#blocks.delete(index);
    if (block.isCall && !block.grew) this.#parts.grow(block.at, block.input, out);
    this.#parts.close(block.at, sealOf(block), out);
  }

  #note(usage: unknown): void {
    if (!isObject(usage)) return;
    for (const [field, value] of Object.entries(usage)) {
      if (value !== null) this.#wireUsage = { ...this.#wireUsage, [field]: value };
    }
  }
}

function sealOf(block: Block): Seal | null {
  if (block.redacted !== null) return { by: 'anthropic-redacted', data: block.redacted };
  return block.signature === null || block.signature === '' ? null : { by: 'anthropic', signature: block.signature };
}
