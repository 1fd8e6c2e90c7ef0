import { failureOf } from '../platform/app-failure.ts';
import { toolPreview } from './tool-preview.ts';
import type { UpstreamEvent } from './upstream-event.ts';

/** Growing arguments are told at this length first and then at each doubling, so that the log stays linear in them. */
const FIRST_GROWTH_CHARS = 128;

/** Far more than any model asks for at once. Each is a row of the conversation, and every row costs those before it. */
export const MOST_CALLS = 1000;

interface OpenCall {
  callId: string;
  name: string;
  arguments: string;
  toldChars: number;
}

type ToolStart = Extract<UpstreamEvent, { type: 'tool-start' }>;

/** Puts tool calls together whose name and arguments arrive in pieces, by the index that the provider gives them. */
export class ToolCallAssembler {
  readonly #calls = new Map<number, OpenCall>();

  /** True once any call was seen. */
  get hasCalls(): boolean {
    return this.#calls.size > 0;
  }

  /**
   * A call begins. A call that was begun under the same index keeps its place.
   *
   * @throws AppFailure `upstream_bad_response` for one too many.
   */
  begin(index: number, id: string | null, name: string): ToolStart[] {
    if (this.#calls.has(index)) return [];
    if (this.#calls.size >= MOST_CALLS) {
      throw failureOf(
        'upstream_bad_response',
        { word: 'too_many_calls', with: { most: MOST_CALLS } },
        { retry: { kind: 'user-action', action: 'retry' } },
      );
    }
    // Some local servers give no ids; a call needs one here, so that its arguments find it again.
    const call = { callId: id ?? `call_${index}`, name, arguments: '', toldChars: 0 };
    this.#calls.set(index, call);
    return [{ type: 'tool-start', callId: call.callId, name, preview: null, arguments: null }];
  }

  /** More of a call's arguments. Unknown indices are ignored: their call never began. */
  grow(index: number, part: string): ToolStart[] {
    const call = this.#calls.get(index);
    if (call === undefined || part === '') return [];
    call.arguments += part;
    return call.arguments.length >= Math.max(FIRST_GROWTH_CHARS, call.toldChars * 2) ? [tell(call)] : [];
  }

  /** The arguments of one call are complete. */
  complete(index: number): ToolStart[] {
    const call = this.#calls.get(index);
    return call === undefined || call.toldChars === call.arguments.length ? [] : [tell(call)];
  }

  /** The arguments of all calls are complete. */
  completeAll(): ToolStart[] {
    return [...this.#calls.keys()].flatMap((index) => this.complete(index));
  }
}

function tell(call: OpenCall): ToolStart {
  call.toldChars = call.arguments.length;
  return {
    type: 'tool-start',
    callId: call.callId,
    name: call.name,
    preview: toolPreview(call.arguments),
    arguments: call.arguments,
  };
}
