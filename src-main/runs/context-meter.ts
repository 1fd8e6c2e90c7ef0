import type { ContentBlock, Message, RunInput } from '#contract/message';
import { inputText } from '#contract/message';
import type { ContextParts } from '#contract/records';
import type { Settings } from '#contract/settings';
import type { Usage } from '#contract/usage';
import { correctTokens, learnCorrection, NO_CORRECTION, type TokenCorrection } from '../compressor/token-correction.ts';
import { messageText } from '../compressor/token-message.ts';
import type { Clock } from '../platform/clock.ts';
import type { RunOptions } from '../store/run-repository.ts';
import type { Store } from '../store/store.ts';

/** What counting needs of the world beyond the store. */
export interface ContextPorts {
  /** Tokens of each text, counted off the main thread. Rejects with the signal's reason. */
  countTokens(texts: readonly string[], model: string | null, signal: AbortSignal): Promise<number[]>;
  /** Tokens of a message's files, beside its text. Rejects with the signal's reason, and for no file's sake. */
  fileTokens(
    blocks: readonly ContentBlock[],
    question: { profile: string; model: string | null; workspace: string | null },
    signal: AbortSignal,
  ): Promise<number>;
  /** What a model takes, and where that is known from. */
  windowOf(profile: string, model: string | null): Promise<{ tokens: number; source: ContextParts['windowSource'] }>;
}

/** Who is to read a conversation. */
export type Reader = Pick<RunOptions, 'profile' | 'model'>;

/** What goes with a conversation. */
export interface Beside {
  instructions: string | null;
  input: RunInput;
}

/** What each part of a request costs its reader, in the reader's own tokens as far as they are known. */
export interface CountedContext {
  textOf(row: Message): number;
  filesOf(row: Message): number;
  system: number;
  input: number;
}

export interface ContextMeterParts {
  store: Store;
  clock: Clock;
  settings: () => Pick<Settings, 'compressionThreshold' | 'compressionEnabled'>;
  context: ContextPorts;
}

/** Rows that are counted in one question. */
const COUNT_ROWS = 200;
/** Up to so many rows are looked up one by one; beyond it the whole conversation at once costs less. */
const MANY_ROWS = 500;
/** The first reports teach at once, later ones now and then: each costs a count of what is new. */
const FIRST_REPORTS = 3;
const LEARN_EVERY_MS = 60_000;
/** Where files are more than this share of a request, its report says little about text. */
const MOST_FILES_RATIO = 0.1;

/** Whether a message brings files along. */
export function holdsFiles(blocks: readonly ContentBlock[] | null): blocks is readonly ContentBlock[] {
  return blocks !== null && blocks.some((block) => block.type !== 'text');
}

/**
 * Says what a conversation costs its model: counted off the main thread and once a message, corrected by what upstreams
 * reported of the same model. Nothing here decides what is sent.
 */
export class ContextMeter {
  readonly #parts: ContextMeterParts;
  readonly #learnedAtMs = new Map<string, number>();

  constructor(parts: ContextMeterParts) {
    this.#parts = parts;
  }

  /** What reports taught about counting for a reader. */
  correction({ profile, model }: Reader): TokenCorrection {
    return this.#parts.store.tokenCorrections.get(profile, model) ?? NO_CORRECTION;
  }

  /** Tokens of each text for a reader. @throws the signal's reason. */
  async texts(texts: readonly string[], reader: Reader, signal: AbortSignal): Promise<number[]> {
    const correction = this.correction(reader);
    const counts = await this.#parts.context.countTokens(texts, reader.model, signal);
    return counts.map((count) => correctTokens(count, correction));
  }

