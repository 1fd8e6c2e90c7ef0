import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import Anthropic from '@anthropic-ai/sdk';
import { generateText, jsonSchema, type LanguageModel, stepCountIs, streamText, tool } from 'ai';
import OpenAI from 'openai';
import type { RelayHost } from './relay-host.ts';

/** A call that a client saw. Arguments are text where the client's protocol has them so. */
export interface SeenCall {
  id: string;
  name: string;
  arguments: unknown;
}

export interface ToolLoop {
  /** The calls of each answer that had some. */
  calls: SeenCall[][];
  text: string;
}

export interface ToolLoopAsk {
  model: string;
  stream: boolean;
  tools: readonly string[];
  /** What the tools give back; a tool that throws has failed. */
  run: (call: SeenCall) => string;
}

/** Asks, runs the tools it is told to, and sends their results until the model has no more calls: as a program would. */
export type ToolClient = (host: RelayHost, ask: ToolLoopAsk) => Promise<ToolLoop>;

const MAX_STEPS = 8;
const SCHEMA = { type: 'object' as const, properties: { path: { type: 'string' as const } } };
const PROMPT = 'Look at the files.';

/** The parsed object, for clients whose arguments are text. */
const inputOf = (text: string) => JSON.parse(text) as unknown;

const anthropicLoop: ToolClient = async (host, { model, stream, tools, run }) => {
  const client = new Anthropic({ baseURL: host.url, apiKey: host.key, maxRetries: 0 });
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: PROMPT }];
  const calls: SeenCall[][] = [];
  for (let step = 0; step < MAX_STEPS; step++) {
    const ask = {
      model,
      max_tokens: 4096,
      messages,
      tools: tools.map((name) => ({ name, description: 'd', input_schema: SCHEMA })),
    };
    const message = stream ? await client.messages.stream(ask).finalMessage() : await client.messages.create(ask);
    const uses = message.content.filter((block) => block.type === 'tool_use');
    if (uses.length === 0) {
      return { calls, text: message.content.map((block) => (block.type === 'text' ? block.text : '')).join('') };
    }
    const seen = uses.map(({ id, name, input }) => ({ id, name, arguments: input }));
    calls.push(seen);
    messages.push({ role: 'assistant', content: message.content });
    messages.push({
      role: 'user',
      content: seen.map((call): Anthropic.ToolResultBlockParam => {
        const common = { type: 'tool_result' as const, tool_use_id: call.id };
        try {
          return { ...common, content: run(call) };
        } catch (thrown) {
          return { ...common, content: (thrown as Error).message, is_error: true };
        }
      }),
    });
  }
  throw new Error('the loop does not end');
};

const chatLoop: ToolClient = async (host, { model, stream, tools, run }) => {
  const client = new OpenAI({ baseURL: `${host.url}/v1`, apiKey: host.key, maxRetries: 0 });
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: PROMPT }];
  const calls: SeenCall[][] = [];
  for (let step = 0; step < MAX_STEPS; step++) {
    const ask = {
      model,
      messages,
      tools: tools.map((name) => ({ type: 'function' as const, function: { name, parameters: SCHEMA } })),
    };
    const completion = stream
      ? await client.chat.completions.stream(ask).finalChatCompletion()
      : await client.chat.completions.create(ask);
    const message = completion.choices[0]?.message;
    if (message === undefined) throw new Error('no choice');
    const functions = (message.tool_calls ?? []).filter((call) => call.type === 'function');
    if (functions.length === 0) return { calls, text: message.content ?? '' };
    const seen = functions.map(({ id, function: inner }) => ({ id, name: inner.name, arguments: inner.arguments }));
    calls.push(seen);
    messages.push(message);
    for (const call of seen) {
      messages.push({
        role: 'tool',
        tool_call_id: call.id,
        content: run({ ...call, arguments: inputOf(call.arguments) }),
      });
    }
  }
  throw new Error('the loop does not end');
};

const responsesLoop =
  (mode: 'items' | 'previous_response_id'): ToolClient =>
  async (host, { model, stream, tools, run }) => {
    const client = new OpenAI({ baseURL: `${host.url}/v1`, apiKey: host.key, maxRetries: 0 });
    let input: OpenAI.Responses.ResponseInputItem[] = [{ role: 'user', content: PROMPT }];
    let previous: string | null = null;
    const calls: SeenCall[][] = [];
    for (let step = 0; step < MAX_STEPS; step++) {
      const ask = {
        model,
        input,
        tools: tools.map((name) => ({ type: 'function' as const, name, parameters: SCHEMA, strict: false })),
        ...(mode === 'items' ? { store: false } : {}),
        ...(previous === null ? {} : { previous_response_id: previous }),
      };
      const response: OpenAI.Responses.Response = stream
        ? await client.responses.stream(ask).finalResponse()
        : await client.responses.create(ask);
      const functions = response.output.filter((item) => item.type === 'function_call');
      if (functions.length === 0) return { calls, text: response.output_text };
      const seen = functions.map(({ call_id, name, arguments: args }) => ({ id: call_id, name, arguments: args }));
      calls.push(seen);
      const results = seen.map((call) => ({
        type: 'function_call_output' as const,
        call_id: call.id,
        output: run({ ...call, arguments: inputOf(call.arguments) }),
      }));
      if (mode === 'items')
        input = [...input, ...(response.output as OpenAI.Responses.ResponseInputItem[]), ...results];
      else {
        previous = response.id;
        input = results;
      }
    }
    throw new Error('the loop does not end');
  };

const aiLoop =
  (modelOf: (host: RelayHost, id: string) => LanguageModel): ToolClient =>
  async (host, { model, stream, tools, run }) => {
    const options = {
      model: modelOf(host, model),
      prompt: PROMPT,
      tools: Object.fromEntries(
        tools.map((name) => [
          name,
          tool({
            inputSchema: jsonSchema<Record<string, unknown>>(SCHEMA),
            execute: (args, { toolCallId }) => run({ id: toolCallId, name, arguments: args }),
          }),
        ]),
      ),
      stopWhen: stepCountIs(MAX_STEPS),
      maxRetries: 0,
      maxOutputTokens: 4096,
    };
    const result = stream ? streamText({ ...options, onError: () => undefined }) : await generateText(options);
    const steps = await result.steps;
    const calls = steps.map(({ toolCalls }) =>
      toolCalls.map(({ toolCallId, toolName, input }) => ({
        id: toolCallId,
        name: toolName,
        arguments: input,
      })),
    );
    return { calls: calls.filter((each) => each.length > 0), text: await result.text };
  };

const at = (host: RelayHost) => ({ baseURL: `${host.url}/v1`, apiKey: host.key });

export const TOOL_CLIENTS = {
  '@anthropic-ai/sdk': anthropicLoop,
  'openai chat': chatLoop,
  'openai responses': responsesLoop('items'),
  'openai responses with previous_response_id': responsesLoop('previous_response_id'),
  'ai anthropic': aiLoop((host, id) => createAnthropic(at(host))(id)),
  'ai openai chat': aiLoop((host, id) => createOpenAI(at(host)).chat(id)),
  'ai openai responses': aiLoop((host, id) => createOpenAI(at(host)).responses(id)),
  'ai compatible': aiLoop((host, id) => createOpenAICompatible({ name: 'sluice', ...at(host) }).chatModel(id)),
} satisfies Record<string, ToolClient>;

export type ToolClientName = keyof typeof TOOL_CLIENTS;
