import type { ChatFormat } from './chat-output.ts';
import type { FakeUsage, Step } from './script.ts';

const ID = 'resp_fake';

type Item = Record<string, unknown> & { id: string; type: string };

/** The `/v1/responses` protocol as the agent speaks it: tools run there, so their outputs are part of the stream. */
export class ResponsesFormat implements ChatFormat {
  readonly #model: string;
  readonly #items: Item[] = [];
  #sequence = 0;
  /** The message or reasoning that is being streamed. */
  #open: { item: Item; text: string } | null = null;

  constructor(model: string) {
    this.#model = model;
  }

  open(): string[] {
    return [this.#event('response.created', { response: this.#response('in_progress', null) })];
  }

  text(text: string): string[] {
    const frames = this.#openItem('message');
    if (this.#open !== null) this.#open.text += text;
    return [...frames, this.#event('response.output_text.delta', { item_id: this.#open?.item.id, delta: text })];
  }

  reasoning(text: string): string[] {
    const frames = this.#openItem('reasoning');
    if (this.#open !== null) this.#open.text += text;
    return [...frames, this.#event('response.reasoning_text.delta', { item_id: this.#open?.item.id, delta: text })];
  }

  toolStart(step: Extract<Step, { do: 'toolStart' }>): string[] {
    const closed = this.#closeItem();
    const item = this.#item('function_call', {
      name: step.name,
      call_id: step.id ?? `call_${this.#items.length}`,
      arguments: step.arguments ?? '{}',
    });
    return [...closed, ...this.#whole(item)];
  }

  toolEnd(step: Extract<Step, { do: 'toolEnd' }>): string[] {
    const closed = this.#closeItem();
    const call = this.#items.findLast((item) => item.type === 'function_call' && item['name'] === step.name);
    const item = this.#item('function_call_output', {
      call_id: step.id ?? call?.['call_id'],
      output: [{ type: 'input_text', text: step.output ?? '' }],
      status: step.isError === true ? 'failed' : 'completed',
    });
    return [...closed, ...this.#whole(item)];
  }

  fail(step: Extract<Step, { do: 'fail' }>): string[] {
    const error = { message: step.message, code: step.type ?? 'server_error' };
    return [
      ...this.#closeItem(),
      this.#event('response.failed', { response: { ...this.#response('failed', null), error } }),
    ];
  }

  finish(reason: string | null, usage: FakeUsage | null): string[] {
    const closed = this.#closeItem();
    const end = reason === null || reason === 'stop' ? 'completed' : 'incomplete';
    const response = {
      ...this.#response(end, usage),
      ...(end === 'incomplete' ? { incomplete_details: { reason } } : {}),
    };
    return [...closed, this.#event(`response.${end}`, { response })];
  }

  whole(_reason: string | null, usage: FakeUsage | null): unknown {
    this.#closeItem();
    return this.#response('completed', usage);
  }

  #openItem(type: 'message' | 'reasoning'): string[] {
    if (this.#open?.item.type === type) return [];
    const closed = this.#closeItem();
    const item = this.#item(type, { content: [] });
    this.#open = { item, text: '' };
    return [...closed, this.#event('response.output_item.added', { item })];
  }

  #closeItem(): string[] {
    const open = this.#open;
    if (open === null) return [];
    this.#open = null;
    const isMessage = open.item.type === 'message';
    open.item['content'] = [{ type: isMessage ? 'output_text' : 'reasoning_text', text: open.text }];
    return [
      ...(isMessage ? [this.#event('response.output_text.done', { item_id: open.item.id, text: open.text })] : []),
      this.#event('response.output_item.done', { item: open.item }),
    ];
  }

  #whole(item: Item): string[] {
    return [this.#event('response.output_item.added', { item }), this.#event('response.output_item.done', { item })];
  }

  #item(type: string, fields: Record<string, unknown>): Item {
    const item = { id: `item_${this.#items.length}`, type, ...fields };
    this.#items.push(item);
    return item;
  }

  #response(status: string, usage: FakeUsage | null): Record<string, unknown> {
    return {
      id: ID,
      object: 'response',
      status,
      model: this.#model,
      output: this.#items,
      ...(usage === null ? {} : { usage: wireUsage(usage) }),
    };
  }

  #event(type: string, fields: Record<string, unknown>): string {
    const data = { type, sequence_number: this.#sequence++, ...fields };
    return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
  }
}

function wireUsage(usage: FakeUsage): Record<string, unknown> {
  return {
    input_tokens: usage.input,
    output_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    ...(usage.cacheRead === undefined ? {} : { input_tokens_details: { cached_tokens: usage.cacheRead } }),
    ...(usage.reasoning === undefined ? {} : { output_tokens_details: { reasoning_tokens: usage.reasoning } }),
  };
}
