import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isObject, listOf } from '../json.ts';
import { faultsOf } from './testing/stream-grammar.ts';
import { eventsOf, framesOf, throughStream } from './testing/wire-frames.ts';
import { translateRequest, type WireProtocol } from './translation.ts';

/** The same answer, streamed and whole, has to be one answer to a client: the SDKs' `stream().final…()` and `create()` agree. */

type Fields = Record<string, unknown>;
type Part =
  | { type: 'text' | 'refusal'; pieces: string[] }
  | { type: 'thinking'; pieces: string[]; seal: string }
  | { type: 'call'; id: string; name: string; pieces: string[] };
interface Answer {
  parts: Part[];
  isCutShort: boolean;
}

const PROTOCOLS = ['anthropic-messages', 'openai-chat', 'openai-responses'] as const;
const OPTIONS = { model: 'up-model', thinking: 'as-asked' as const, replyId: 'r1', nowMs: 5000 };
const TOOLS = ['run', 'read'];
const ASKS: Record<WireProtocol, Fields> = {
  'anthropic-messages': {
    max_tokens: 9,
    stream: true,
    messages: [{ role: 'user', content: 'hi' }],
    tools: TOOLS.map((name) => ({ name, input_schema: { type: 'object' } })),
  },
  'openai-chat': {
    stream: true,
    messages: [{ role: 'user', content: 'hi' }],
    tools: TOOLS.map((name) => ({ type: 'function', function: { name } })),
  },
  'openai-responses': { stream: true, input: 'hi', tools: TOOLS.map((name) => ({ type: 'function', name })) },
};

const pieces = () => fc.array(fc.string({ unit: 'grapheme', maxLength: 6 }), { maxLength: 4 });
/** The arguments of a call, cut anywhere. */
const call = (at: number) =>
  fc.tuple(fc.constantFrom(...TOOLS), fc.constantFrom('{}', '{"a":"é🙂"}', '{"l":[1,{"y":null}]}'), fc.nat(20)).map(
    ([name, args, cut]): Part => ({
      type: 'call',
      id: `call_${at}`,
      name,
      pieces: [args.slice(0, cut % args.length), '', args.slice(cut % args.length)],
    }),
  );

/** What an upstream of a protocol can say; parts in the order in which all of them give them. */
const answer = (upstream: WireProtocol): fc.Arbitrary<Answer> =>
  fc
    .record({
      thinking: fc.option(
        fc.record({
          type: fc.constant('thinking' as const),
          pieces: pieces(),
          seal: upstream === 'openai-chat' ? fc.constant('') : fc.constantFrom('', 'c2ln'),
        }),
        { nil: null },
      ),
      text: fc.option(fc.record({ type: fc.constant('text' as const), pieces: pieces() }), { nil: null }),
      last: fc.oneof(
        fc.constant<Part[]>([]),
        fc.tuple(call(0), call(1)),
        upstream === 'anthropic-messages'
          ? fc.constant<Part[]>([])
          : fc.record({ type: fc.constant('refusal' as const), pieces: pieces() }).map((part) => [part as Part]),
      ),
      isCutShort: fc.boolean(),
    })
    .map(({ thinking, text, last, isCutShort }) => {
      const parts: Part[] = [...(thinking === null ? [] : [thinking]), ...(text === null ? [] : [text]), ...last];
      // An empty text is none: servers of all three kinds leave it out of a whole answer.
      const said = parts.filter((part) => !['text', 'refusal'].includes(part.type) || whole(part) !== '');
      return { parts: said.filter((part) => !isEmptyThought(upstream, part)), isCutShort };
    });

/** Only the responses protocol tells of thinking of which it gives nothing. */
function isEmptyThought(upstream: WireProtocol, part: Part): boolean {
  return part.type === 'thinking' && upstream !== 'openai-responses' && whole(part) === '';
}

function whole(part: Part): string {
  return part.pieces.join('');
}

/** How careless a chat server is, and whether it wants its thinking back. */
const manners = () =>
  fc.record({
    open: fc.constantFrom(null, ''),
    isRoleRepeated: fc.boolean(),
    isInterleaved: fc.boolean(),
    hasDetails: fc.boolean(),
  });
type Manners = { open: string | null; isRoleRepeated: boolean; isInterleaved: boolean; hasDetails: boolean };

interface Told {
  whole: Fields;
  frames: string;
}

