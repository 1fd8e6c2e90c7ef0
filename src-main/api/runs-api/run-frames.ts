import type { LoggedEvent } from '#contract/events';
import { isTerminalEvent } from '#contract/events';
import type { Message } from '#contract/message';
import { applyRunEvent, emptyRunView, type RunView } from '#contract/run-view';
import { type GraphMessage, toGraphMessage } from './thread-state.ts';

export const STREAM_MODES = ['values', 'updates', 'messages', 'messages-tuple', 'custom'] as const;
export type StreamMode = (typeof STREAM_MODES)[number];

/** One frame of an event stream before it is bytes. */
export interface Frame {
  /** `seq * 16 + kind`: its place in the log and, within one event of the log, among the frames that it makes. */
  place: number;
  ms: number;
  event: string;
  data: unknown;
}

/** Places of frames within one event. Fixed, so that every choice of modes has the same ids (decision 2). */
const KIND = {
  metadata: 0,
  'updates-agent': 1,
  'updates-tools': 2,
  tuple: 3,
  'messages-metadata': 4,
  'messages-partial': 5,
  'messages-complete': 6,
  custom: 7,
  values: 8,
  error: 14,
  end: 15,
} as const;
export const PLACES_PER_EVENT = 16;

export function frameId(frame: { ms: number; place: number }): string {
  return `${frame.ms}-${frame.place}`;
}

/** A whole message is sent again only when it grew by this share: so a long answer costs its length some 30 times at most. */
const PARTIAL_GROWTH = 1 / 16;

/** Events that are told in no other way. Text is not among them, and neither is what is only ours. */
function isCustom(event: LoggedEvent): boolean {
  return (
    event.event !== 'message.delta' && event.event !== 'reasoning.delta' && event.event !== 'run.peer_user_message'
  );
}

function chunkOf(event: LoggedEvent): Record<string, unknown> | null {
  const base = { type: 'AIMessageChunk', content: '', tool_calls: [], tool_call_chunks: [], response_metadata: {} };
  switch (event.event) {
    case 'message.delta':
      return { ...base, id: event.message_id, content: event.delta, additional_kwargs: {} };
    case 'reasoning.delta':
      return { ...base, id: event.message_id, additional_kwargs: { reasoning_content: event.delta } };
    default:
      return null;
  }
}

export interface RunFramesOptions {
  threadId: string;
  runId: string;
  assistantId: string;
  modes: ReadonlySet<StreamMode>;
  /** The shown rows before the run's own; asked once, and only for the mode that shows them. */
  before: () => readonly Message[];
  /** Whether the run was taken back; asked at its end. */
  isRolledBack: () => boolean;
}

/**
 * Turns the events of one run into the frames of its stream. Deterministic: the same events make the same frames with the
 * same ids, live or read again (decision 2). `metadata` is first, `end` last and exactly once; after it comes nothing.
 */
export class RunFrames {
  readonly #options: RunFramesOptions;
  #view: RunView;
  #before: GraphMessage[] | null = null;
  /** Assistant rows that `updates` told of. */
  readonly #updated = new Set<string>();
  /** How long a message was when `messages` sent it last. */
  readonly #sent = new Map<string, number>();
  #isEnded = false;

