import { parentPort } from 'node:worker_threads';
import { CL100K_TOKEN_SPLIT_REGEX, O200K_TOKEN_SPLIT_REGEX } from 'gpt-tokenizer/encodingParams/constants';
import { BytePairCounter } from './token-bpe.ts';
import type { TokenEncoding } from './token-encoding.ts';
import { piecesOf } from './token-pieces.ts';

/** Entry of the token worker: counts the batches of `token-client.ts`, one after the other. */

export interface TokenRequest {
  id: number;
  encoding: TokenEncoding;
  texts: string[];
}

export type TokenReply = { id: number; ok: true; counts: number[] } | { id: number; ok: false; message: string };

const counters = new Map<TokenEncoding, Promise<BytePairCounter>>();

/** A table takes some 20 MB and a fifth of a second, so each is loaded when it is first asked for. */
function counterOf(encoding: TokenEncoding): Promise<BytePairCounter> {
  const known = counters.get(encoding);
  if (known !== undefined) return known;
  const loaded = load(encoding);
  counters.set(encoding, loaded);
  return loaded;
}

async function load(encoding: TokenEncoding): Promise<BytePairCounter> {
  if (encoding === 'cl100k_base') {
    const { default: table } = await import('gpt-tokenizer/bpeRanks/cl100k_base');
    return new BytePairCounter(table, CL100K_TOKEN_SPLIT_REGEX);
  }
  const { default: table } = await import('gpt-tokenizer/bpeRanks/o200k_base');
  return new BytePairCounter(table, O200K_TOKEN_SPLIT_REGEX);
}

function countText(counter: BytePairCounter, text: string): number {
  let tokens = 0;
  for (const piece of piecesOf(text)) tokens += counter.count(piece);
  return tokens;
}

async function answer(request: TokenRequest): Promise<TokenReply> {
  try {
    const counter = await counterOf(request.encoding);
    return { id: request.id, ok: true, counts: request.texts.map((text) => countText(counter, text)) };
  } catch (thrown) {
    return { id: request.id, ok: false, message: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

parentPort?.on('message', (request: TokenRequest) => {
  void answer(request).then((reply) => parentPort?.postMessage(reply));
});
