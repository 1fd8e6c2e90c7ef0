import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AnthropicStreamWriter } from './anthropic/write-stream.ts';
import { ChatStreamWriter } from './chat/write-stream.ts';
import type { Finish, OpenedPart, ReplyEvent } from './neutral-reply.ts';
import type { ReplyContext } from './reply-context.ts';
import { ResponsesStreamWriter } from './responses/write-stream.ts';
import { packSeal, type Seal, unpackSeal } from './seal.ts';
import { STREAMED_ANSWERS } from './testing/sample-answers.ts';
import { faultsOf } from './testing/stream-grammar.ts';
import { eventsOf, framesOf, sseText, throughStream, upstreamFrame } from './testing/wire-frames.ts';
import { translateRequest, type WireProtocol } from './translation.ts';

const PROTOCOLS = ['anthropic-messages', 'openai-chat', 'openai-responses'] as const;
const OPTIONS = { model: 'up-model', thinking: 'as-asked' as const };
const ASKS: Record<WireProtocol, Record<string, unknown>> = {
  'anthropic-messages': { max_tokens: 9, stream: true, messages: [{ role: 'user', content: 'hi' }] },
  'openai-chat': { stream: true, messages: [{ role: 'user', content: 'hi' }] },
  'openai-responses': { stream: true, input: 'hi' },
};
const text = () => fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const seal = (): fc.Arbitrary<Seal> =>
  fc.oneof(
    fc.record({ by: fc.constant('anthropic' as const), signature: fc.base64String({ minLength: 4 }) }),
    fc.record({ by: fc.constant('anthropic-redacted' as const), data: fc.base64String({ minLength: 4 }) }),
    fc.record({ by: fc.constant('chat' as const), field: fc.constantFrom('reasoning', 'reasoning_content') }),
    fc.record({ by: fc.constant('chat-details' as const), details: fc.json() }),
    fc.record({
      by: fc.constant('responses' as const),
      id: fc.stringMatching(/^rs_[a-z0-9]{1,8}$/),
      cuts: fc.array(fc.nat(20), { maxLength: 3 }),
      encrypted: fc.base64String({ minLength: 4 }),
    }),
  );

interface Part {
  part: OpenedPart;
  deltas: string[];
  seal: Seal | null;
}

const part = (): fc.Arbitrary<Part> =>
  fc.oneof(
    fc.record({
      part: fc.record({ type: fc.constantFrom('text' as const, 'refusal' as const) }),
      deltas: fc.array(text(), { maxLength: 4 }),
      seal: fc.constant(null),
    }),
    fc.record({
      part: fc.constant({ type: 'thinking' as const }),
      deltas: fc.array(text(), { maxLength: 4 }),
      seal: fc.option(
        seal().filter(({ by }) => by !== 'anthropic-redacted'),
        { nil: null },
      ),
    }),
    fc.record({
      part: fc.constant({ type: 'thinking' as const }),
      deltas: fc.constant<string[]>([]),
      seal: fc.record({ by: fc.constant('anthropic-redacted' as const), data: fc.base64String({ minLength: 4 }) }),
    }),
    fc.record({
      part: fc.record({
        type: fc.constant('call' as const),
        id: fc.stringMatching(/^c[0-9]{6}$/),
        name: fc.constantFrom('run', 'read'),
        custom: fc.boolean(),
      }),
      deltas: fc.array(text(), { maxLength: 4 }),
      seal: fc.constant(null),
    }),
  );

/** Parts that open in order and grow and close in any: what parallel calls and careless servers make of an answer. */
const overlapping = (): fc.Arbitrary<{ parts: Part[]; events: ReplyEvent[] }> =>
  fc
    .tuple(
      fc.array(part(), { maxLength: 6 }),
      fc.infiniteStream(fc.nat(1000)),
      fc.constantFrom<Finish>('stop', 'length', 'tool-calls', 'refusal', 'pause'),
    )
    .map(([parts, choices, finish]) => {
      const events: ReplyEvent[] = [{ type: 'start', id: 'up', model: 'm', createdS: 1, usage: null }];
      const lanes = parts.map(({ part: opened, deltas, seal: sealed }, at): ReplyEvent[] => [
        { type: 'open', at, part: opened },
        ...deltas.map((delta): ReplyEvent => ({ type: 'delta', at, text: delta })),
        { type: 'close', at, seal: sealed },
      ]);
      let opened = 0;
      while (lanes.some((lane) => lane.length > 0)) {
        // A part opens only after those before it have.
        const ready = lanes.filter((lane, at) => lane.length > 0 && at <= opened);
        const lane = ready[(choices.next().value as number) % ready.length];
        const event = lane?.shift();
        if (event === undefined) break;
        if (event.type === 'open') opened++;
        events.push(event);
      }
      events.push({ type: 'finish', finish, stopSequence: null, usage: null });
      return { parts, events };
    });

