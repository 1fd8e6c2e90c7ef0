import type { Seal } from './seal.ts';

/**
 * A request as all three protocols could have asked it. What only one of them knows is either here, for the writer of another
 * to drop aloud, or was refused by the reader.
 */
export interface NeutralRequest {
  /** What stands before the first turn. One entry a block. */
  system: TextPart[];
  messages: NeutralMessage[];
  tools: NeutralTool[];
  toolChoice: ToolChoice | null;
  /** null where the client did not say. */
  parallelCalls: boolean | null;
  maxTokens: number | null;
  temperature: number | null;
  topP: number | null;
  topK: number | null;
  stop: string[];
  thinking: ThinkingWish;
  /** `minimal`, `low`, `medium`, `high`, `xhigh`, `max`; `none` is a wish for no thinking. */
  effort: string | null;
  /** Whether what the model thought is to be shown; null where unsaid. */
  showThinking: boolean | null;
  format: OutputFormat | null;
  verbosity: string | null;
  user: string | null;
  metadata: Record<string, unknown> | null;
  serviceTier: string | null;
  cacheKey: string | null;
  stream: boolean;
  /** A chat client wants the chunk with figures. */
  includeUsage: boolean;
  /** Settings that only OpenAI's protocols know; their writers put back those of theirs. */
  openAi: Map<string, unknown>;
}

export type ThinkingWish =
  | { kind: 'unsaid' | 'disabled' | 'adaptive' }
  | {
      kind: 'budget';
      tokens: number;
    };

export type ToolChoice =
  | { kind: 'auto' | 'none' | 'required' }
  | { kind: 'tool'; name: string }
  | { kind: 'allowed'; required: boolean; names: string[] };

export type OutputFormat =
  | { kind: 'json-object' }
  | {
      kind: 'json-schema';
      name: string | null;
      description: string | null;
      schema: unknown;
      strict: boolean | null;
      /** Where the schema stands. */
      path: string;
    };

export interface NeutralTool {
  /** A custom tool takes any text, a function an object. */
  kind: 'function' | 'custom';
  /** The whole name; with its namespace in front where it has one. */
  name: string;
  /** A group of tools that the responses protocol knows; the name without it is what follows `__`. */
  namespace: string | null;
  description: string | null;
  /** JSON schema of a function; null where the client gave none. */
  parameters: Record<string, unknown> | null;
  strict: boolean | null;
  /** What a custom tool accepts, in its own words. */
  format: unknown;
  cache: Cache;
  path: string;
}

/** How long a prefix that ends here is to be kept; null for no mark. */
export type Cache = '5m' | '1h' | null;

export interface NeutralMessage {
  role: 'system' | 'user' | 'assistant';
  parts: RequestPart[];
  path: string;
}

/** OpenAI's own mark of a prefix to keep, as it came. It means the same to Anthropic as its longer one. */
interface Markable {
  cache: Cache;
  openAiMark?: Record<string, unknown>;
}

export interface TextPart extends Markable {
  type: 'text';
  text: string;
}

export type RequestPart =
  | TextPart
  | { type: 'refusal'; text: string }
  | ImagePart
  | DocumentPart
  | { type: 'thinking'; text: string; seal: Seal | null; path: string }
  | { type: 'call'; id: string; name: string; custom: boolean; arguments: string; cache: Cache; path: string }
  | ResultPart;

export interface ImagePart extends Markable {
  type: 'image';
  source: { kind: 'base64'; mediaType: string; data: string } | { kind: 'url'; url: string };
  detail: string | null;
  path: string;
}

export interface DocumentPart extends Markable {
  type: 'document';
  source:
    | { kind: 'base64'; mediaType: string; data: string }
    | { kind: 'url'; url: string }
    | { kind: 'text'; text: string };
  title: string | null;
  path: string;
}

/** What can stand in a result. */
export type ContentPart = TextPart | ImagePart | DocumentPart;

export function isContent(part: RequestPart): part is ContentPart {
  return part.type === 'text' || part.type === 'image' || part.type === 'document';
}

export interface ResultPart {
  type: 'result';
  callId: string;
  content: ContentPart[];
  isError: boolean;
  cache: Cache;
  path: string;
}
