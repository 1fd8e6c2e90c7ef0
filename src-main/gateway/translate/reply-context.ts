import type { JsonObject } from '../json.ts';
import type { NeutralRequest } from './neutral-request.ts';

/** What a writer of replies needs of the request, without its body: an answer may be long in coming. */
export interface ReplyContext {
  /** For a reply whose upstream names none. */
  model: string;
  replyId: string;
  createdS: number;
  /** A chat client asked for the chunk with figures. */
  includeUsage: boolean;
  /** What a responses client finds again in the answer. */
  echo: Pick<
    NeutralRequest,
    'temperature' | 'topP' | 'maxTokens' | 'parallelCalls' | 'toolChoice' | 'metadata' | 'effort' | 'user'
  >;
  /** The answer that a responses client goes on from. */
  previousId: string | null;
  /** The parts of a tool's whole name, for the protocol that groups tools; null for a tool of its own. */
  namespaceOf: (name: string) => { namespace: string; name: string } | null;
  /** Hears a whole answer of the responses protocol, streamed or not, when it is complete. */
  answered: (response: JsonObject) => void;
  /** Tokens of the request, estimated; asked for once, where an Anthropic stream begins without a figure (decision 26). */
  estimateInput: () => number;
}
