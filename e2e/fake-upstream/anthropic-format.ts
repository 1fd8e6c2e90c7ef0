import type { ChatFormat } from './chat-output.ts';
import type { FakeUsage, Step } from './script.ts';

type Block =
  | { type: 'text'; text: string }
  | { type: 'thinking'; thinking: string; signature: string }
  | { type: 'tool_use'; id: string; name: string; input: unknown };

const ARGUMENT_PART_CHARS = 7;

/** The messages protocol. */
export class AnthropicFormat implements ChatFormat {
  readonly #model: string;
  readonly #blocks: Block[] = [];
  #isBlockOpen = false;

  constructor(model: string) {
    this.#model = model;
  }

  open(): string[] {
    const message = {
      id: 'msg_fake',
      type: 'message',
      role: 'assistant',
      model: this.#model,
      content: [],
      stop_reason: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    };
    return [event({ type: 'message_start', message }), event({ type: 'ping' })];
  }

  text(text: string): string[] {
    const { frames, block } = this.#block('text');
    if (block.type === 'text') block.text += text;
    return [...frames, this.#delta({ type: 'text_delta', text })];
  }

  reasoning(text: string): string[] {
    const { frames, block } = this.#block('thinking');
    if (block.type === 'thinking') block.thinking += text;
    return [...frames, this.#delta({ type: 'thinking_delta', thinking: text })];
  }

  toolStart(step: Extract<Step, { do: 'toolStart' }>): string[] {
    const args = step.arguments ?? '{}';
    const closed = this.#close();
    const id = step.id ?? `toolu_${this.#blocks.length}`;
    this.#blocks.push({ type: 'tool_use', id, name: step.name, input: JSON.parse(args) as unknown });
    const parts = args.match(new RegExp(`[^]{1,${ARGUMENT_PART_CHARS}}`, 'g')) ?? [];
    const frames = [
      event({
        type: 'content_block_start',
        index: this.#blocks.length - 1,
        content_block: { type: 'tool_use', id, name: step.name, input: {} },
      }),
      ...parts.map((part) => this.#delta({ type: 'input_json_delta', partial_json: part })),
    ];
    this.#isBlockOpen = true;
    return [...closed, ...frames];
  }

  fail(step: Extract<Step, { do: 'fail' }>): string[] {
    return [event({ type: 'error', error: { type: step.type ?? 'api_error', message: step.message } })];
  }

  finish(reason: string | null, usage: FakeUsage | null): string[] {
    return [
      ...this.#close(),
      event({
        type: 'message_delta',
        delta: { stop_reason: reason ?? this.#reason(), stop_sequence: null },
        ...(usage === null ? {} : { usage: wireUsage(usage) }),
      }),
      event({ type: 'message_stop' }),
    ];
  }

  whole(reason: string | null, usage: FakeUsage | null): unknown {
    return {
      id: 'msg_fake',
      type: 'message',
      role: 'assistant',
      model: this.#model,
      content: this.#blocks,
      stop_reason: reason ?? this.#reason(),
      ...(usage === null ? {} : { usage: wireUsage(usage) }),
    };
  }

  #reason(): string {
    return this.#blocks.some((block) => block.type === 'tool_use') ? 'tool_use' : 'end_turn';
  }

  #block(type: 'text' | 'thinking'): { frames: string[]; block: Block } {
    const last = this.#blocks.at(-1);
    if (this.#isBlockOpen && last?.type === type) return { frames: [], block: last };
    const frames = this.#close();
    const block: Block = type === 'text' ? { type, text: '' } : { type, thinking: '', signature: '' };
    this.#blocks.push(block);
    this.#isBlockOpen = true;
    frames.push(event({ type: 'content_block_start', index: this.#blocks.length - 1, content_block: block }));
    return { frames, block };
  }

  #delta(delta: Record<string, unknown>): string {
    return event({ type: 'content_block_delta', index: this.#blocks.length - 1, delta });
  }

  #close(): string[] {
    if (!this.#isBlockOpen) return [];
    this.#isBlockOpen = false;
    return [event({ type: 'content_block_stop', index: this.#blocks.length - 1 })];
  }
}

function event(data: { type: string } & Record<string, unknown>): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

function wireUsage(usage: FakeUsage): Record<string, number> {
  return {
    // The provider counts cached input apart.
    input_tokens: usage.input - (usage.cacheRead ?? 0) - (usage.cacheWrite ?? 0),
    output_tokens: usage.output,
    ...(usage.cacheRead === undefined ? {} : { cache_read_input_tokens: usage.cacheRead }),
    ...(usage.cacheWrite === undefined ? {} : { cache_creation_input_tokens: usage.cacheWrite }),
  };
}
