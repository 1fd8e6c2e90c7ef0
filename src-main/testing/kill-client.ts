import type { Socket } from 'socket.io-client';
import type { Result } from '#contract/errors';
import { type ChatEvent, isLoggedEvent, type LoggedEvent, type LoggedEventName } from '#contract/events';
import type { RouteInput, RouteOutputs, RunAck } from '#contract/routes';
import { KILLED_SESSIONS } from './kill-plan.ts';

/** One message as its sender knows it: what was asked, and what was acknowledged before the host died. */
export interface SentMessage {
  queueId: string;
  sessionId: string;
  /** The text it was sent with, then those of its edits. The one that counts stands at `acknowledgedText` or later. */
  texts: string[];
  acknowledgedText: number;
  ack: RunAck | null;
  cancelled: boolean;
}

/** What a subscriber was shown of one row. */
export interface SeenText {
  sessionId: string;
  text: string;
  reasoning: string;
}

type ChatRoute = Extract<keyof RouteOutputs, `chat.${string}`>;
type ChatName = ChatRoute extends `chat.${infer Name}` ? Name : never;

/**
 * A person at a socket who keeps books of everything that was acknowledged and everything that was seen, until the line
 * goes dead. What the books say is what a killed host owes.
 */
export class KillClient {
  readonly sent = new Map<string, SentMessage>();
  readonly seen = new Map<string, SeenText>();
  readonly rolledBack = new Set<string>();
  /** Events that are no text, by session and seq: these are compared with the log one by one. */
  readonly events: { sessionId: string; seq: number; name: LoggedEventName }[] = [];
  /** Refusals that no drive should meet. */
  readonly problems: string[] = [];
  onEvent: (event: LoggedEvent) => void = () => undefined;
  onAck: (ack: RunAck) => void = () => undefined;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.onAny((_name: string, event: ChatEvent) => {
      if (isLoggedEvent(event)) this.#hear(event);
    });
  }

  #hear(event: LoggedEvent): void {
    const sessionId = event.session_id ?? '';
    switch (event.event) {
      case 'message.delta':
        this.#row(event.message_id, sessionId).text += event.delta;
        break;
      case 'reasoning.delta':
        this.#row(event.message_id, sessionId).reasoning += event.delta;
        break;
      default:
        if (event.event === 'run.rolled_back') for (const id of event.message_ids) this.rolledBack.add(id);
        this.events.push({ sessionId, seq: event.seq, name: event.event });
    }
    this.onEvent(event);
  }

  #row(messageId: string, sessionId: string): SeenText {
    const known = this.seen.get(messageId) ?? { sessionId, text: '', reasoning: '' };
    this.seen.set(messageId, known);
    return known;
  }

  /** @returns null when the host died before it answered. */
  async ask<Name extends ChatName>(
    name: Name,
    payload: RouteInput<`chat.${Name}`>,
  ): Promise<Result<RouteOutputs[`chat.${Name}`]> | null> {
    try {
      return (await this.#socket.emitWithAck(name, payload)) as Result<RouteOutputs[`chat.${Name}`]>;
    } catch {
      // The line is dead: whether the host did it is what the laws ask.
      return null;
    }
  }

  /** Sends a message and writes down what became of it. */
  async send(message: {
    queueId: string;
    sessionId: string;
    text: string;
    profile: string;
    strategy: 'enqueue' | 'interrupt' | 'rollback' | 'reject';
  }): Promise<void> {
    const { queueId, sessionId, text, profile, strategy } = message;
    const record: SentMessage = {
      queueId,
      sessionId,
      texts: [text],
      acknowledgedText: 0,
      ack: null,
      cancelled: false,
    };
    this.sent.set(queueId, record);
    const answer = await this.ask('run', { session_id: sessionId, input: text, queue_id: queueId, profile, strategy });
    if (answer === null) return;
    if (answer.ok) {
      record.ack = answer.data;
      this.onAck(answer.data);
    } else this.#refused(`run ${queueId}`, answer.error.code, ['conflict_active_run']);
  }

  async cancel(record: SentMessage): Promise<void> {
    const answer = await this.ask('cancel_queued_run', { session_id: record.sessionId, queue_id: record.queueId });
    if (answer?.ok === true && answer.data.removed === 1) record.cancelled = true;
  }

  async edit(record: SentMessage, text: string): Promise<void> {
    record.texts.push(text);
    const place = record.texts.length - 1;
    const answer = await this.ask('queue_edit', {
      session_id: record.sessionId,
      queue_id: record.queueId,
      input: text,
    });
    if (answer === null) return;
    if (answer.ok) record.acknowledgedText = place;
    else this.#refused(`edit ${record.queueId}`, answer.error.code, ['conflict', 'not_found']);
  }

  #refused(what: string, code: string, expected: readonly string[]): void {
    if (!expected.includes(code)) this.problems.push(`${what} was refused: ${code}`);
  }

  /** Follows every session of the drive from now on. */
  async watch(): Promise<void> {
    for (const sessionId of KILLED_SESSIONS) await this.ask('resume', { session_id: sessionId });
  }
}
