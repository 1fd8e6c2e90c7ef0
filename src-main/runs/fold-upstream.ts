import { assertNever } from '#contract/assert-never';
import type { EventDraft } from '#contract/events';
import { cutText } from '#contract/message';
import { toolPreview } from '../gateway/tool-preview.ts';
import type { ToolDetail, UpstreamEvent, UpstreamTerminal } from '../gateway/upstream-event.ts';
import { parseBlockArray } from './block-array.ts';
import { ResentReasoning } from './resent-reasoning.ts';
import type { WrittenAnswer } from './run-task.ts';
import { type ToolRow, ToolRows } from './tool-rows.ts';
import { WholeCharacters } from './whole-characters.ts';

/** A line about a call, however long the upstream made it (E2-09). */
const PREVIEW_CHARS = 160;

type ToolStart = Extract<UpstreamEvent, { type: 'tool-start' }>;
type ToolEnd = Extract<UpstreamEvent, { type: 'tool-end' }>;

/**
 * Turns what an upstream says into events of the log: decides which row each part belongs to. Text after a tool call is a
 * row of its own; a completion finds its call by id, else the oldest open one of that name (BUG-A19). A part costs by its
 * own length, never by the answer's.
 */
export class UpstreamFolder {
  readonly #runId: string;
  readonly #newId: () => string;
  readonly #now: () => number;
  #openMessageId: string | null;
  #hasText: boolean;
  readonly #text = new WholeCharacters();
  readonly #thought = new WholeCharacters();
  readonly #resent = new ResentReasoning();
  /** The text after the last tool call: what a reader takes for the answer. */
  #answer: string;
  #hasTools: boolean;
  readonly #tools: ToolRows;
  /** What was put into the answer, as long as the upstream may still say that it came too late. */
  readonly #steers: { text: string; messageId: string }[] = [];
  readonly #approvals: string[];
  readonly #questions: string[];

  /** @param parts.written what an earlier process had; text goes on in its open row. */
  constructor(runId: string, parts: { newId: () => string; now: () => number; written?: WrittenAnswer }) {
    this.#runId = runId;
    this.#newId = parts.newId;
    this.#now = parts.now;
    this.#openMessageId = parts.written?.openMessageId ?? null;
    this.#hasText = (parts.written?.whole ?? '') !== '';
    this.#answer = parts.written?.segment ?? '';
    this.#hasTools = parts.written?.hasTools ?? false;
    this.#tools = new ToolRows(parts.written?.tools);
    this.#approvals = [...(parts.written?.approvalIds ?? [])];
    this.#questions = [...(parts.written?.clarifyIds ?? [])];
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
        // With calls in it the list is left for the end of the row, which has a place for them.
        if (blocks === null || blocks.toolCalls.length > 0) return this.#say(this.#text.push(event.text));
        return [...this.#think(blocks.reasoning), ...this.#say(this.#text.push(blocks.text))];
      }
      case 'reasoning':
        return this.#think(event.text);
      case 'reasoning-end':
        return [{ event: 'reasoning.available', ...base, text: event.text }];
      case 'tool-start':
        return this.#startTool(event);
      case 'tool-end':
        return this.#endTool(event);
      case 'tool-details':
        return this.#addDetails(event.calls);
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
        const id = takePending(this.#approvals, event.approvalId);
        if (id === null) return [];
        return [
          { event: 'approval.resolved', ...base, approval_id: id, choice: event.choice, resolved: event.resolved },
        ];
      }
      case 'clarify-request':
        this.#questions.push(event.clarifyId);
        return [
          {
            event: 'clarify.requested',
            ...base,
            clarify_id: event.clarifyId,
            question: event.question,
            choices: event.choices,
          },
        ];
      case 'clarify-resolved': {
        const id = takePending(this.#questions, event.clarifyId);
        return id === null ? [] : [{ event: 'clarify.resolved', ...base, clarify_id: id, response: event.response }];
      }
      case 'steered':
        return event.accepted ? this.steered(event.text) : this.#unsteered(event.text);
      case 'usage':
      case 'unreadable':
        return [];
      default:
        return assertNever(event);
    }
  }

  /** Whether this approval was asked for and not answered yet. */
  awaitsApproval(approvalId: string): boolean {
    return this.#approvals.includes(approvalId);
  }

  /** A message of the person went into the running answer. It is a row, and what follows goes into a row of its own. */
  steered(text: string, ids: { queueId: string; idempotencyKey: string | null } | null = null): EventDraft[] {
    const rest = this.#leaveRow();
    const messageId = this.#newId();
    this.#steers.push({ text, messageId });
    const asked = { queue_id: ids?.queueId ?? null, idempotency_key: ids?.idempotencyKey ?? null };
    return [
      ...rest,
      { event: 'run.steered', run_id: this.#runId, text, accepted: true, message_id: messageId, ...asked },
    ];
  }

  /** A message that was taken never reached the model: the row that it was given goes again. */
  #unsteered(text: string): EventDraft[] {
    const at = this.#steers.findLastIndex((steer) => steer.text === text);
    const [steer] = at < 0 ? [] : this.#steers.splice(at, 1);
    return [
      {
        event: 'run.steered',
        run_id: this.#runId,
        text,
        accepted: false,
        message_id: steer?.messageId ?? null,
        queue_id: null,
        idempotency_key: null,
      },
    ];
  }

