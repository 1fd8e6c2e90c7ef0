import { createHash } from 'node:crypto';
import type { PrefixHint } from '#contract/records';

/** What a provider's cache would compare, in its order: tools, then instructions, then messages, under a model. */
export interface PrefixSource {
  model: string | null;
  /** How the model is to choose among its tools; null where nothing is said. */
  toolChoice: unknown;
  tools: readonly unknown[];
  system: string | null;
  messages: readonly unknown[];
}

/** A place up to which a request could be reused. */
export interface Breakpoint {
  part: 'tools' | 'system' | 'message';
  /** Of a message, from 1. */
  number: number | null;
  /** Of everything up to here, the prelude included. */
  digest: string;
  /** Estimated tokens up to here. */
  tokens: number;
}

export interface Fingerprint {
  model: string;
  toolChoice: string;
  /** Of model and tool choice: under another one nothing is reused. */
  prelude: string;
  breakpoints: readonly Breakpoint[];
  totalTokens: number;
}

/** Markers say what to keep and for how long; they are no part of what is compared. */
const MARKER = 'cache_control';

/** JSON with sorted names and without markers, so that the same content is the same text. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).filter(([name, field]) => name !== MARKER && field !== undefined);
    fields.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}

/**
 * A running SHA-256 over length-prefixed parts, with a breakpoint behind the tools, the instructions and each message. Pure
 * but for `countTokens`, whose figures are estimates as everything that is made of them.
 */
export function fingerprintOf(source: PrefixSource, countTokens: (text: string) => number): Fingerprint {
  const hash = createHash('sha256');
  const add = (text: string): void => {
    hash.update(`${Buffer.byteLength(text)}:`);
    hash.update(text);
  };
  const model = canonical(source.model);
  const toolChoice = canonical(source.toolChoice);
  add(model);
  add(toolChoice);
  const prelude = hash.copy().digest('hex');
  const breakpoints: Breakpoint[] = [];
  let tokens = 0;
  const mark = (part: Breakpoint['part'], number: number | null, text: string): void => {
    add(`${part} ${text}`);
    tokens += countTokens(text);
    breakpoints.push({ part, number, digest: hash.copy().digest('hex'), tokens });
  };
  mark('tools', null, source.tools.length === 0 ? '' : canonical(source.tools));
  mark('system', null, source.system ?? '');
  for (const [at, message] of source.messages.entries()) mark('message', at + 1, canonical(message));
  return { model, toolChoice, prelude, breakpoints, totalTokens: tokens };
}

/** Below this many tokens providers keep nothing (Anthropic's documentation of prompt caching, looked up 2026-11). */
export function minTokensOf(model: string | null): number {
  return /opus|haiku/i.test(model ?? '') ? 4096 : 1024;
}

/** What two requests share, the later one's view. Pure. */
export function compareFingerprints(
  before: Fingerprint,
  now: Fingerprint,
  minTokens: number,
): Pick<PrefixHint, 'state' | 'sharedTokens' | 'changed'> {
  if (now.totalTokens < minTokens) return { state: 'short', sharedTokens: 0, changed: null };
  if (before.prelude !== now.prelude) {
    const part = before.model === now.model ? 'tool_choice' : 'model';
    return { state: 'changed', sharedTokens: 0, changed: { part, number: null } };
  }
  const known = new Set(before.breakpoints.map(({ digest }) => digest));
  const firstNew = now.breakpoints.findIndex(({ digest }) => !known.has(digest));
  const last = firstNew === -1 ? now.breakpoints.at(-1) : now.breakpoints[firstNew - 1];
  const shared = last?.tokens ?? 0;
  const sharedTokens = shared < minTokens ? 0 : shared;
  // What is new behind all of the earlier request changes nothing of it.
  const diverged = firstNew !== -1 && firstNew < before.breakpoints.length ? now.breakpoints[firstNew] : undefined;
  if (diverged === undefined) return { state: 'same', sharedTokens, changed: null };
  return { state: 'changed', sharedTokens, changed: { part: diverged.part, number: diverged.number } };
}
