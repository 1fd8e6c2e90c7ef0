import type { Usage } from '#contract/events';
import { errorOf } from '../classify-failure.ts';
import { isObject } from '../json.ts';
import { readAnthropicReply } from './anthropic/read-reply.ts';
import { readAnthropicRequest } from './anthropic/read-request.ts';
import { AnthropicStreamReader } from './anthropic/read-stream.ts';
import { writeAnthropicReply } from './anthropic/write-reply.ts';
import { writeAnthropicRequest } from './anthropic/write-request.ts';
import { AnthropicStreamWriter } from './anthropic/write-stream.ts';
import { readChatReply } from './chat/read-reply.ts';
import { readChatRequest } from './chat/read-request.ts';
import { ChatStreamReader } from './chat/read-stream.ts';
import { writeChatReply } from './chat/write-reply.ts';
import { writeChatRequest } from './chat/write-request.ts';
import { ChatStreamWriter } from './chat/write-stream.ts';
import { checkCalls, placeResults } from './check-calls.ts';
import { DropList, type Dropped, inWordsOf } from './dropped.ts';
import { estimateInputTokens } from './estimate-input.ts';
import { eventsOf, type NeutralReply, type ReplyEvent } from './neutral-reply.ts';
import type { NeutralRequest } from './neutral-request.ts';
import type { StreamReader, WireFrame } from './read-stream.ts';
import type { ReplyContext } from './reply-context.ts';
import { readResponsesReply } from './responses/read-reply.ts';
import { readResponsesRequest } from './responses/read-request.ts';
import { ResponsesStreamReader } from './responses/read-stream.ts';
import { writeResponsesReply } from './responses/write-reply.ts';
import { writeResponsesRequest } from './responses/write-request.ts';
import { ResponsesStreamWriter } from './responses/write-stream.ts';
import { type CallExtraStore, CallRestorer, type ClientTools, restoreParts } from './restore-calls.ts';
import { withThinking } from './thinking-wish.ts';
import { badReply, TranslationFailure } from './translation-failure.ts';
import { withUniqueCalls } from './unique-calls.ts';
import { readUpstreamError } from './upstream-error.ts';
import { errorBody, errorFrames, type WireError } from './wire-error.ts';
import { hashOf, WireNames } from './wire-names.ts';
import type { WireProtocol } from './wire-protocol.ts';
import type { RequestWriter } from './write-context.ts';
import { MAX_CALL_ID_CHARS } from './write-openai.ts';
import type { StreamWriter } from './write-stream.ts';

export { exactly, parseExactJson } from './exact-json.ts';
export { anthropicTraits, openAiTraits } from './model-traits.ts';
export { isPackedSeal, mentionsSeal } from './seal.ts';
export { budgetWithin, DEFAULT_BUDGET_TOKENS } from './thinking-wish.ts';
export { type Dropped, errorBody, errorFrames, TranslationFailure, type WireError, type WireFrame, type WireProtocol };

/** A request that can be asked in the other protocol, and what brings its answer back. */
export interface Translation {
  /** The upstream's body, `model` and `stream` set. Owned by the caller from here on. */
  readonly body: Record<string, unknown>;
  /** Header values that the upstream's protocol wants because of the body, never secrets. */
  readonly headers: Readonly<Record<string, string>>;
  readonly dropped: readonly Dropped[];
  /** A whole answer of the upstream (its JSON, status 200) in the client's protocol. Throws TranslationFailure (kind `reply`). */
  reply(json: unknown): Record<string, unknown>;
  /** The same as the whole text of a stream: for a client that asked for one, where the upstream gives none. Throws as `reply`. */
  replyAsStream(json: unknown): string;
  /** Begins a streamed answer; one object for one answer. */
  stream(): StreamTranslator;
}

export interface StreamTranslator {
  /** Text of server-sent events in the client's protocol for one upstream frame; '' where there is nothing to say yet. Never throws. */
  push(frame: WireFrame): string;
  /** The upstream closed: what is still to say. Where its own last word is missing `cut` is true, and no terminal event is invented. */
  end(): { readonly text: string; readonly cut: boolean };
  /** Says an error as the end of this stream, in the client's protocol; '' where its end has been said already. */
  fail(error: WireError): string;
  /** Whether the end of the client's stream has been said: its terminal event, or an error. */
  readonly finished: boolean;
  /** The error that ended it, where one did. */
  readonly failure: WireError | null;
  /** What the upstream reported so far, input with cached tokens; null where it said nothing. */
  readonly usage: Usage | null;
  /** The number of the next event of a responses stream; 0 for the others. */
  readonly nextSequence: number;
}

