import { randomUUID } from 'node:crypto';
import type { Usage } from '#contract/events';
import { AbortReason } from '../../platform/app-failure.ts';
import { isObject, type JsonObject, listOf, textOf } from '../json.ts';
import { toFailure } from '../read-answer.ts';
import type { WireProtocol } from '../translate/translation.ts';
import type { HistoryMessage, UpstreamRun } from '../upstream-adapter.ts';
import type { UpstreamEvent } from '../upstream-event.ts';
import type { RelayParts, RelayQuestion, RelayReply, RelayTrack } from './relay-port.ts';

const MODEL = 'demo';

/**
 * The built-in demo in a program's protocol: its words only. What it pretends to do with tools has no place in an answer to
 * a program, whose own tools it does not call; what it asks is denied, since nobody is there to answer.
 */
export async function demoReply(
  { gateway, clock }: Pick<RelayParts, 'gateway' | 'clock'>,
  question: RelayQuestion,
  track: RelayTrack,
  signal: AbortSignal,
): Promise<RelayReply> {
  const { client, request, id } = question;
  const turns = turnsOf(client, request.body);
  const last = turns.at(-1);
  const { run } = await gateway.start(
    question.profile,
    {
      runId: id,
      sessionId: null,
      model: MODEL,
      instructions: null,
      history: turns.slice(0, -1),
      input: { content: last?.role === 'user' ? last.content : '' },
      parameters: {},
    },
    signal,
    track.notices,
  );
  const options = isObject(request.body['stream_options']) ? request.body['stream_options'] : {};
  const writer = writerOf(client, Math.floor(clock.now() / 1000), options['include_usage'] === true);
  const answerer = { credentialId: null, model: MODEL };
  if (request.stream) {
    const headers = { 'content-type': 'text/event-stream; charset=utf-8' };
    let isComplete = false;
    const frames = streamed(run, writer, track, signal, () => (isComplete = true));
    // What the demo plays is thrown.
    const body = { kind: 'frames' as const, frames, failure: () => null, isComplete: () => isComplete };
    return { status: 200, headers, answerer, body };
  }
  let text = '';
  let usage: Usage | null = null;
  for await (const words of wordsOf(run, track, signal, (told) => (usage = told))) text += words;
  const bytes = Buffer.from(JSON.stringify(writer.whole(text, usage)));
  return { status: 200, headers: { 'content-type': 'application/json' }, answerer, body: { kind: 'whole', bytes } };
}

async function* streamed(
  run: UpstreamRun,
  writer: DemoWriter,
  track: RelayTrack,
  signal: AbortSignal,
  onLast: () => void,
): AsyncGenerator<Buffer, void, undefined> {
  let usage: Usage | null = null;
  let text = '';
  yield Buffer.from(writer.open());
  for await (const words of wordsOf(run, track, signal, (told) => (usage = told))) {
    text += words;
    yield Buffer.from(writer.say(words));
  }
  onLast();
  yield Buffer.from(writer.close(text, usage));
}

/** What the demo says, booked when it is over. @throws AppFailure that it plays; the signal's reason. */
async function* wordsOf(
  run: UpstreamRun,
  track: RelayTrack,
  signal: AbortSignal,
  figures: (usage: Usage | null) => void,
): AsyncGenerator<string, void, undefined> {
  let isOver = false;
  try {
    for await (const batch of run.events) {
      for (const event of batch) {
        track.hear(event);
        if (event.type === 'text') yield event.text;
        if (event.type === 'approval-request') await run.approve?.(event.approvalId, 'deny', false);
        if (event.type === 'clarify-request') await run.clarify?.(event.clarifyId, event.choices[0] ?? '');
        if (event.type === 'usage' || event.type === 'completed') figures(event.usage);
        // A failure is an end, too: nobody stopped it.
        if (event.type === 'failed') isOver = true;
        isOver = endsWell(event, signal);
      }
    }
  } finally {
    track.settle(!isOver);
    if (!isOver) await run.stop();
  }
}

/** @throws AppFailure for an end that is none; the signal's reason. */
function endsWell(event: UpstreamEvent, signal: AbortSignal): boolean {
  if (event.type === 'failed') throw toFailure(event.error);
  if (event.type === 'cancelled') {
    signal.throwIfAborted();
    throw new AbortReason('user');
  }
  return event.type === 'completed';
}

/** The texts of a request's turns. */
function turnsOf(client: WireProtocol, body: JsonObject): HistoryMessage[] {
  const field = client === 'openai-responses' ? body['input'] : body['messages'];
  if (typeof field === 'string') return [{ role: 'user', content: field }];
  return listOf(field).flatMap((turn): HistoryMessage[] => {
    if (!isObject(turn)) return [];
    const content = textIn(turn['content']);
    if (turn['role'] === 'assistant') return [{ role: 'assistant', content, toolCalls: null }];
    return turn['role'] === 'user' ? [{ role: 'user', content }] : [];
  });
}

