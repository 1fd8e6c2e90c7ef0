import { assertNever } from '#contract/assert-never';
import type { EventDraft } from '#contract/events';
import type { UpstreamEvent, UpstreamTerminal } from '../gateway/upstream-event.ts';
import { parseBlockArray } from './block-array.ts';
import { WholeCharacters } from './whole-characters.ts';

/** A provider that resends its reasoning from the start repeats at least this much; shorter repeats are style. */
const MIN_OVERLAP_CHARS = 16;
/** Bounds the search; a longer resend starts at the beginning and is found by its prefix. */
const MAX_OVERLAP_CHARS = 2048;

interface OpenTool {
  messageId: string;
  callId: string | null;
  name: string;
}

/** The part of `text` that `before` does not end with already. Only an overlap of 16 characters or more counts. */
export function withoutOverlap(before: string, text: string): string {
  if (text.length >= MIN_OVERLAP_CHARS && before.length >= MIN_OVERLAP_CHARS && text.startsWith(before)) {
    return text.slice(before.length);
  }
  const longest = Math.min(before.length, text.length, MAX_OVERLAP_CHARS);
  for (let length = longest; length >= MIN_OVERLAP_CHARS; length--) {
    if (before.endsWith(text.slice(0, length))) return text.slice(length);
  }
  return text;
}

/**
 * Turns what an upstream says into events of the log: decides which row each part belongs to. Text after a tool call is a
 * row of its own; a completion finds its call by id, else the oldest open one of that name (BUG-A19).
 */
export class UpstreamFolder {
  readonly #runId: string;
  readonly #newId: () => string;
  readonly #now: () => number;
  #openMessageId: string | null = null;
  #reasoning = '';
  #tools: OpenTool[] = [];
  #hasText = false;
  readonly #characters = new WholeCharacters();
  /** The text after the last tool call: what a reader takes for the answer. */
  #answer = '';
  #hasTools = false;
  readonly #approvals: string[];

  /** @param parts.written what an earlier process had; text goes on in its open row. */
  constructor(
    runId: string,
    parts: {
      newId: () => string;
      now: () => number;
      written?: {
        whole: string;
        segment: string;
        openMessageId: string | null;
        hasTools: boolean;
        approvalIds: string[];
      };
    },
  ) {
    this.#runId = runId;
    this.#newId = parts.newId;
    this.#now = parts.now;
    this.#openMessageId = parts.written?.openMessageId ?? null;
    this.#hasText = (parts.written?.whole ?? '') !== '';
    this.#answer = parts.written?.segment ?? '';
    this.#hasTools = parts.written?.hasTools ?? false;
    this.#approvals = [...(parts.written?.approvalIds ?? [])];
  }

  /** Whether any visible text came; if not, the upstream's closing `output` is the answer. */
  get hasText(): boolean {
    return this.#hasText;
  }

  /** The answer so far, without what came before a tool call. */
  get answer(): string {
    return this.#answer;
  }

  get hasTools(): boolean {
    return this.#hasTools;
  }

  fold(event: Exclude<UpstreamEvent, UpstreamTerminal>): EventDraft[] {
    const base = { run_id: this.#runId };
    switch (event.type) {
      case 'text': {
        // A delta that is a whole block array is a provider's own serialisation; anything less is text (E2-05).
        const blocks = parseBlockArray(event.text);
        const text = this.#characters.push(blocks === null ? event.text : blocks.text);
        const thought = blocks === null || blocks.reasoning === '' ? [] : this.#reason(blocks.reasoning);
        if (text === '') return thought;
        this.#hasText = true;
        this.#answer += text;
        this.#reasoning = '';
        return [
          ...thought,
          { event: 'message.delta', ...base, message_id: this.#open(), timestamp: this.#now() / 1000, delta: text },
        ];
      }
      case 'reasoning':
        return this.#reason(event.text);
      case 'reasoning-end':
        return [{ event: 'reasoning.available', ...base, text: event.text }];
      case 'tool-start': {
        const known = event.callId === null ? undefined : this.#tools.find((tool) => tool.callId === event.callId);
        const messageId = known?.messageId ?? this.#newId();
        if (known === undefined) {
          this.#tools.push({ messageId, callId: event.callId, name: event.name });
          this.#hasTools = true;
          this.#openMessageId = null;
          this.#answer = '';
          this.#reasoning = '';
        }
        return [
          {
            event: 'tool.started',
            ...base,
            message_id: messageId,
            tool: event.name,
            preview: event.preview,
            tool_call_id: event.callId,
            arguments: event.arguments,
          },
        ];
      }
      case 'tool-end': {
        const tool = this.#closeTool(event.callId, event.name);
        // A completion without a start still happened: it gets its row, so that nothing is hidden.
        const started: EventDraft[] = [];
        const messageId = tool?.messageId ?? this.#newId();
        if (tool === null) {
          this.#hasTools = true;
          this.#openMessageId = null;
          started.push({
            event: 'tool.started',
            ...base,
            message_id: messageId,
            tool: event.name,
            preview: null,
            tool_call_id: event.callId,
            arguments: null,
          });
        }
        return [
          ...started,
          {
            event: 'tool.completed',
            ...base,
            message_id: messageId,
            tool: event.name,
            tool_call_id: event.callId ?? tool?.callId ?? null,
            duration: event.durationSeconds,
            error: event.isError,
            output: event.output,
          },
        ];
      }
      case 'approval-request':
        this.#approvals.push(event.approvalId);
        return [
          {
            event: 'approval.requested',
            ...base,
            approval_id: event.approvalId,
            command: event.command,
            description: event.description,
            choices: event.choices,
          },
        ];
      case 'approval-resolved': {
        const id = event.approvalId ?? this.#approvals[0];
        const pending = id === undefined ? -1 : this.#approvals.indexOf(id);
        // The upstream echoes an answer that we have told already.
        if (id === undefined || pending < 0) return [];
        this.#approvals.splice(pending, 1);
        return [
          { event: 'approval.resolved', ...base, approval_id: id, choice: event.choice, resolved: event.resolved },
        ];
      }
      case 'usage':
        return [];
      default:
        return assertNever(event);
    }
  }

  #open(): string {
    this.#openMessageId ??= this.#newId();
    return this.#openMessageId;
  }

  #reason(text: string): EventDraft[] {
    const fresh = withoutOverlap(this.#reasoning, text.toWellFormed());
    if (fresh === '') return [];
    this.#reasoning += fresh;
    return [
      {
        event: 'reasoning.delta',
        run_id: this.#runId,
        message_id: this.#open(),
        timestamp: this.#now() / 1000,
        delta: fresh,
        text: fresh,
      },
    ];
  }

  #closeTool(callId: string | null, name: string): OpenTool | null {
    const byId = callId === null ? -1 : this.#tools.findIndex((tool) => tool.callId === callId);
    const index =
      byId >= 0
        ? byId
        : this.#tools.findIndex((tool) => tool.name === name && (callId === null || tool.callId === null));
    const [tool] = index < 0 ? [] : this.#tools.splice(index, 1);
    return tool ?? null;
  }
}