  #open(): string {
    this.#openMessageId ??= this.#newId();
    return this.#openMessageId;
  }

  /** More goes into another row. What waits for its other half belongs to this one. */
  #leaveRow(): EventDraft[] {
    const rest = [...this.#reason(this.#thought.end()), ...this.#say(this.#text.end())];
    this.#openMessageId = null;
    return rest;
  }

  #say(text: string): EventDraft[] {
    if (text === '') return [];
    this.#hasText = true;
    this.#answer += text;
    return [{ event: 'message.delta', ...this.#partOf(), delta: text }];
  }

  #think(text: string): EventDraft[] {
    // The overlap is sought in what came, halves of characters included.
    return this.#reason(this.#thought.push(this.#resent.push(text)));
  }

  #reason(text: string): EventDraft[] {
    return text === '' ? [] : [{ event: 'reasoning.delta', ...this.#partOf(), delta: text, text }];
  }

  #partOf(): { run_id: string; message_id: string; timestamp: number } {
    return { run_id: this.#runId, message_id: this.#open(), timestamp: this.#now() / 1000 };
  }

  #startTool(event: ToolStart): EventDraft[] {
    const known = this.#tools.open(event.callId);
    const left = known === null ? this.#leaveAnswer() : [];
    const row = known ?? this.#tools.begin(this.#newId(), event.callId, event.name);
    // More of a call's arguments takes nothing back that was told before.
    row.arguments = event.arguments ?? row.arguments;
    row.preview = previewOf(event) ?? row.preview;
    return [...left, this.#started(row, event.name)];
  }

  #endTool(event: ToolEnd): EventDraft[] {
    const open = this.#tools.end(event.callId, event.name);
    const row = open ?? this.#tools.ended(event.callId);
    if (row !== null) {
      // An end that is told twice ends nothing else; the second may bring the output.
      if (open === null && event.output === null) return [];
      return [this.#completed(row, event)];
    }
    // A completion without a start still happened: it gets its row, so that nothing is hidden.
    const left = this.#leaveAnswer();
    const added = this.#tools.begin(this.#newId(), event.callId, event.name);
    this.#tools.close(added);
    return [...left, this.#started(added, event.name), this.#completed(added, event)];
  }

  /** A tool call: the answer begins anew after it, and so does the thought. */
  #leaveAnswer(): EventDraft[] {
    const left = this.#leaveRow();
    this.#hasTools = true;
    this.#answer = '';
    this.#resent.reset();
    return left;
  }

  #addDetails(details: readonly ToolDetail[]): EventDraft[] {
    if (this.#tools.isEmpty) return this.#hasTools ? [] : details.flatMap((detail) => this.#addCall(detail));
    const rows = this.#tools.match(details);
    return details.flatMap((detail, index): EventDraft[] => {
      const row = rows[index];
      if (row === null || row === undefined) return [];
      const ended: EventDraft[] = [];
      if (row.isOpen && detail.output !== null) {
        this.#tools.close(row, detail.callId);
        ended.push(this.#completed(row, endOf(detail)));
      }
      return [
        ...ended,
        {
          event: 'tool.details',
          run_id: this.#runId,
          message_id: row.messageId,
          tool_call_id: detail.callId,
          arguments: detail.arguments,
          output: detail.output,
          error: detail.isError,
        },
      ];
    });
  }

  /** A call that the stream never told of. It comes after the answer that it led to, which stays the answer. */
  #addCall(detail: ToolDetail): EventDraft[] {
    this.#hasTools = true;
    const row = this.#tools.begin(this.#newId(), detail.callId, detail.name);
    row.arguments = detail.arguments;
    row.preview = detail.arguments === null ? null : toolPreview(detail.arguments);
    this.#tools.close(row);
    return [this.#started(row, detail.name), this.#completed(row, endOf(detail))];
  }

  #started(row: StartedRow, tool: string): EventDraft {
    return {
      event: 'tool.started',
      run_id: this.#runId,
      message_id: row.messageId,
      tool,
      preview: row.preview,
      tool_call_id: row.callId,
      arguments: row.arguments,
    };
  }

  #completed(
    row: ToolRow,
    end: Pick<ToolEnd, 'callId' | 'name' | 'durationSeconds' | 'isError' | 'output'>,
  ): EventDraft {
    return {
      event: 'tool.completed',
      run_id: this.#runId,
      message_id: row.messageId,
      tool: end.name,
      tool_call_id: end.callId ?? row.callId,
      duration: end.durationSeconds,
      error: end.isError,
      output: end.output,
    };
  }
}

type StartedRow = ToolRow & { preview: string | null; arguments: string | null };

/** One line about a call: the upstream's own, else what its arguments tell while they can be read. */
function previewOf({ preview, arguments: args }: ToolStart): string | null {
  const line = preview?.replace(/\s+/g, ' ').trim() ?? '';
  if (line !== '') return cutText(line, PREVIEW_CHARS);
  return args === null ? null : toolPreview(args);
}

function endOf(detail: ToolDetail) {
  const { name, callId, output, isError } = detail;
  return { name, callId, output, durationSeconds: null, isError: isError ?? false };
}

/** Takes one that waits: of this id, else the oldest. Null where it does not wait: the upstream echoes our own answers. */
function takePending(waiting: string[], id: string | null): string | null {
  const at = id === null ? 0 : waiting.indexOf(id);
  return at < 0 ? null : (waiting.splice(at, 1)[0] ?? null);
}
