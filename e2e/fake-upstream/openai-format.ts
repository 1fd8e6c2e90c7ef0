import type { ChatFormat } from './chat-output.ts';
import type { FakeUsage, Step } from './script.ts';

const ID = 'chatcmpl-fake';
/** Arguments arrive in pieces of this many characters, as with a real model. */
const ARGUMENT_PART_CHARS = 7;

/** The chat-completions protocol. */
export class OpenAiFormat implements ChatFormat {
  readonly #model: string;
  readonly #includeUsage: boolean;
  #text = '';
  #reasoning = '';
  readonly #tools: { id: string; type: 'function'; function: { name: string; arguments: string } }[] = [];

  constructor(model: string, includeUsage: boolean) {
    this.#model = model;
    this.#includeUsage = includeUsage;
  }

  open(): string[] {
    return [this.#chunk({ role: 'assistant', content: '' })];
  }

  text(text: string): string[] {
    this.#text += text;
    return [this.#chunk({ content: text })];
  }

  reasoning(text: string): string[] {
    this.#reasoning += text;
    return [this.#chunk({ reasoning_content: text })];
  }

  toolStart(step: Extract<Step, { do: 'toolStart' }>): string[] {
    const index = this.#tools.length;
    const args = step.arguments ?? '{}';
    const id = step.id ?? `call_${index}`;
    this.#tools.push({ id, type: 'function', function: { name: step.name, arguments: args } });
    const parts = args.match(new RegExp(`[^]{1,${ARGUMENT_PART_CHARS}}`, 'g')) ?? [];
    return [
      this.#chunk({ tool_calls: [{ index, id, type: 'function', function: { name: step.name, arguments: '' } }] }),
      ...parts.map((part) => this.#chunk({ tool_calls: [{ index, function: { arguments: part } }] })),
    ];
  }

  fail(step: Extract<Step, { do: 'fail' }>): string[] {
    const error = { message: step.message, type: step.type ?? 'server_error', code: null };
    return [`data: ${JSON.stringify({ error })}\n\n`];
  }

  finish(reason: string | null, usage: FakeUsage | null): string[] {
    const end = reason ?? (this.#tools.length > 0 ? 'tool_calls' : 'stop');
    const tail =
      usage !== null && this.#includeUsage
        ? [
            `data: ${JSON.stringify({ ...this.#head('chat.completion.chunk'), choices: [], usage: wireUsage(usage) })}\n\n`,
          ]
        : [];
    return [this.#chunk({}, end), ...tail, 'data: [DONE]\n\n'];
  }

  whole(reason: string | null, usage: FakeUsage | null): unknown {
    return {
      ...this.#head('chat.completion'),
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: this.#text,
            ...(this.#reasoning === '' ? {} : { reasoning_content: this.#reasoning }),
            ...(this.#tools.length === 0 ? {} : { tool_calls: this.#tools }),
          },
          finish_reason: reason ?? (this.#tools.length > 0 ? 'tool_calls' : 'stop'),
        },
      ],
      ...(usage === null ? {} : { usage: wireUsage(usage) }),
    };
  }

  #head(object: string): Record<string, unknown> {
    return { id: ID, object, created: 1_700_000_000, model: this.#model };
  }

  #chunk(delta: Record<string, unknown>, finishReason: string | null = null): string {
    const choices = [{ index: 0, delta, finish_reason: finishReason }];
    return `data: ${JSON.stringify({ ...this.#head('chat.completion.chunk'), choices })}\n\n`;
  }
}

function wireUsage(usage: FakeUsage): Record<string, unknown> {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    ...(usage.cacheRead === undefined ? {} : { prompt_tokens_details: { cached_tokens: usage.cacheRead } }),
    ...(usage.reasoning === undefined ? {} : { completion_tokens_details: { reasoning_tokens: usage.reasoning } }),
  };
}