  /** Counts what was not counted before, remembers it, and says what everything costs. @throws the signal's reason. */
  async count(
    sessionId: string,
    rows: readonly Message[],
    beside: Beside,
    reader: Reader,
    signal: AbortSignal,
  ): Promise<CountedContext> {
    const texts = await this.#rowTexts(sessionId, rows, reader.model, signal);
    const files = new Map<string, number>();
    for (const { id, content_blocks: blocks } of rows) {
      if (holdsFiles(blocks)) files.set(id, await this.#files(sessionId, blocks, reader, signal));
    }
    const { input } = beside;
    const inputFiles =
      typeof input !== 'string' && holdsFiles(input) ? await this.#files(sessionId, input, reader, signal) : 0;
    const [system = 0, asked = 0] = await this.texts([beside.instructions ?? '', inputText(input)], reader, signal);
    const correction = this.correction(reader);
    return {
      textOf: (row) => correctTokens(texts.get(row.id) ?? 0, correction),
      filesOf: (row) => files.get(row.id) ?? 0,
      system,
      input: asked + inputFiles,
    };
  }

  /**
   * What a request would hold now, by part.
   *
   * @param rows all shown rows.
   * @param beside its input are the files of a message that is being written; its text is counted where it is typed.
   * @throws the signal's reason.
   */
  async parts(
    sessionId: string,
    rows: readonly Message[],
    beside: Beside,
    reader: Reader,
    signal: AbortSignal,
  ): Promise<ContextParts> {
    const { store, context, settings } = this.#parts;
    const window = await context.windowOf(reader.profile, reader.model);
    const counted = await this.count(sessionId, rows, beside, reader, signal);
    const summary = store.compactions.current(sessionId);
    const covered = summary === null ? -1 : rows.findIndex((row) => row.id === summary.lastMessageId);
    const pinned = rows.slice(0, covered + 1).filter((row) => row.pinned === true);
    const recent = rows.slice(covered + 1);
    const sent = [...pinned, ...recent];
    const sum = (some: readonly Message[], of: (row: Message) => number) =>
      some.reduce((total, row) => total + of(row), 0);
    const parts = {
      system: counted.system,
      pinned: sum(pinned, counted.textOf),
      summary: covered < 0 ? 0 : (summary?.tokens ?? 0),
      recent: sum(recent, counted.textOf),
      files: sum(sent, counted.filesOf),
    };
    const { compressionThreshold, compressionEnabled } = settings();
    const { reports, deviation } = this.correction(reader);
    return {
      sessionId,
      model: reader.model,
      windowTokens: window.tokens,
      windowSource: window.source,
      thresholdTokens: compressionEnabled ? Math.floor(window.tokens * compressionThreshold) : null,
      parts,
      items: {
        pinned: pinned.length,
        summarised: Math.max(0, covered + 1 - pinned.length),
        recent: recent.length,
        files: sum(sent, (row) => (row.content_blocks ?? []).filter((block) => block.type !== 'text').length),
      },
      totalTokens: Object.values(parts).reduce((total, tokens) => total + tokens, 0),
      draftFiles: { count: typeof beside.input === 'string' ? 0 : beside.input.length, tokens: counted.input },
      deviation: reports === 0 ? null : deviation,
    };
  }

  /** Whether a report of the reader's model would be taken in now. */
  wantsToLearn(reader: Reader): boolean {
    const last = this.#learnedAtMs.get(JSON.stringify(reader));
    return (
      last === undefined ||
      this.correction(reader).reports < FIRST_REPORTS ||
      this.#parts.clock.now() - last >= LEARN_EVERY_MS
    );
  }

  /**
   * Takes in what an upstream reported of the newest answer.
   *
   * @param rows all shown rows, that answer's among them.
   * @throws the signal's reason; AppFailure `storage_*`.
   */
  async learn(
    sessionId: string,
    rows: readonly Message[],
    instructions: string | null,
    reader: Reader,
    usage: Usage,
    signal: AbortSignal,
  ): Promise<void> {
    const { store, clock } = this.#parts;
    const { input_tokens: input, output_tokens: output, reasoning_tokens: reasoning } = usage;
    if (input === null || output === null) return;
    this.#learnedAtMs.set(JSON.stringify(reader), clock.now());
    const { parts, totalTokens, thresholdTokens } = await this.parts(
      sessionId,
      rows,
      { instructions, input: '' },
      reader,
      signal,
    );
    // Beyond the threshold rows were shortened, and what was sent is not what is counted here.
    if (totalTokens > (thresholdTokens ?? Number.POSITIVE_INFINITY)) return;
    if (parts.files > MOST_FILES_RATIO * totalTokens) return;
    const known = this.correction(reader);
    const ours = (totalTokens - parts.files) / known.ratio;
    // What a model thought is not sent again.
    const reported = input + output - (reasoning ?? 0) - parts.files;
    const learned = learnCorrection(known, { ours, reported });
    if (learned === known) return;
    await store.committer.commit(() => store.tokenCorrections.put(reader.profile, reader.model, learned, clock.now()));
  }

  async #files(
    sessionId: string,
    blocks: readonly ContentBlock[],
    reader: Reader,
    signal: AbortSignal,
  ): Promise<number> {
    const { store, context } = this.#parts;
    const workspace = store.sessions.get(sessionId)?.workspace ?? null;
    return context.fileTokens(blocks, { profile: reader.profile, model: reader.model, workspace }, signal);
  }

  #countsOf(rows: readonly Message[]): Map<string, number> {
    const known = new Map<string, number>();
    for (const { id } of rows) {
      const tokens = this.#parts.store.messages.tokenCount(id);
      if (tokens !== null) known.set(id, tokens);
    }
    return known;
  }

  /** Tokens by row. What was counted before is known; what is new is counted off the main thread and remembered. */
  async #rowTexts(
    sessionId: string,
    rows: readonly Message[],
    model: string | null,
    signal: AbortSignal,
  ): Promise<Map<string, number>> {
    const { store, context } = this.#parts;
    const known = rows.length > MANY_ROWS ? store.messages.tokenCounts(sessionId) : this.#countsOf(rows);
    const missing = rows.filter((row) => !known.has(row.id));
    for (let at = 0; at < missing.length; at += COUNT_ROWS) {
      const slice = missing.slice(at, at + COUNT_ROWS);
      const tokens = await context.countTokens(slice.map(messageText), model, signal);
      for (const [index, row] of slice.entries()) known.set(row.id, tokens[index] ?? 0);
      await store.committer.commit(() => {
        for (const [index, row] of slice.entries()) store.messages.setTokenCount(row.id, tokens[index] ?? 0);
      });
    }
    return known;
  }
}