function chatSays({ parts, isCutShort }: Answer, { open, isRoleRepeated, isInterleaved, hasDetails }: Manners): Told {
  const calls = parts.filter((part) => part.type === 'call');
  const texts = (type: string) => {
    const found = parts.filter((part) => part.type === type);
    return found.length === 0 ? null : found.map(whole).join('');
  };
  const end = isCutShort ? 'length' : calls.length > 0 ? 'tool_calls' : 'stop';
  const head = { id: 'c', object: 'chat.completion', created: 1, model: 'm' };
  const chunk = (delta: Fields, finish_reason: string | null = open) => ({
    ...head,
    choices: [{ index: 0, delta: { ...(isRoleRepeated ? { role: 'assistant' } : {}), ...delta }, finish_reason }],
  });
  const fields = { text: 'content', refusal: 'refusal', thinking: 'reasoning_content' };
  const detailsOf = (type: string, text: string | null) =>
    hasDetails && type === 'thinking' && text !== null
      ? { reasoning_details: [{ type: 'reasoning.text', text, index: 0 }] }
      : {};
  const spoken = parts.flatMap((part) =>
    part.type === 'call'
      ? []
      : part.pieces.map((piece) => chunk({ [fields[part.type]]: piece, ...detailsOf(part.type, piece) })),
  );
  const lanes = calls.map(({ id, name, pieces: args }, index) => [
    { index, id, type: 'function', function: { name, arguments: '' } },
    ...args.map((piece) => ({ index, function: { arguments: piece } })),
  ]);
  const inTurns = (lanes[0] ?? []).flatMap((_one, at) => lanes.flatMap((lane) => lane.slice(at, at + 1)));
  const grown = (isInterleaved ? inTurns : lanes.flat()).map((one) => chunk({ tool_calls: [one] }));
  const events = [chunk({ role: 'assistant', content: '' }), ...spoken, ...grown, chunk({}, end)];
  const message = {
    role: 'assistant',
    content: texts('text'),
    refusal: texts('refusal'),
    reasoning_content: texts('thinking'),
    ...detailsOf('thinking', texts('thinking')),
    tool_calls: calls.map((part) => ({
      id: part.id,
      type: 'function',
      function: { name: part.name, arguments: whole(part) },
    })),
  };
  return {
    whole: { ...head, choices: [{ index: 0, message, finish_reason: end }] },
    frames: [...events.map((event) => `data: ${JSON.stringify(event)}\n\n`), 'data: [DONE]\n\n'].join(''),
  };
}

const named = (events: Fields[]) =>
  events.map((event) => `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`).join('');

function anthropicSays({ parts, isCutShort }: Answer): Told {
  const stop_reason = isCutShort ? 'max_tokens' : parts.at(-1)?.type === 'call' ? 'tool_use' : 'end_turn';
  const usage = { input_tokens: 3, output_tokens: 2 };
  const message = { id: 'm', type: 'message', role: 'assistant', model: 'm', usage };
  const blocks = parts.map((part): [Fields, Fields, (piece: string) => Fields] => {
    if (part.type === 'call') {
      const { id, name } = part;
      const block = { type: 'tool_use', id, name };
      return [
        { ...block, input: JSON.parse(whole(part)) as unknown },
        { ...block, input: {} },
        (partial_json) => ({ type: 'input_json_delta', partial_json }),
      ];
    }
    if (part.type === 'thinking') {
      return [
        { type: 'thinking', thinking: whole(part), signature: part.seal },
        { type: 'thinking', thinking: '', signature: '' },
        (thinking) => ({ type: 'thinking_delta', thinking }),
      ];
    }
    return [{ type: 'text', text: whole(part) }, { type: 'text', text: '' }, (text) => ({ type: 'text_delta', text })];
  });
  const grown = blocks.flatMap(([, content_block, deltaOf], index): Fields[] => {
    const part = parts[index];
    const signature = part?.type === 'thinking' && part.seal !== '' ? [part.seal] : [];
    return [
      { type: 'content_block_start', index, content_block },
      ...(part?.pieces ?? []).map((piece) => ({ type: 'content_block_delta', index, delta: deltaOf(piece) })),
      ...signature.map((one) => ({
        type: 'content_block_delta',
        index,
        delta: { type: 'signature_delta', signature: one },
      })),
      { type: 'content_block_stop', index },
    ];
  });
  return {
    whole: { ...message, content: blocks.map(([block]) => block), stop_reason, stop_sequence: null },
    frames: named([
      { type: 'message_start', message: { ...message, content: [], stop_reason: null } },
      ...grown,
      { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage },
      { type: 'message_stop' },
    ]),
  };
}

function responsesSay({ parts, isCutShort }: Answer): Told {
  const output = parts.map((part, at): Fields => {
    const text = whole(part);
    switch (part.type) {
      case 'call':
        return { type: 'function_call', id: `fc_${at}`, call_id: part.id, name: part.name, arguments: text };
      case 'thinking': {
        const summary = text === '' ? [] : [{ type: 'summary_text', text }];
        return {
          type: 'reasoning',
          id: `rs_${at}`,
          summary,
          ...(part.seal === '' ? {} : { encrypted_content: part.seal }),
        };
      }
      default: {
        const said = part.type === 'text' ? { type: 'output_text', text } : { type: 'refusal', refusal: text };
        return { type: 'message', id: `msg_${at}`, role: 'assistant', content: [said] };
      }
    }
  });
  const deltas = {
    text: 'response.output_text.delta',
    refusal: 'response.refusal.delta',
    thinking: 'response.reasoning_summary_text.delta',
    call: 'response.function_call_arguments.delta',
  };
  const response = {
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    model: 'm',
    status: isCutShort ? 'incomplete' : 'completed',
    incomplete_details: isCutShort ? { reason: 'max_output_tokens' } : null,
    output,
  };
  const grown = parts.flatMap((part, at): Fields[] => [
    {
      type: 'response.output_item.added',
      output_index: at,
      item: { ...output[at], content: [], summary: [], arguments: '' },
    },
    ...part.pieces.map((delta) => ({ type: deltas[part.type], output_index: at, content_index: 0, delta })),
    { type: 'response.output_item.done', output_index: at, item: output[at] },
  ]);
  const end = isCutShort ? 'response.incomplete' : 'response.completed';
  return {
    whole: response,
    frames: named([{ type: 'response.created', response: { id: 'resp_1' } }, ...grown, { type: end, response }]),
  };
}