export interface TranslationOptions {
  /** The upstream's name of the model. */
  model: string;
  /** `on`: the model's name asked for thinking, whatever the body says. */
  thinking: 'as-asked' | 'on';
  /** When the request came, for replies that name their time; 1970 where it is not given. */
  nowMs?: number;
  /** An id for replies whose upstream gives none, and for the items of every answer; no two requests have the same. */
  replyId?: string;
  /** The answer that a responses client goes on from; the body has its words already. */
  previousId?: string;
  /** Hears a whole answer to a responses client, streamed or not, when it is complete. */
  answered?: (response: Record<string, unknown>) => void;
  /** Where what a chat server hangs on a call waits for the request that brings the call back. */
  extras?: CallExtraStore;
}

interface Protocol {
  readRequest(body: Record<string, unknown>, dropped: DropList): NeutralRequest;
  writeRequest: RequestWriter;
  readReply(body: Record<string, unknown>): NeutralReply;
  writeReply(reply: NeutralReply, context: ReplyContext): Record<string, unknown>;
  streamReader(): StreamReader;
  streamWriter(context: ReplyContext): StreamWriter;
  /** The longest id of a call. */
  maxIdChars: number;
}

/** Three readers and three writers; six directions follow. */
const PROTOCOLS: Record<WireProtocol, Protocol> = {
  'anthropic-messages': {
    readRequest: readAnthropicRequest,
    writeRequest: writeAnthropicRequest,
    readReply: readAnthropicReply,
    writeReply: writeAnthropicReply,
    streamReader: () => new AnthropicStreamReader(),
    streamWriter: (context) => new AnthropicStreamWriter(context),
    maxIdChars: 64,
  },
  'openai-chat': {
    readRequest: readChatRequest,
    writeRequest: writeChatRequest,
    readReply: readChatReply,
    writeReply: writeChatReply,
    streamReader: () => new ChatStreamReader(),
    streamWriter: (context) => new ChatStreamWriter(context),
    maxIdChars: MAX_CALL_ID_CHARS,
  },
  'openai-responses': {
    readRequest: readResponsesRequest,
    writeRequest: writeResponsesRequest,
    readReply: readResponsesReply,
    writeReply: writeResponsesReply,
    streamReader: () => new ResponsesStreamReader(),
    streamWriter: (context) => new ResponsesStreamWriter(context),
    maxIdChars: 64,
  },
};

/** Throws TranslationFailure. `body` is the client's parsed JSON and is not changed; parts of it may be shared with the result. */
export function translateRequest(
  client: WireProtocol,
  upstream: WireProtocol,
  body: Record<string, unknown>,
  options: TranslationOptions,
): Translation {
  const from = PROTOCOLS[client];
  const to = PROTOCOLS[upstream];
  const dropped = new DropList();
  const given = from.readRequest(body, dropped);
  checkCalls(given.messages);
  const placed = placeResults(given.messages);
  // A chat server that counts anew in every answer is used to it, and what it hung on a call is known by that id.
  const read = { ...given, messages: upstream === 'openai-chat' ? placed : withUniqueCalls(placed) };
  const request = options.thinking === 'on' ? withThinking(read) : read;
  const names = new WireNames();
  for (const tool of request.tools) names.toWire(tool.name);
  const written = to.writeRequest(request, {
    model: options.model,
    names,
    ids: new WireNames(to.maxIdChars),
    customCalls: new Set(callIds(request, true)),
    extraOf: (callId) => options.extras?.take(callId) ?? null,
    dropped,
  });
  const tools = clientTools(request, names, callIds(given, false), options.extras);
  const context = replyContext(request, options, tools.salt, written.body);
  const replyOf = (json: unknown): NeutralReply => {
    if (!isObject(json)) throw badReply('The upstream answered with data that are no JSON object.');
    const error = errorOf(json);
    if (error !== null) throw badReply(readUpstreamError(error).message);
    const reply = to.readReply(json);
    return { ...reply, parts: restoreParts(reply.parts, tools) };
  };
  return {
    ...written,
    dropped: inWordsOf(client, dropped.list()),
    reply: (json) => from.writeReply(replyOf(json), context),
    replyAsStream(json) {
      const writer = from.streamWriter(context);
      return eventsOf(replyOf(json))
        .map((event) => writer.write(event))
        .join('');
    },
    stream: () => new FrameTranslator(to.streamReader(), from.streamWriter(context), new CallRestorer(tools)),
  };
}

