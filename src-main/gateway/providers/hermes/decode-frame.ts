import type { ApprovalChoice, Usage } from '#contract/events';
import { isObject, type JsonObject, listOf, parseJson, textOf } from '../../json.ts';
import { type FailureContext, mapErrorObject } from '../../map-error.ts';
import { toolPreview } from '../../tool-preview.ts';
import type { UpstreamEvent, UpstreamTerminal } from '../../upstream-event.ts';
import { hermesUsage } from '../../usage.ts';

const CHOICES: readonly ApprovalChoice[] = ['once', 'session', 'always', 'deny'];
/** Other words that agents use for them. */
const CHOICE_ALIASES = new Map<unknown, ApprovalChoice>([
  ...CHOICES.map((choice) => [choice, choice] as const),
  ['approve', 'once'],
  ['approved', 'once'],
  ['allow', 'once'],
  ['allow_once', 'once'],
  ['allow_session', 'session'],
  ['allow_always', 'always'],
  ['denied', 'deny'],
  ['reject', 'deny'],
  ['rejected', 'deny'],
]);

/** Names of events that a frame may carry in its `event` field as well; a stream's reader must ask for each by name. */
export const HERMES_EVENTS = [
  'message.delta',
  'reasoning.delta',
  'thinking.delta',
  'reasoning.available',
  'tool.started',
  'tool.completed',
  'approval.request',
  'approval.responded',
  'clarify.request',
  'clarify.responded',
  'clarify.resolved',
  'run.steered',
  'run.completed',
  'run.failed',
  'run.cancelled',
] as const;

/** What a run says, from its stream or from its status: both use the same words. Also keeps what was said so far. */
export class HermesDecoder {
  readonly #runId: string;
  readonly #context: FailureContext;
  #usage: Usage | null = null;
  #whole = '';
  #segment = '';
  /** Approvals of which was told, and whether the upstream named them: only then is the name sent back. */
  readonly #approvals = new Map<string, { isNamed: boolean; isPending: boolean }>();
  /** Questions of which was told, with the ids that an answer sends back. */
  readonly #questions = new Map<string, { wireIds: Record<string, string>; isPending: boolean }>();
  /** Texts of our own steers whose echo has not come. */
  readonly #steers: string[] = [];
  #hasTools = false;

  constructor(runId: string, context: FailureContext) {
    this.#runId = runId;
    this.#context = context;
  }

  get usage(): Usage | null {
    return this.#usage;
  }

