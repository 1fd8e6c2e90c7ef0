import type { JsonObject } from '../../json.ts';
import type { OpenedPart, ReplyEvent, ReplyPart } from '../neutral-reply.ts';
import type { ReplyContext } from '../reply-context.ts';
import type { Seal } from '../seal.ts';
import { errorFrames, type WireError } from '../wire-error.ts';
import type { StreamWriter } from '../write-stream.ts';
import { INCOMPLETE_REASONS } from './finish.ts';
import { type ResponseHead, responseAtEnd, responseFailed, responseInProgress } from './response-object.ts';
import { itemId, writeItem } from './write-item.ts';
import { responseHead } from './write-reply.ts';

interface Item {
  id: string;
  /** Its place in the answer. */
  at: number;
  opened: OpenedPart;
  text: string;
}

/** A stream of responses: every event numbered, every item and every piece of it with its beginning and its end. */
export class ResponsesStreamWriter implements StreamWriter {
  readonly #context: ReplyContext;
  readonly #items = new Map<number, Item>();
  readonly #output: JsonObject[] = [];
  /** The item whose last piece came; whether it is whole shows when something follows. */
  #ended: { item: Item; seal: Seal | null } | null = null;
  #head: ResponseHead | null = null;
  #sequence = 0;

  constructor(context: ReplyContext) {
    this.#context = context;
  }

  get nextSequence(): number {
    return this.#sequence;
  }

  write(event: ReplyEvent): string {
    // An answer that stops early stops within its last item.
    const isCutShort = event.type === 'finish' && INCOMPLETE_REASONS[event.finish] !== null;
    return this.#done(isCutShort ? 'incomplete' : 'completed') + this.#write(event);
  }

  #write(event: ReplyEvent): string {
    switch (event.type) {
      case 'delta':
        return this.#delta(event.at, event.text);
      case 'open':
        return this.#open(event.at, event.part);
      case 'close':
        return this.#close(event.at, event.seal);
      case 'start': {
        const head = responseHead(event, this.#context);
        this.#head = head;
        const response = responseInProgress(head, this.#context);
        return this.#say('response.created', { response }) + this.#say('response.in_progress', { response });
      }
      case 'finish': {
        const head = this.#headOr();
        const response = responseAtEnd(head, this.#context, { ...event, output: this.#output.filter(Boolean) });
        this.#context.answered(response);
        const isWhole = INCOMPLETE_REASONS[event.finish] === null;
        return this.#say(isWhole ? 'response.completed' : 'response.incomplete', { response });
      }
      case 'failed':
        return this.fail(event.error);
    }
  }

  fail(error: WireError): string {
    const head = this.#head;
    // Before the response has an id there is nothing to call failed.
    const response = head === null ? null : responseFailed(head, this.#context, this.#output.filter(Boolean));
    const text = errorFrames('openai-responses', error, { nextSequence: this.#sequence, response });
    this.#sequence += response === null ? 1 : 2;
    return text;
  }

  #headOr(): ResponseHead {
    return this.#head ?? responseHead({ id: null, model: null, createdS: null }, this.#context);
  }

  #say(type: string, fields: JsonObject): string {
    const data = JSON.stringify({ type, sequence_number: this.#sequence++, ...fields });
    return `event: ${type}\ndata: ${data}\n\n`;
  }

  #open(at: number, opened: OpenedPart): string {
    const item: Item = { id: itemId(opened, this.#context.replyId, at), at, opened, text: '' };
    this.#items.set(at, item);
    const wire = this.#wire(item, null, 'in_progress');
    // What is in a message comes as pieces of its own.
    if (wire['type'] === 'message') wire['content'] = [];
    const added = this.#say('response.output_item.added', { output_index: at, item: wire });
    switch (opened.type) {
      case 'text':
        return added + this.#piece('response.content_part.added', item, 'content_index', { part: textPart('') });
      case 'refusal':
        return added + this.#piece('response.content_part.added', item, 'content_index', { part: refusalPart('') });
      default:
        return added;
    }
  }

  #delta(at: number, text: string): string {
    const item = this.#items.get(at);
    if (item === undefined) return '';
    const isFirst = item.text === '';
    item.text += text;
    switch (item.opened.type) {
      case 'text':
        return this.#piece('response.output_text.delta', item, 'content_index', { delta: text, logprobs: [] });
      case 'refusal':
        return this.#piece('response.refusal.delta', item, 'content_index', { delta: text });
      case 'thinking': {
        const part = { type: 'summary_text', text: '' };
        const begun = isFirst
          ? this.#piece('response.reasoning_summary_part.added', item, 'summary_index', { part })
          : '';
        return begun + this.#piece('response.reasoning_summary_text.delta', item, 'summary_index', { delta: text });
      }
      case 'call':
        return this.#piece(
          item.opened.custom ? 'response.custom_tool_call_input.delta' : 'response.function_call_arguments.delta',
          item,
          null,
          { delta: text },
        );
    }
  }

  #close(at: number, seal: Seal | null): string {
    const item = this.#items.get(at);
    if (item === undefined) return '';
    const empty = item.opened.type === 'call' && !item.opened.custom && item.text === '' ? this.#delta(at, '{}') : '';
    this.#items.delete(at);
    this.#ended = { item, seal };
    return empty + this.#end(item);
  }

  #done(status: 'completed' | 'incomplete'): string {
    if (this.#ended === null) return '';
    const { item, seal } = this.#ended;
    this.#ended = null;
    const wire = this.#wire(item, seal, status);
    this.#output[item.at] = wire;
    return this.#say('response.output_item.done', { output_index: item.at, item: wire });
  }

  #end({ opened, text, ...item }: Item): string {
    switch (opened.type) {
      case 'text':
        return (
          this.#piece('response.output_text.done', item, 'content_index', { text, logprobs: [] }) +
          this.#piece('response.content_part.done', item, 'content_index', { part: textPart(text) })
        );
      case 'refusal':
        return (
          this.#piece('response.refusal.done', item, 'content_index', { refusal: text }) +
          this.#piece('response.content_part.done', item, 'content_index', { part: refusalPart(text) })
        );
      case 'thinking':
        if (text === '') return '';
        return (
          this.#piece('response.reasoning_summary_text.done', item, 'summary_index', { text }) +
          this.#piece('response.reasoning_summary_part.done', item, 'summary_index', {
            part: { type: 'summary_text', text },
          })
        );
      case 'call':
        return opened.custom
          ? this.#piece('response.custom_tool_call_input.done', item, null, { input: text })
          : this.#piece('response.function_call_arguments.done', item, null, { arguments: text, name: opened.name });
    }
  }

  #piece(
    type: string,
    item: { id: string; at: number },
    counter: 'content_index' | 'summary_index' | null,
    fields: JsonObject,
  ): string {
    return this.#say(type, {
      item_id: item.id,
      output_index: item.at,
      ...(counter === null ? {} : { [counter]: 0 }),
      ...fields,
    });
  }

  #wire({ id, opened, text }: Item, seal: Seal | null, status: 'in_progress' | 'completed' | 'incomplete'): JsonObject {
    const part: ReplyPart =
      opened.type === 'call'
        ? { ...opened, arguments: text }
        : opened.type === 'thinking'
          ? // One piece was streamed, so one piece is what it is.
            { type: 'thinking', text, seal: seal?.by === 'responses' ? { ...seal, cuts: [text.length] } : seal }
          : { type: opened.type, text };
    return writeItem(part, id, status, this.#context.namespaceOf);
  }
}

function textPart(text: string): JsonObject {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

function refusalPart(text: string): JsonObject {
  return { type: 'refusal', refusal: text };
}
