import type { Finish, OpenedPart, ReplyEvent } from '../neutral-reply.ts';
import type { ReplyContext } from '../reply-context.ts';
import { type Seal, signatureOf } from '../seal.ts';
import { sseEvent } from '../sse-text.ts';
import { errorFrames, type WireError } from '../wire-error.ts';
import type { StreamWriter } from '../write-stream.ts';
import { CALLER } from './caller.ts';
import { ANTHROPIC_FINISHES, stopDetails } from './finish.ts';
import { writeAnthropicUsage } from './usage.ts';

/** A part that waits for its turn: blocks follow one another here, and parts of an answer may overlap. */
interface Waiting {
  part: OpenedPart;
  text: string;
  closed: boolean;
  seal: Seal | null;
}

/** A stream of messages: one start, blocks one after another, one delta with the end, one stop. */
export class AnthropicStreamWriter implements StreamWriter {
  readonly nextSequence = 0;
  readonly #context: ReplyContext;
  /** The part whose block is open, with the block's index. */
  #live: { at: number; index: number; type: OpenedPart['type'] } | null = null;
  readonly #waiting = new Map<number, Waiting>();
  #nextIndex = 0;
  #refusal = '';

  constructor(context: ReplyContext) {
    this.#context = context;
  }

  write(event: ReplyEvent): string {
    switch (event.type) {
      case 'delta':
        return this.#delta(event.at, event.text);
      case 'open':
        if (this.#live !== null || this.#waiting.size > 0) {
          this.#waiting.set(event.at, { part: event.part, text: '', closed: false, seal: null });
          return '';
        }
        return this.#open(event.at, event.part, null);
      case 'close':
        return this.#close(event.at, event.seal);
      case 'start':
        return this.#start(event);
      case 'finish':
        return this.#finish(event.finish, event);
      case 'failed':
        return this.fail(event.error);
    }
  }

  fail(error: WireError): string {
    return errorFrames('anthropic-messages', error);
  }

  #start(event: Extract<ReplyEvent, { type: 'start' }>): string {
    const usage = writeAnthropicUsage(event.usage);
    if (event.usage?.input_tokens == null) usage['input_tokens'] = this.#context.estimateInput();
    return sseEvent('message_start', {
      type: 'message_start',
      message: {
        id: event.id ?? this.#context.replyId,
        type: 'message',
        role: 'assistant',
        model: event.model ?? this.#context.model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        ...stopDetails('', ''),
        diagnostics: null,
        usage,
      },
    });
  }

  #open(at: number, part: OpenedPart, seal: Seal | null): string {
    const index = this.#nextIndex++;
    this.#live = { at, index, type: part.type };
    const block =
      seal?.by === 'anthropic-redacted'
        ? { type: 'redacted_thinking', data: seal.data }
        : part.type === 'call'
          ? { type: 'tool_use', id: part.id, name: part.name, input: {}, caller: CALLER }
          : part.type === 'thinking'
            ? { type: 'thinking', thinking: '', signature: '' }
            : { type: 'text', text: '', citations: null };
    return sseEvent('content_block_start', { type: 'content_block_start', index, content_block: block });
  }

  #delta(at: number, text: string): string {
    const live = this.#live;
    if (live?.at !== at) {
      const waiting = this.#waiting.get(at);
      if (waiting !== undefined) waiting.text += text;
      return '';
    }
    if (live.type === 'refusal') this.#refusal += text;
    const json = JSON.stringify(text);
    const delta =
      live.type === 'call'
        ? `{"type":"input_json_delta","partial_json":${json}}`
        : live.type === 'thinking'
          ? `{"type":"thinking_delta","thinking":${json}}`
          : `{"type":"text_delta","text":${json}}`;
    return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${live.index},"delta":${delta}}\n\n`;
  }

  #close(at: number, seal: Seal | null): string {
    const live = this.#live;
    if (live?.at !== at) {
      const waiting = this.#waiting.get(at);
      if (waiting !== undefined) {
        waiting.closed = true;
        waiting.seal = seal;
      }
      return '';
    }
    return this.#stop(live, seal) + this.#next();
  }

  #stop(live: { index: number; type: OpenedPart['type'] }, seal: Seal | null): string {
    this.#live = null;
    let text = '';
    if (live.type === 'thinking' && seal?.by !== 'anthropic-redacted') {
      text = sseEvent('content_block_delta', {
        type: 'content_block_delta',
        index: live.index,
        delta: { type: 'signature_delta', signature: signatureOf(seal) },
      });
    }
    return text + sseEvent('content_block_stop', { type: 'content_block_stop', index: live.index });
  }

  /** The block is over: those that waited follow, up to the first that still grows. */
  #next(): string {
    let text = '';
    for (const [at, waiting] of this.#waiting) {
      this.#waiting.delete(at);
      text += this.#open(at, waiting.part, waiting.seal);
      if (waiting.text !== '') text += this.#delta(at, waiting.text);
      if (!waiting.closed || this.#live === null) return text;
      text += this.#stop(this.#live, waiting.seal);
    }
    return text;
  }

  #finish(finish: Finish, event: Extract<ReplyEvent, { type: 'finish' }>): string {
    const usage = writeAnthropicUsage(event.usage);
    const stopReason = ANTHROPIC_FINISHES[finish];
    // An upstream without figures leaves the estimate of the beginning as it is.
    if (event.usage?.input_tokens == null) usage['input_tokens'] = null;
    return (
      sseEvent('message_delta', {
        type: 'message_delta',
        delta: {
          stop_reason: stopReason,
          stop_sequence: event.stopSequence,
          ...stopDetails(stopReason, this.#refusal),
        },
        usage,
      }) + sseEvent('message_stop', { type: 'message_stop' })
    );
  }
}