const CONTEXT: ReplyContext = {
  model: 'm',
  replyId: 'r',
  createdS: 1,
  includeUsage: false,
  echo: {
    temperature: null,
    topP: null,
    maxTokens: null,
    parallelCalls: null,
    toolChoice: null,
    metadata: null,
    effort: null,
    user: null,
  },
  previousId: null,
  namespaceOf: () => null,
  answered: () => undefined,
  estimateInput: () => 1,
};
const WRITERS = {
  'anthropic-messages': () => new AnthropicStreamWriter(CONTEXT),
  'openai-chat': () => new ChatStreamWriter(CONTEXT),
  'openai-responses': () => new ResponsesStreamWriter(CONTEXT),
};

describe.each(PROTOCOLS)('[E11-02] a stream for a %s client', (client) => {
  test('keeps the protocol’s order, however the parts overlap', () => {
    fc.assert(
      fc.property(overlapping(), ({ events }) => {
        const writer = WRITERS[client]();
        expect(faultsOf(client, events.map((event) => writer.write(event)).join(''))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('loses nothing of any part', () => {
    fc.assert(
      fc.property(overlapping(), ({ parts, events }) => {
        const writer = WRITERS[client]();
        const written = events.map((event) => writer.write(event)).join('');
        const expected = parts.map((one) => one.deltas.join(''));
        expect(textsIn(client, written, parts)).toEqual(client === 'openai-chat' ? joined(parts, expected) : expected);
      }),
      { numRuns: 200 },
    );
  });
});

/** The chat protocol has one place for each kind of text; calls stay apart. */
function joined(parts: Part[], texts: string[]): Record<string, unknown> {
  const of = (type: string) => parts.flatMap((one, at) => (one.part.type === type ? [texts[at] ?? ''] : []));
  return {
    // Overlapping texts are told as they come, so only their sum is certain.
    content: of('text').join('').length,
    refusal: of('refusal').join('').length,
    thinking: of('thinking').join('').length,
    calls: parts.flatMap((one, at) =>
      one.part.type === 'call' ? [texts[at] === '' && !one.part.custom ? '{}' : texts[at]] : [],
    ),
  };
}

function textsIn(client: WireProtocol, written: string, parts: Part[]): unknown {
  const events = eventsOf(written);
  switch (client) {
    case 'anthropic-messages': {
      const texts = parts.map(() => '');
      for (const event of events) {
        const delta = event['delta'] as Record<string, string> | undefined;
        const index = event['index'] as number | undefined;
        if (event['type'] !== 'content_block_delta' || index === undefined) continue;
        texts[index] += delta?.['text'] ?? delta?.['thinking'] ?? delta?.['partial_json'] ?? '';
      }
      return texts;
    }
    case 'openai-chat': {
      let content = 0;
      let refusal = 0;
      let thinking = 0;
      const calls: string[] = [];
      for (const event of events) {
        const choice = (event['choices'] as { delta: Record<string, unknown> }[] | undefined)?.[0];
        const delta = choice?.delta ?? {};
        content += ((delta['content'] as string | undefined) ?? '').length;
        refusal += ((delta['refusal'] as string | undefined) ?? '').length;
        thinking += ((delta['reasoning_content'] as string | undefined) ?? '').length;
        for (const call of (delta['tool_calls'] as
          | { index: number; function?: { arguments: string }; custom?: { input: string } }[]
          | undefined) ?? []) {
          calls[call.index] = (calls[call.index] ?? '') + (call.function?.arguments ?? call.custom?.input ?? '');
        }
      }
      return { content, refusal, thinking, calls };
    }
    case 'openai-responses': {
      const { output } = events.at(-1)?.['response'] as { output: Record<string, unknown>[] };
      return output.map((item, at) => {
        const whole = item as {
          content?: { text?: string; refusal?: string }[];
          summary?: { text: string }[];
          arguments?: string;
          input?: string;
        };
        const spoken =
          whole.content?.[0]?.text ?? whole.content?.[0]?.refusal ?? whole.summary?.map((one) => one.text).join('');
        const args = whole.arguments ?? whole.input;
        return spoken ?? (args === '{}' && parts[at]?.deltas.length === 0 ? '' : args);
      });
    }
  }
}

describe.each(PROTOCOLS)('[E11-02] a stream of a %s upstream', (upstream) => {
  test('is read the same, wherever the network cuts it', () => {
    const stream = sseText(upstream, STREAMED_ANSWERS[upstream]);
    for (const client of PROTOCOLS) {
      const whole = throughStream(translateRequest(client, upstream, ASKS[client], OPTIONS).stream(), framesOf(stream));
      expect(faultsOf(client, whole.text)).toEqual([]);
      fc.assert(
        fc.property(fc.array(fc.nat(), { maxLength: 12 }), (cuts) => {
          const cut = throughStream(
            translateRequest(client, upstream, ASKS[client], OPTIONS).stream(),
            framesOf(stream, cuts),
          );
          expect(cut).toEqual(whole);
        }),
        { numRuns: 40 },
      );
    }
  });

  test('[BUG-D8] that ends anywhere before its end is told as cut, and never ended for it', () => {
    const frames = framesOf(sseText(upstream, STREAMED_ANSWERS[upstream]));
    // The last word: `message_stop`, `response.completed`; a chat’s finish reason, which is followed by figures and [DONE].
    const last = upstream === 'openai-chat' ? frames.length - 3 : frames.length - 1;
    for (const client of PROTOCOLS) {
      for (let length = 0; length <= last; length++) {
        const { text: said, cut } = throughStream(
          translateRequest(client, upstream, ASKS[client], OPTIONS).stream(),
          frames.slice(0, length),
        );
        expect(cut).toBe(true);
        expect(said).not.toMatch(/message_stop|message_delta|\[DONE\]|response\.(completed|incomplete|failed)/);
      }
    }
  });

  test('never throws, whatever frames come, and says no more after an end', () => {
    const known = STREAMED_ANSWERS[upstream].map((event) => upstreamFrame(upstream, event));
    const frame = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...known) },
      fc.record({
        event: fc.constant(null),
        data: fc.oneof(
          fc.json(),
          fc.string(),
          fc.constantFrom('[DONE]', '{}', 'null', '{"choices":[{"delta":{"tool_calls":[{}]}}]}'),
        ),
      }),
    );
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 30 }), fc.constantFrom(...PROTOCOLS), (frames, client) => {
        const stream = translateRequest(client, upstream, ASKS[client], OPTIONS).stream();
        for (const one of frames) {
          const wasFinished = stream.finished;
          const said = stream.push(one);
          if (wasFinished) expect(said).toBe('');
        }
        const said = stream.end();
        expect(stream.finished).toBe(!said.cut);
      }),
      { numRuns: 300 },
    );
  });
});