  constructor(options: RunFramesOptions) {
    this.#options = options;
    this.#view = emptyRunView(options.threadId);
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** The place of the last event that was read. */
  get lastSeq(): number {
    return this.#view.lastSeq;
  }

  /** The frames that an event makes. An event of another run, one that was read already and one after the end make none. */
  next(event: LoggedEvent): Frame[] {
    if (this.#isEnded || event.run_id !== this.#options.runId || event.seq <= this.#view.lastSeq) return [];
    const before = this.#view;
    this.#view = applyRunEvent(before, event);
    const frames: Frame[] = [];
    const add = (kind: keyof typeof KIND, name: string, data: unknown) =>
      frames.push({ place: event.seq * PLACES_PER_EVENT + KIND[kind], ms: event.ts, event: name, data });
    const { modes } = this.#options;
    if (before.lastSeq === 0) add('metadata', 'metadata', this.#metadata());
    const isEnd = isTerminalEvent(event.event);
    const rows = isEnd ? this.#view.settled : this.#view.live;
    if (modes.has('updates')) this.#addUpdates(event, rows, isEnd, add);
    if (modes.has('messages-tuple')) this.#addTuple(event, rows, isEnd, add);
    if (modes.has('messages')) this.#addMessages(event, rows, isEnd, add);
    if (modes.has('custom') && isCustom(event)) add('custom', 'custom', event);
    const isStep = event.event === 'run.peer_user_message' || event.event === 'tool.completed' || isEnd;
    if (modes.has('values') && isStep) add('values', 'values', { messages: this.#allMessages(rows) });
    if (isEnd) this.#addEnd(event, add);
    return frames;
  }

  #metadata(): Record<string, unknown> {
    const { runId, threadId, assistantId } = this.#options;
    return { run_id: runId, thread_id: threadId, assistant_id: assistantId };
  }

  #allMessages(rows: readonly Message[]): GraphMessage[] {
    this.#before ??= this.#options.before().map(toGraphMessage);
    return [...this.#before, ...rows.map(toGraphMessage)];
  }

  #addUpdates(
    event: LoggedEvent,
    rows: readonly Message[],
    isEnd: boolean,
    add: (kind: keyof typeof KIND, name: string, data: unknown) => void,
  ): void {
    if (event.event !== 'tool.completed' && !isEnd) return;
    const said = rows.filter((row) => row.role === 'assistant' && !this.#updated.has(row.id));
    for (const row of said) this.#updated.add(row.id);
    if (said.length > 0) add('updates-agent', 'updates', { agent: { messages: said.map(toGraphMessage) } });
    const tool = event.event === 'tool.completed' ? rows.find((row) => row.id === event.message_id) : undefined;
    if (tool !== undefined) add('updates-tools', 'updates', { tools: { messages: [toGraphMessage(tool)] } });
  }

  #addTuple(
    event: LoggedEvent,
    rows: readonly Message[],
    isEnd: boolean,
    add: (kind: keyof typeof KIND, name: string, data: unknown) => void,
  ): void {
    const facts = (node: string) => ({ ...this.#metadata(), langgraph_node: node });
    const chunk = chunkOf(event);
    if (chunk !== null) add('tuple', 'messages', [chunk, facts('agent')]);
    if (event.event === 'tool.completed') {
      const tool = rows.find((row) => row.id === event.message_id);
      if (tool !== undefined) add('tuple', 'messages', [toGraphMessage(tool), facts('tools')]);
    }
    // What came in one piece at the end was never streamed.
    if (isEnd && event.event === 'run.completed' && event.message_id !== undefined) {
      const row = rows.find((one) => one.id === event.message_id);
      if (row !== undefined) add('tuple', 'messages', [toGraphMessage(row), facts('agent')]);
    }
  }

  #addMessages(
    event: LoggedEvent,
    rows: readonly Message[],
    isEnd: boolean,
    add: (kind: keyof typeof KIND, name: string, data: unknown) => void,
  ): void {
    if (event.event === 'message.delta' || event.event === 'reasoning.delta') {
      const row = rows.find((one) => one.id === event.message_id);
      if (row === undefined) return;
      const length = row.content.length + (row.reasoning?.length ?? 0);
      const known = this.#sent.get(row.id);
      if (known === undefined)
        add('messages-metadata', 'messages/metadata', { [row.id]: { metadata: this.#metadata() } });
      if (known !== undefined && length < known * (1 + PARTIAL_GROWTH)) return;
      this.#sent.set(row.id, length);
      add('messages-partial', 'messages/partial', [toGraphMessage(row)]);
    }
    if (event.event === 'tool.completed') {
      const tool = rows.find((row) => row.id === event.message_id);
      if (tool !== undefined) add('messages-complete', 'messages/complete', [toGraphMessage(tool)]);
    }
    const answers = isEnd ? rows.filter((row) => row.role === 'assistant') : [];
    if (answers.length > 0) add('messages-complete', 'messages/complete', answers.map(toGraphMessage));
  }

  #addEnd(event: LoggedEvent, add: (kind: keyof typeof KIND, name: string, data: unknown) => void): void {
    this.#isEnded = true;
    if (this.#options.isRolledBack()) add('error', 'error', ROLLED_BACK);
    else if (event.event === 'run.failed') {
      const { code } = event.error_info;
      add('error', 'error', { error: code, name: code, message: event.error });
    }
    add('end', 'end', null);
  }
}

const ROLLED_BACK = { error: 'rolled_back', name: 'rolled_back', message: 'Rolled back by user' };

/** The frames of a run of which no events are left to tell: it never began, or it was taken back. */
export function bareFrames(run: {
  threadId: string;
  runId: string;
  assistantId: string;
  isRolledBack: boolean;
  first: { seq: number; ms: number };
  last: { seq: number; ms: number };
}): Frame[] {
  const at = (where: { seq: number; ms: number }, kind: number) => ({
    place: where.seq * PLACES_PER_EVENT + kind,
    ms: where.ms,
  });
  const data = { run_id: run.runId, thread_id: run.threadId, assistant_id: run.assistantId };
  return [
    { ...at(run.first, KIND.metadata), event: 'metadata', data },
    ...(run.isRolledBack ? [{ ...at(run.last, KIND.error), event: 'error', data: ROLLED_BACK }] : []),
    { ...at(run.last, KIND.end), event: 'end', data: null },
  ];
}