const SAYS: Record<WireProtocol, (answer: Answer, manners: Manners) => Told> = {
  'anthropic-messages': anthropicSays,
  'openai-chat': chatSays,
  'openai-responses': responsesSay,
};

/** A stream put together as the official SDKs do it, in the shape of a whole answer. */
function folded(client: WireProtocol, text: string): Fields {
  const events = eventsOf(text);
  if (client === 'openai-responses') return (events.at(-1)?.['response'] ?? {}) as Fields;
  return client === 'anthropic-messages' ? foldedMessage(events) : foldedChat(events);
}

function foldedMessage(events: Fields[]): Fields {
  const blocks: Fields[] = [];
  let message: Fields = {};
  for (const event of events) {
    const delta = isObject(event['delta']) ? event['delta'] : {};
    if (event['type'] === 'message_start') message = event['message'] as Fields;
    else if (event['type'] === 'content_block_start') blocks.push({ ...(event['content_block'] as Fields), args: '' });
    else if (event['type'] === 'message_delta') message = { ...message, ...delta };
    else if (event['type'] === 'content_block_delta') {
      const block = blocks[event['index'] as number] ?? {};
      for (const [from, to] of [
        ['text', 'text'],
        ['thinking', 'thinking'],
        ['signature', 'signature'],
        ['partial_json', 'args'],
      ] as const) {
        if (typeof delta[from] === 'string') block[to] = `${String(block[to])}${delta[from]}`;
      }
    }
  }
  const content = blocks.map(({ args, ...block }) =>
    block['type'] === 'tool_use' ? { ...block, input: JSON.parse(String(args)) as unknown } : block,
  );
  return { ...message, content };
}

function foldedChat(events: Fields[]): Fields {
  const message: Fields = {};
  const calls: { id?: unknown; function: { name?: string; arguments: string } }[] = [];
  let finish: unknown = null;
  for (const event of events) {
    const [choice] = listOf(event['choices']).filter(isObject);
    if (choice === undefined) continue;
    finish = choice['finish_reason'] ?? finish;
    const { tool_calls, ...delta } = choice['delta'] as Fields;
    for (const [field, value] of Object.entries(delta)) {
      if (typeof value === 'string' && field !== 'role') message[field] = `${String(message[field] ?? '')}${value}`;
    }
    for (const one of listOf(tool_calls) as { index: number; id?: string; function: Record<string, string> }[]) {
      const known = (calls[one.index] ??= { id: one.id, function: { arguments: '' } });
      if (one.function['name'] !== undefined) known.function.name = one.function['name'];
      known.function.arguments += one.function['arguments'] ?? '';
    }
  }
  return { choices: [{ message: { ...message, tool_calls: calls }, finish_reason: finish }] };
}

/** What a program can see of an answer, without what only a stream, or only a whole answer, has to say. */
function seen(client: WireProtocol, reply: Fields): unknown {
  if (client === 'openai-chat') {
    const [choice] = listOf(reply['choices']) as { message: Fields; finish_reason: string }[];
    const { content, refusal, reasoning_content: thinking, tool_calls: calls } = choice?.message ?? {};
    const told = (listOf(calls) as Fields[]).map((one) => ({ id: one['id'], function: one['function'] }));
    return [content ?? '', refusal ?? '', thinking ?? '', told, choice?.finish_reason];
  }
  if (client === 'openai-responses') return [reply['status'], reply['incomplete_details'], reply['output']];
  return [reply['content'], reply['stop_reason'], reply['stop_details']];
}

describe.each(PROTOCOLS)('[E11-02] an answer of a %s upstream', (upstream) => {
  test.each(PROTOCOLS.filter((client) => client !== upstream))(
    'is the same to a %s client, streamed and whole',
    (client) => {
      fc.assert(
        fc.property(answer(upstream), manners(), (given, how) => {
          const told = SAYS[upstream](given, how);
          const translation = translateRequest(client, upstream, ASKS[client], OPTIONS);
          const { text, cut } = throughStream(translation.stream(), framesOf(told.frames));
          expect(cut).toBe(false);
          expect(faultsOf(client, text)).toEqual([]);
          const streamed = folded(client, text);
          expect(seen(client, streamed)).toEqual(seen(client, translation.reply(told.whole)));
        }),
        { numRuns: 150 },
      );
    },
  );
});