describe('[E11-01] [E11-07] round trips', () => {
  const id = () => fc.stringMatching(/^call_[a-z0-9]{6}$/);
  const word = () => fc.stringMatching(/^[A-Za-z0-9äöü ,.“”🙂\n"\\]{1,20}$/).filter((one) => one.trim() !== '');
  const input = () =>
    fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.oneof(word(), fc.integer(), fc.boolean(), fc.constant(null)), {
      maxKeys: 3,
    });
  /** A conversation as every protocol can say it: turns of words, and turns of calls with all their results. */
  const conversation = () =>
    fc
      .tuple(
        word(),
        fc.array(
          fc.tuple(
            word(),
            fc.uniqueArray(fc.tuple(id(), input(), word()), { minLength: 1, maxLength: 3, selector: ([one]) => one }),
            word(),
          ),
          { maxLength: 3 },
        ),
        fc.array(word(), { maxLength: 3 }),
      )
      .map(([first, turns, system]) => {
        const messages: object[] = [{ role: 'user', content: [{ type: 'text', text: first }] }];
        for (const [at, [said, calls, next]] of turns.entries()) {
          messages.push({
            role: 'assistant',
            content: [
              { type: 'text', text: said },
              ...calls.map(([callId, args]) => ({ type: 'tool_use', id: `${callId}${at}`, name: 'run', input: args })),
            ],
          });
          messages.push({
            role: 'user',
            content: [
              ...calls.map(([callId, , result]) => ({
                type: 'tool_result',
                tool_use_id: `${callId}${at}`,
                content: [{ type: 'text', text: result }],
              })),
              { type: 'text', text: next },
            ],
          });
        }
        return {
          model: 'm',
          max_tokens: 1000,
          ...(system.length === 0 ? {} : { system: [{ type: 'text', text: system.join('\n\n') }] }),
          messages,
          tools: [{ name: 'run', input_schema: { type: 'object' } }],
        };
      });

  test.each(['openai-chat', 'openai-responses'] as const)('a conversation comes back from %s as it was', (through) => {
    fc.assert(
      fc.property(conversation(), (asked) => {
        const there = translateRequest('anthropic-messages', through, asked, OPTIONS).body;
        const back = translateRequest(through, 'anthropic-messages', there, OPTIONS).body;
        expect({ system: back['system'], messages: back['messages'] }).toEqual({
          system: (asked as { system?: unknown }).system,
          messages: asked.messages,
        });
      }),
      { numRuns: 150 },
    );
  });

  test('an answer of one OpenAI protocol comes back through the other', () => {
    fc.assert(
      fc.property(conversation(), (asked) => {
        const chat = translateRequest('anthropic-messages', 'openai-chat', asked, OPTIONS).body;
        const responses = translateRequest('openai-chat', 'openai-responses', chat, OPTIONS).body;
        const back = translateRequest('openai-responses', 'openai-chat', responses, OPTIONS).body;
        expect(back['messages']).toEqual(chat['messages']);
      }),
      { numRuns: 100 },
    );
  });

  test('a seal survives every way of carrying it', () => {
    fc.assert(
      fc.property(seal(), (one) => {
        const packed = packSeal(one);
        expect(unpackSeal(packed)).toEqual(one);
        expect(JSON.stringify(packed)).toBe(`"${packed}"`);
      }),
    );
  });
});