function textIn(content: unknown): string {
  if (typeof content === 'string') return content;
  return listOf(content)
    .map((part) => (isObject(part) ? (textOf(part['text']) ?? '') : ''))
    .filter((text) => text !== '')
    .join('\n');
}

/** A plain text answer in one protocol. */
interface DemoWriter {
  open(): string;
  say(text: string): string;
  close(text: string, usage: Usage | null): string;
  whole(text: string, usage: Usage | null): JsonObject;
}

function writerOf(client: WireProtocol, createdS: number, tellsUsage: boolean): DemoWriter {
  switch (client) {
    case 'anthropic-messages':
      return anthropicWriter();
    case 'openai-chat':
      return chatWriter(createdS, tellsUsage);
    case 'openai-responses':
      return responsesWriter(createdS);
  }
}

function idOf(prefix: string): string {
  return `${prefix}${randomUUID().replaceAll('-', '')}`;
}

function named(data: { type: string } & JsonObject): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** The demo's own units: words. */
function counts(usage: Usage | null): { input: number; output: number } {
  return { input: usage?.input_tokens ?? 0, output: usage?.output_tokens ?? 0 };
}

function anthropicWriter(): DemoWriter {
  const head = { id: idOf('msg_'), type: 'message', role: 'assistant', model: MODEL };
  const figures = (usage: Usage | null) => {
    const { input, output } = counts(usage);
    return { input_tokens: input, output_tokens: output };
  };
  return {
    open: () =>
      named({
        type: 'message_start',
        message: { ...head, content: [], stop_reason: null, stop_sequence: null, usage: figures(null) },
      }) + named({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    say: (text) => named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
    close: (_text, usage) =>
      named({ type: 'content_block_stop', index: 0 }) +
      named({
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: figures(usage),
      }) +
      named({ type: 'message_stop' }),
    whole: (text, usage) => ({
      ...head,
      content: [{ type: 'text', text }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: figures(usage),
    }),
  };
}

function chatWriter(createdS: number, tellsUsage: boolean): DemoWriter {
  const head = { id: idOf('chatcmpl-'), created: createdS, model: MODEL };
  const frame = (fields: JsonObject) =>
    `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...fields })}\n\n`;
  const chunk = (delta: JsonObject, reason: string | null) =>
    frame({ choices: [{ index: 0, delta, finish_reason: reason }] });
  const figures = (usage: Usage | null) => {
    const { input, output } = counts(usage);
    return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
  };
  return {
    open: () => chunk({ role: 'assistant', content: '' }, null),
    say: (content) => chunk({ content }, null),
    close: (_text, usage) =>
      `${chunk({}, 'stop')}${tellsUsage ? frame({ choices: [], usage: figures(usage) }) : ''}data: [DONE]\n\n`,
    whole: (content, usage) => ({
      ...head,
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content, refusal: null }, finish_reason: 'stop' }],
      usage: figures(usage),
    }),
  };
}

function responsesWriter(createdS: number): DemoWriter {
  const head = { id: idOf('resp_'), object: 'response', created_at: createdS, model: MODEL };
  const itemId = idOf('msg_');
  let number = 0;
  const event = (type: string, fields: JsonObject) => named({ type, sequence_number: number++, ...fields });
  const place = { item_id: itemId, output_index: 0, content_index: 0 };
  const part = (text: string) => ({ type: 'output_text', text, annotations: [] });
  const item = (text: string | null) => ({
    id: itemId,
    type: 'message',
    status: text === null ? 'in_progress' : 'completed',
    role: 'assistant',
    content: text === null ? [] : [part(text)],
  });
  const response = (text: string | null, usage: Usage | null): JsonObject => {
    const { input, output } = counts(usage);
    return {
      ...head,
      status: text === null ? 'in_progress' : 'completed',
      error: null,
      incomplete_details: null,
      instructions: null,
      metadata: {},
      output: text === null ? [] : [item(text)],
      parallel_tool_calls: true,
      temperature: null,
      tool_choice: 'auto',
      tools: [],
      top_p: null,
      usage:
        text === null
          ? null
          : {
              input_tokens: input,
              input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
              output_tokens: output,
              output_tokens_details: { reasoning_tokens: 0 },
              total_tokens: input + output,
            },
    };
  };
  return {
    open: () =>
      event('response.created', { response: response(null, null) }) +
      event('response.in_progress', { response: response(null, null) }) +
      event('response.output_item.added', { output_index: 0, item: item(null) }) +
      event('response.content_part.added', { ...place, part: part('') }),
    say: (delta) => event('response.output_text.delta', { ...place, delta, logprobs: [] }),
    close: (text, usage) =>
      event('response.output_text.done', { ...place, text, logprobs: [] }) +
      event('response.content_part.done', { ...place, part: part(text) }) +
      event('response.output_item.done', { output_index: 0, item: item(text) }) +
      event('response.completed', { response: response(text, usage) }),
    whole: response,
  };
}