/** Names are kept, the request is not: an answer may be long in coming. */
function clientTools(
  request: NeutralRequest,
  names: WireNames,
  made: readonly string[],
  extras?: CallExtraStore,
): ClientTools {
  const custom = new Set(request.tools.flatMap((tool) => (tool.kind === 'custom' ? [tool.name] : [])));
  return {
    toOwnName: (wire) => names.toOwn(wire),
    isCustom: (name) => custom.has(name),
    keepExtra: (callId, extra) => extras?.put(callId, extra),
    made: new Set(made),
    salt: hashOf(`${request.messages.length}:${made.at(-1) ?? ''}`),
  };
}

/** Ids of the calls in a conversation; of all, or of those of tools that take any text. */
function callIds(request: NeutralRequest, customOnly: boolean): string[] {
  return request.messages.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.type === 'call' && (part.custom || !customOnly) ? [part.id] : [])),
  );
}

function replyContext(
  request: NeutralRequest,
  options: TranslationOptions,
  salt: string,
  written: Record<string, unknown>,
): ReplyContext {
  const namespaces = new Map(
    request.tools.flatMap((tool) => (tool.namespace === null ? [] : [[tool.name, tool.namespace]])),
  );
  const { temperature, topP, maxTokens, parallelCalls, toolChoice, metadata, effort, user } = request;
  // Counted before the answer, so that the body need not be kept for it.
  const estimate = request.stream ? estimateInputTokens(written) : 0;
  return {
    model: options.model,
    replyId: options.replyId ?? `sluice_${salt}`,
    createdS: Math.floor((options.nowMs ?? 0) / 1000),
    includeUsage: request.includeUsage,
    echo: { temperature, topP, maxTokens, parallelCalls, toolChoice, metadata, effort, user },
    previousId: options.previousId ?? null,
    namespaceOf(name) {
      const namespace = namespaces.get(name);
      return namespace === undefined ? null : { namespace, name: name.slice(namespace.length + 2) };
    },
    answered: (response) => options.answered?.(response),
    estimateInput: () => estimate,
  };
}

class FrameTranslator implements StreamTranslator {
  readonly #reader: StreamReader;
  readonly #writer: StreamWriter;
  readonly #calls: CallRestorer;
  #started = false;
  #finished = false;
  #failure: WireError | null = null;

  constructor(reader: StreamReader, writer: StreamWriter, calls: CallRestorer) {
    this.#reader = reader;
    this.#writer = writer;
    this.#calls = calls;
  }

  get finished(): boolean {
    return this.#finished;
  }

  get failure(): WireError | null {
    return this.#failure;
  }

  get usage(): Usage | null {
    return this.#reader.usage;
  }

  get nextSequence(): number {
    return this.#writer.nextSequence;
  }

  push(frame: WireFrame): string {
    return this.#finished ? '' : this.#write(this.#reader.read(frame));
  }

  end(): { text: string; cut: boolean } {
    const text = this.#finished ? '' : this.#write(this.#reader.end());
    return { text, cut: !this.#finished };
  }

  fail(error: WireError): string {
    return this.#finished ? '' : this.#write([{ type: 'failed', error }]);
  }

  #write(events: readonly ReplyEvent[]): string {
    let text = '';
    for (const event of events) {
      if (this.#finished) break;
      if (event.type === 'start') {
        if (this.#started) continue;
        this.#started = true;
      } else if (!this.#started && event.type !== 'failed') {
        this.#started = true;
        text += this.#writer.write({ type: 'start', id: null, model: null, createdS: null, usage: null });
      }
      for (const restored of this.#calls.restore(event)) text += this.#writer.write(restored);
      if (event.type === 'failed') this.#failure = event.error;
      this.#finished = event.type === 'finish' || event.type === 'failed';
    }
    return text;
  }
}
