import type { WireProtocol } from '../translation.ts';
import { eventsOf } from './wire-frames.ts';

type Event = Record<string, unknown>;

/** What is wrong with a client's stream by the grammar of its protocol; empty for a stream that any client may read. */
export function faultsOf(protocol: WireProtocol, text: string): string[] {
  const faults: string[] = [];
  CHECKS[protocol](eventsOf(text), (fault) => faults.push(fault));
  return faults;
}

type Check = (events: Event[], fault: (text: string) => void) => void;

/** One start; blocks one after another, each with its beginning and end, numbered from 0; one delta; one stop, the last. */
const checkAnthropic: Check = (events, fault) => {
  let open: { index: number; type: string } | null = null;
  let next = 0;
  const seen: string[] = [];
  const DELTAS: Record<string, string[]> = {
    text: ['text_delta'],
    thinking: ['thinking_delta', 'signature_delta'],
    redacted_thinking: [],
    tool_use: ['input_json_delta'],
  };
  for (const event of events) {
    const type = event['type'] as string;
    if (seen.includes('message_stop')) fault(`${type} after message_stop`);
    if (seen.length === 0 && type !== 'message_start') fault(`begins with ${type}`);
    if (seen.includes('message_delta') && type !== 'message_stop') fault(`${type} after message_delta`);
    switch (type) {
      case 'message_start':
        if (seen.length > 0) fault('a second message_start');
        break;
      case 'content_block_start':
        if (open !== null) fault('a block begins inside another');
        if (event['index'] !== next++) fault(`block ${String(event['index'])} out of order`);
        open = { index: event['index'] as number, type: (event['content_block'] as Event)['type'] as string };
        break;
      case 'content_block_delta': {
        const delta = (event['delta'] as Event)['type'] as string;
        if (open === null || open.index !== event['index'])
          fault(`a delta for block ${String(event['index'])}, which is not open`);
        else if (DELTAS[open.type]?.includes(delta) !== true) fault(`${delta} in a ${open.type} block`);
        break;
      }
      case 'content_block_stop':
        if (open?.index !== event['index']) fault('the end of a block that is not open');
        open = null;
        break;
      case 'message_delta':
        if (open !== null) fault('message_delta while a block is open');
        if (typeof (event['delta'] as Event)['stop_reason'] !== 'string') fault('no stop_reason');
        if (typeof (event['usage'] as Event)['output_tokens'] !== 'number') fault('no output_tokens');
        break;
      case 'message_stop':
        if (!seen.includes('message_delta')) fault('message_stop without message_delta');
        break;
      default:
        fault(`unknown event ${type}`);
    }
    seen.push(type);
  }
  if (!seen.includes('message_stop')) fault('no message_stop');
};

/** The role first; calls counted from 0, each begun with its id and name; one finish reason; figures, then `[DONE]`. */
const checkChat: Check = (events, fault) => {
  const calls = new Set<number>();
  let finished = false;
  let ids: unknown = null;
  for (const [at, event] of events.entries()) {
    if (event['done'] === true) {
      if (at !== events.length - 1) fault('something after [DONE]');
      if (!finished) fault('[DONE] without a finish reason');
      return;
    }
    if (event['object'] !== 'chat.completion.chunk') fault('not a chunk');
    ids ??= event['id'];
    if (event['id'] !== ids) fault('the id changes');
    const choice = (event['choices'] as Event[])[0];
    if (choice === undefined) {
      if (!finished || event['usage'] == null) fault('a chunk without choices that is not the figures');
      continue;
    }
    if (finished) fault('a choice after its finish reason');
    const delta = choice['delta'] as Event;
    if (at === 0 && delta['role'] !== 'assistant') fault('the first chunk has no role');
    for (const call of (delta['tool_calls'] as Event[] | undefined) ?? []) {
      const index = call['index'] as number;
      if (calls.has(index)) continue;
      if (index !== calls.size) fault(`call ${index} out of order`);
      calls.add(index);
      const name = ((call['function'] ?? call['custom']) as Event)['name'];
      if (typeof call['id'] !== 'string' || typeof name !== 'string') fault('a call begins without id or name');
    }
    finished = choice['finish_reason'] !== null;
  }
  fault('no [DONE]');
};

/** Created first; numbers without a gap; items and pieces with beginning and end; a terminal event with all items, the last. */
const checkResponses: Check = (events, fault) => {
  const open = new Map<unknown, Event>();
  const pieces = new Set<string>();
  const done: unknown[] = [];
  for (const [at, event] of events.entries()) {
    const type = event['type'] as string;
    if (event['sequence_number'] !== at) fault(`number ${String(event['sequence_number'])} at ${at}`);
    if ((at === 0) !== (type === 'response.created')) fault(`${type} at ${at}`);
    const index = event['output_index'];
    const item = event['item'] as Event | undefined;
    const piece = `${String(event['item_id'])}/${String(event['content_index'] ?? event['summary_index'])}`;
    if (type === 'response.output_item.added') {
      if (open.has(index)) fault('an item begins twice');
      open.set(index, item ?? {});
    } else if (type === 'response.output_item.done') {
      if (open.get(index)?.['id'] !== item?.['id']) fault('the end of an item that is not open');
      if ([...pieces].some((one) => one.startsWith(`${String(item?.['id'])}/`))) fault('an item ends before its piece');
      open.delete(index);
      done[index as number] = item;
    } else if (index !== undefined) {
      if (open.get(index)?.['id'] !== event['item_id']) fault(`${type} for an item that is not open`);
      if (/part\.added$/.test(type)) pieces.add(piece);
      else if (/part\.done$/.test(type)) {
        if (!pieces.delete(piece)) fault('the end of a piece that is not open');
      } else if (/(output_text|refusal|summary_text)\./.test(type) && !pieces.has(piece))
        fault(`${type} outside a piece`);
    }
    if (/^response\.(completed|incomplete|failed)$/.test(type)) {
      if (at !== events.length - 1) fault('something after the end');
      if (open.size > 0) fault('the end while an item is open');
      const output = (event['response'] as Event)['output'];
      if (JSON.stringify(output) !== JSON.stringify(done.filter(Boolean))) fault('the end does not hold the items');
      return;
    }
  }
  fault('no end');
};

const CHECKS: Record<WireProtocol, Check> = {
  'anthropic-messages': checkAnthropic,
  'openai-chat': checkChat,
  'openai-responses': checkResponses,
};