  /** The text of the stream so far, and the part of it after the last tool call. */
  get streamed(): { whole: string; segment: string } {
    return { whole: this.#whole, segment: this.#segment };
  }

  /** Whether the run was seen to use tools. */
  get hasTools(): boolean {
    return this.#hasTools;
  }

  /** The ids that the upstream gave a question; null when it does not wait for an answer. */
  wireClarifyIds(clarifyId: string): Record<string, string> | null {
    const question = this.#questions.get(clarifyId);
    return question?.isPending === true ? question.wireIds : null;
  }

  /** The upstream's own name for an approval; null for one that it did not name. */
  wireApprovalId(approvalId: string): string | null {
    return this.#approvals.get(approvalId)?.isNamed === true ? approvalId : null;
  }

  /** @param data the text of one frame. */
  decode(data: string): UpstreamEvent[] {
    const event = parseJson(data);
    if (!isObject(event)) {
      // Text in it is not lost: the status repeats the whole at the end.
      return [{ type: 'unreadable' }];
    }
    const runId = textOf(event['run_id']);
    if (runId !== null && runId !== this.#runId) {
      // Another run's words are nothing of ours.
      return [];
    }
    switch (event['event']) {
      case 'message.delta': {
        const text = textOf(event['delta']) ?? '';
        this.#whole += text;
        this.#segment += text;
        return text === '' ? [] : [{ type: 'text', text }];
      }
      case 'reasoning.delta':
      case 'thinking.delta': {
        const text = textOf(event['text']) ?? textOf(event['delta']) ?? '';
        return text === '' ? [] : [{ type: 'reasoning', text }];
      }
      case 'reasoning.available':
        return [{ type: 'reasoning-end', text: textOf(event['text']) ?? '' }];
      case 'tool.started':
        return this.#toolStarted(event);
      case 'tool.completed':
        return this.#toolCompleted(event);
      case 'approval.request':
        return this.approvalRequest(event);
      case 'approval.responded':
        return this.#approvalResponded(event);
      case 'clarify.request':
        return this.clarifyRequest(event);
      case 'clarify.responded':
      case 'clarify.resolved':
        return this.#clarifyResolved(event);
      case 'run.steered':
        return this.#steered(event);
      case 'run.completed':
        return [...this.#unreadSteer(event), this.#completed(event)];
      case 'run.failed':
        return [this.failed(event['error'], event['usage'])];
      case 'run.cancelled':
        return [{ type: 'cancelled', usage: this.#note(event['usage']) }];
      default:
        // An upstream may say more than is understood here.
        return [];
    }
  }

  /** An approval that is waited for; nothing when it was told before. */
  approvalRequest(fields: JsonObject): UpstreamEvent[] {
    const wireId = textOf(fields['request_id']);
    const waits = [...this.#approvals.values()].some((approval) => approval.isPending);
    if (wireId === null ? waits && fields['event'] === undefined : this.#approvals.get(wireId)?.isPending === true) {
      return [];
    }
    const approvalId = wireId ?? `${this.#runId}-approval-${this.#approvals.size + 1}`;
    this.#approvals.set(approvalId, { isNamed: wireId !== null, isPending: true });
    const offered = listOf(fields['choices']);
    const named = new Set(offered.map((choice) => CHOICE_ALIASES.get(choice)));
    const choices = CHOICES.filter((choice) => named.has(choice));
    const command = textOf(fields['command']) ?? '';
    return [
      {
        type: 'approval-request',
        approvalId,
        command,
        description: textOf(fields['description']) ?? command,
        choices: choices.length === 0 ? [...CHOICES] : choices,
      },
    ];
  }

  /** The answer to an approval was sent; its echo in the stream changes nothing more. */
  approvalAnswered(approvalId: string): void {
    const approval = this.#approvals.get(approvalId);
    if (approval !== undefined) approval.isPending = false;
  }

  /** A question that is waited for; nothing when it was told before. */
  clarifyRequest(fields: JsonObject): UpstreamEvent[] {
    const wireIds: Record<string, string> = {};
    for (const name of ['clarify_id', 'request_id']) {
      const id = textOf(fields[name]);
      if (id !== null && id !== '') wireIds[name] = id;
    }
    const wireId = wireIds['clarify_id'] ?? wireIds['request_id'] ?? null;
    const waits = [...this.#questions.values()].some((question) => question.isPending);
    if (wireId === null ? waits && fields['event'] === undefined : this.#questions.get(wireId)?.isPending === true) {
      return [];
    }
    const clarifyId = wireId ?? `${this.#runId}-clarify-${this.#questions.size + 1}`;
    // Answers are addressed by `clarify_id`, whatever the question was called.
    const answerIds = wireId === null ? {} : { clarify_id: wireId, ...wireIds };
    this.#questions.set(clarifyId, { wireIds: answerIds, isPending: true });
    const choices = listOf(fields['choices']).filter((choice): choice is string => typeof choice === 'string');
    const question = textOf(fields['question']) ?? textOf(fields['message']) ?? textOf(fields['text']) ?? '';
    return [{ type: 'clarify-request', clarifyId, question, choices }];
  }

  /** The answer to a question was sent; its echo in the stream changes nothing more. */
  clarifyAnswered(clarifyId: string): void {
    const question = this.#questions.get(clarifyId);
    if (question !== undefined) question.isPending = false;
  }

  /** A steer is on its way: its echo is not told, because its caller knows. @returns to be called when it was refused. */
  steering(text: string): () => void {
    this.#steers.push(text);
    return () => {
      const at = this.#steers.indexOf(text);
      if (at >= 0) this.#steers.splice(at, 1);
    };
  }

  failed(error: unknown, usage: unknown): UpstreamTerminal {
    const shown = error ?? {};
    return { type: 'failed', error: mapErrorObject(shown, this.#context), usage: this.#note(usage) };
  }

  #completed(event: JsonObject): UpstreamTerminal {
    return {
      type: 'completed',
      output: textOf(event['output']),
      finishReason: textOf(event['finish_reason']) ?? 'stop',
      usage: this.#note(event['usage']),
    };
  }

  #toolStarted(event: JsonObject): UpstreamEvent[] {
    this.#segment = '';
    this.#hasTools = true;
    const name = textOf(event['tool']) ?? textOf(event['name']) ?? 'tool';
    const given = event['arguments'];
    const args = isObject(given) ? JSON.stringify(given) : textOf(given);
    const preview = textOf(event['preview']) ?? (args === null ? null : toolPreview(args));
    return [{ type: 'tool-start', callId: textOf(event['tool_call_id']), name, preview, arguments: args }];
  }

  #toolCompleted(event: JsonObject): UpstreamEvent[] {
    const { duration, error } = event;
    this.#hasTools = true;
    return [
      {
        type: 'tool-end',
        callId: textOf(event['tool_call_id']),
        name: textOf(event['tool']) ?? textOf(event['name']) ?? 'tool',
        durationSeconds: typeof duration === 'number' ? duration : null,
        isError: error !== undefined && error !== null && error !== false && error !== '',
        output: textOf(event['output']),
      },
    ];
  }

  #approvalResponded(event: JsonObject): UpstreamEvent[] {
    const choice = CHOICE_ALIASES.get(event['choice']) ?? 'deny';
    const resolved = typeof event['resolved'] === 'number' ? event['resolved'] : 1;
    const wireId = textOf(event['request_id']);
    const pending = [...this.#approvals].filter(([, approval]) => approval.isPending).map(([id]) => id);
    const approvalId = wireId ?? pending[0] ?? null;
    if (approvalId !== null) this.approvalAnswered(approvalId);
    return [{ type: 'approval-resolved', approvalId, choice, resolved }];
  }

  #clarifyResolved(event: JsonObject): UpstreamEvent[] {
    const pending = [...this.#questions].filter(([, question]) => question.isPending).map(([id]) => id);
    const clarifyId = textOf(event['clarify_id']) ?? textOf(event['request_id']) ?? pending[0] ?? null;
    if (clarifyId !== null) this.clarifyAnswered(clarifyId);
    const response = textOf(event['response']) ?? textOf(event['answer']) ?? '';
    return [{ type: 'clarify-resolved', clarifyId, response }];
  }

  #steered(event: JsonObject): UpstreamEvent[] {
    const accepted = event['accepted'] !== false;
    const own = this.#steers.shift();
    // What became of our own is said by the answer to its request; a refused one of somebody else is theirs to repeat.
    if (own !== undefined || !accepted) return [];
    return [{ type: 'steered', text: textOf(event['text']) ?? textOf(event['input']) ?? '', accepted }];
  }

  /** A message that was taken and that the model never saw, because it had finished before. */
  #unreadSteer(event: JsonObject): UpstreamEvent[] {
    const text = textOf(event['pending_steer']) ?? '';
    return text === '' ? [] : [{ type: 'steered', text, accepted: false }];
  }

  #note(usage: unknown): Usage | null {
    this.#usage = hermesUsage(usage) ?? this.#usage;
    return this.#usage;
  }
}
