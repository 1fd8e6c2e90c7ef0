import { isObject, type JsonObject } from '../../json.ts';
import type { Finish } from '../neutral-reply.ts';

export function readResponsesFinish(response: JsonObject, hasCalls: boolean, hasRefusal: boolean): Finish {
  if (response['status'] === 'incomplete') {
    const details = isObject(response['incomplete_details']) ? response['incomplete_details'] : {};
    return details['reason'] === 'content_filter' ? 'content-filter' : 'length';
  }
  return hasCalls ? 'tool-calls' : hasRefusal ? 'refusal' : 'stop';
}

/** Why an answer is not whole; null for one that is. A pause and a full context have no word of their own here. */
export const INCOMPLETE_REASONS: Record<Finish, 'max_output_tokens' | 'content_filter' | null> = {
  stop: null,
  'stop-sequence': null,
  'tool-calls': null,
  refusal: null,
  length: 'max_output_tokens',
  'context-full': 'max_output_tokens',
  pause: 'max_output_tokens',
  'content-filter': 'content_filter',
};
