import { errorOf } from './classify-failure.ts';
import { isObject, type JsonObject, parseJson, textOf } from './json.ts';

/**
 * What a refusal says of the address that was asked: nothing stands there (`address`), or this model is not asked there but in
 * another protocol (`model`).
 */
export type MissingEndpoint = 'address' | 'model';

/** What is said with any other status is not about what a model takes. */
const STATUS_OF_REQUEST: ReadonlySet<number> = new Set([400, 404, 422, 501]);
/** Of models that only one of OpenAI’s protocols has. */
const OTHER_PROTOCOL = [
  /\bonly\b.{0,40}\b(in|with|by|via|through)\b.{0,20}(v1\/(responses|chat\/completions)|\b(responses|chat ?completions?) (api|endpoint))/i,
  /(\bnot\b|\bcannot\b).{0,80}(v1\/(responses|chat\/completions)|\b(responses|chat ?completions?) (api|endpoint))/i,
];

/** Which field of a request belongs into which protocol is said in such words, too. */
const OF_FIELD = /\b(parameters?|fields?|arguments?|propert(y|ies)|options?)\b/i;

/** Things that are not there while their address is: a model, a stored answer, somebody who has the model. */
const OTHER_THING =
  /\bmodels?\b|\bdeployments?\b|\bproviders?\b|\bendpoints (found|available)|\bdata policy\b|\bwith id\b|\b(response|item|file|conversation|thread|prompt|container|vector store|assistant|session)s? (with|id|['"“]|\S+_\S+|not found)/i;

const NOTHING_HERE =
  /^\W*(404\W*)?((file|page|resource|path|route|endpoint|url|uri|api|requested \w+) (was )?)?not[ _]?found\W*$/i;
/** Words for an address, of servers and of what stands before them. */
const ADDRESS = [
  /\b(invalid|unknown|unexpected|unsupported|unrecogni[sz]ed|no|bad|undefined)( request| api)? (url|uri|path|route|endpoint|handler)\b/i,
  /\b(url|uri|path|route|endpoint|method|page)\b.{0,80}\b(not (be )?(found|exist|allowed|supported|implemented|available)|unknown|invalid)\b/i,
  /\bcannot post\b/i,
];

const UNSAID = new Set(['', '404', 'not_found', 'not found', 'not_found_error', 'notfounderror', 'notfound']);

/** Names of an error that are about its kind and not about what is missing. */
const PLAIN_CODE = new Set([...UNSAID, 'invalid_request_error', 'unknown_url', 'resource_not_found', 'http_error']);

/**
 * Whether a refusal is about the address. A provider says with 404 as well that it has no such model, deployment or stored
 * answer: then its address is there, and asking at another one would help nobody.
 *
 * @param body of the answer, as text. Shapes and words: OpenAI, Azure, OpenRouter, Groq, Mistral (Kong), vLLM and others on
 *   FastAPI, Ollama (Gin), llama.cpp, LM Studio, which says it with 200; 2026-11.
 */
export function missingEndpoint(status: number, body: string): MissingEndpoint | null {
  const json = parseJson(body);
  const said = isObject(json) ? saidIn(json) : null;
  const words = said?.words ?? body.trim();
  if (STATUS_OF_REQUEST.has(status) && said !== null && isOtherProtocol(words)) return 'model';
  if (status === 405 || status === 501) return 'address';
  if (status === 404 && said === null) return OTHER_THING.test(ownWords(words)) ? null : 'address';
  if (status !== 404 && !(status >= 200 && status < 300 && said?.isError === true)) return null;
  if (said === null || !PLAIN_CODE.has(said.code)) return null;
  if (UNSAID.has(words.toLowerCase())) return status === 404 ? 'address' : null;
  if (NOTHING_HERE.test(words)) return 'address';
  if (OTHER_THING.test(ownWords(words))) return null;
  return ADDRESS.some((pattern) => pattern.test(words)) ? 'address' : null;
}

function isOtherProtocol(words: string): boolean {
  return OTHER_PROTOCOL.some((pattern) => pattern.test(words)) && !OF_FIELD.test(words);
}

interface Said {
  words: string;
  code: string;
  isError: boolean;
}

function saidIn(json: JsonObject): Said {
  const error = errorOf(json);
  const inner: JsonObject = isObject(error) ? error : json;
  const words = typeof error === 'string' ? error : (textOf(inner['message']) ?? textOf(inner['detail']) ?? '');
  const code = textOf(inner['code']) ?? textOf(inner['type']) ?? '';
  return { words: words.trim(), code: code.toLowerCase(), isError: error !== null };
}

/** A quoted address names what it leads to, such as responses, and says nothing of it. */
function ownWords(words: string): string {
  return words.replace(/\S*\/\S*/g, '');
}
