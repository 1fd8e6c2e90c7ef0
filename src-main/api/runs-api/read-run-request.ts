import type { ProgramRequest } from '../../store/run-repository.ts';
import { HttpFailure, unsupportedOption } from '../http-failure.ts';
import { type InputPart, readContentBlock } from './read-content.ts';
import { STREAM_MODES, type StreamMode } from './run-frames.ts';
import type { InputMessage, RunRequestBody } from './schemas.ts';

/** What a program's request comes to, before anything was looked up. */
export interface WantedRun {
  assistantId: string;
  /** Null where the request brings no message: another answer to the one after its checkpoint. */
  input: string | InputPart[] | null;
  instructions: string | null;
  model: string | null;
  reasoningEffort: 'low' | 'medium' | 'high' | null;
  /** The state that it starts from; null for the newest. */
  checkpointId: string | null;
  /** The thread that the body names, for runs whose address names none. */
  threadId: string | null;
  modes: StreamMode[];
  strategy: ProgramRequest['strategy'];
  onDisconnect: ProgramRequest['onDisconnect'];
  onCompletion: ProgramRequest['onCompletion'];
  createsThread: boolean;
  metadata: Record<string, unknown>;
  kwargs: Record<string, unknown>;
}

/** What LangGraph's servers know and this one does not do, with what to do instead (decision 24). */
const REFUSED = {
  command: 'Answer an agent’s question in the window, or over the chat-run protocol.',
  webhook: 'Stream the run, or wait for it.',
  after_seconds: 'Send the request when it is due.',
  interrupt_before: 'There are no steps to stop before. Cancel the run instead.',
  interrupt_after: 'There are no steps to stop after. Cancel the run instead.',
  feedback_keys: 'Use the feedback of the run.',
  langsmith_tracer: 'Nothing is sent to anybody but the model. Leave it out.',
} as const;

/** True for a field that asks for nothing: clients send those all the time. */
function asksNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

/** @throws HttpFailure 422 for a mode that there is not. */
export function readModes(given: string | readonly string[] | null | undefined): StreamMode[] {
  const names = given == null ? [] : typeof given === 'string' ? [given] : given;
  const modes = names.map((mode): StreamMode => {
    const known = STREAM_MODES.find((one) => one === mode);
    if (known !== undefined) return known;
    throw unsupportedOption(`stream_mode: ${mode}`, `Choose among: ${STREAM_MODES.join(', ')}.`);
  });
  return modes.length === 0 ? ['values'] : [...new Set(modes)];
}

function malformed(index: number, reason: string): HttpFailure {
  return new HttpFailure(400, 'invalid_payload', `“input.messages[${index}]” cannot be taken: ${reason}`, {
    details: { field: `input.messages[${index}]` },
  });
}

/** Text alone is one text; with a file among it, the parts are kept in their order. */
function contentOf({ content }: InputMessage, index: number): string | InputPart[] {
  if (typeof content === 'string') return content;
  let files = 0;
  const parts = content.map((block, at) => {
    if (block.type !== 'text') files++;
    return readContentBlock(block, `input.messages[${index}].content[${at}]`, files);
  });
  if (files > 0) return parts;
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}

const roleOf = ({ type, role }: InputMessage): 'human' | 'system' | 'other' | null => {
  const given = type ?? role;
  if (given === undefined) return null;
  if (given === 'human' || given === 'user') return 'human';
  return given === 'system' ? 'system' : 'other';
};

/**
 * The one message that a run answers, and what the model is told before it. Messages that the thread holds already, by their
 * ids, are skipped: some clients send the whole conversation each time.
 *
 * @throws HttpFailure 400 that names the message.
 */
function readInput(
  input: RunRequestBody['input'],
  isKnown: (messageId: string) => boolean,
): { input: string | InputPart[] | null; instructions: string | null } {
  if (input == null) return { input: null, instructions: null };
  const given = input.messages;
  const list =
    typeof given === 'string' ? [{ type: 'human' as const, content: given }] : Array.isArray(given) ? given : [given];
  let asked: string | InputPart[] | null = null;
  const instructions: string[] = [];
  for (const [index, message] of list.entries()) {
    if (typeof message.id === 'string' && isKnown(message.id)) continue;
    const role = roleOf(message);
    if (role === null) throw malformed(index, 'it has neither a “type” nor a “role”.');
    if (role === 'other') throw malformed(index, 'only a person’s message starts a run. The thread holds the others.');
    const said = contentOf(message, index);
    if (role === 'system') {
      if (typeof said !== 'string') throw malformed(index, 'only a person’s message holds files.');
      instructions.push(said);
    } else if (asked !== null) throw malformed(index, 'a run answers one message. Send one run for each.');
    else if (typeof said === 'string' && said.trim() === '') throw malformed(index, 'it is empty.');
    else asked = said;
  }
  return { input: asked, instructions: instructions.length === 0 ? null : instructions.join('\n\n') };
}

/**
 * Reads a checked request. Pure.
 *
 * @param isKnown whether the thread holds a message.
 * @throws HttpFailure 422 `unsupported_run_option` for what is not done here, 400 for a message that cannot be taken.
 */
export function readRunRequest(
  body: RunRequestBody,
  isKnown: (messageId: string) => boolean,
  address: { threadId: string | null },
): WantedRun {
  for (const [option, remedy] of Object.entries(REFUSED)) {
    if (!asksNothing(body[option as keyof typeof REFUSED])) throw unsupportedOption(option, remedy);
  }
  const { config, context } = body;
  const chosen = { ...withoutNulls(config?.configurable ?? {}), ...withoutNulls(context ?? {}) };
  const named = chosen.thread_id ?? null;
  if (address.threadId !== null && named !== null && named !== address.threadId) {
    throw new HttpFailure(400, 'invalid_payload', 'The request names another thread than its address does.');
  }
  if (address.threadId !== null && body.on_completion === 'delete') {
    throw unsupportedOption('on_completion: delete', 'Only runs without a thread of their own can delete theirs.');
  }
  const { input, instructions } = readInput(body.input, isKnown);
  return {
    assistantId: body.assistant_id,
    input,
    instructions: instructions ?? chosen.instructions ?? null,
    model: chosen.model ?? chosen.model_name ?? null,
    reasoningEffort: chosen.reasoning_effort ?? null,
    checkpointId: body.checkpoint_id ?? body.checkpoint?.checkpoint_id ?? null,
    threadId: address.threadId ?? named,
    modes: readModes(body.stream_mode),
    strategy: body.multitask_strategy ?? 'reject',
    onDisconnect: body.on_disconnect ?? 'continue',
    onCompletion: body.on_completion ?? 'keep',
    createsThread: (body.if_not_exists ?? 'create') === 'create',
    metadata: { ...config?.metadata, ...body.metadata },
    kwargs: { ...(config == null ? {} : { config }), ...(context == null ? {} : { context }) },
  };
}

function withoutNulls<T extends object>(value: T): { [Key in keyof T]?: NonNullable<T[Key]> } {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field != null)) as {
    [Key in keyof T]?: NonNullable<T[Key]>;
  };
}
