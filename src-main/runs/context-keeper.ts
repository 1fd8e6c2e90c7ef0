import type { CompressionFigures, EventDraft } from '#contract/events';
import type { FailureFact } from '#contract/failure-saying';
import type { Message, RunInput } from '#contract/message';
import type { Settings } from '#contract/settings';
import { shortenedBy } from '#contract/shortened-context';
import { compressContext } from '../compressor/compress-context.ts';
import {
  type CompressionPorts,
  type CompressionResult,
  type CompressionSettings,
  type ContextInput,
  DEFAULT_COMPRESSION_SETTINGS,
} from '../compressor/compression-types.ts';
import { figuresError } from '../compressor/figures-error.ts';
import { planCompression } from '../compressor/plan-compression.ts';
import { AbortReason, factOf, toAppFailure } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { CompactionRow } from '../store/compaction-repository.ts';
import type { RunOptions } from '../store/run-repository.ts';
import type { Store } from '../store/store.ts';
import type { CallLedger } from '../usage/call-ledger.ts';
import { askForSummary } from './ask-for-summary.ts';
import type { ContextMeter, ContextPorts, CountedContext } from './context-meter.ts';
import { KnownContexts } from './known-contexts.ts';
import type { RunLog } from './run-log.ts';
import { surelyFits } from './surely-fits.ts';
import type { UpstreamPort } from './upstream-port.ts';

export interface ContextKeeperParts {
  store: Store;
  log: RunLog;
  clock: Clock;
  newId: () => string;
  settings: () => Settings;
  upstream: UpstreamPort;
  context: Pick<ContextPorts, 'windowOf'>;
  meter: ContextMeter;
  calls: CallLedger;
}

/** What a request will hold beside the conversation. */
export interface Surroundings {
  runId: string | null;
  options: RunOptions;
  instructions: string | null;
  input: RunInput;
}

/** Hears when a model is asked for a summary, and when that is over. */
export interface CompressionNews {
  compressing(): void;
  compressed(): void;
}

function compressionSettings(settings: Settings): CompressionSettings {
  return {
    ...DEFAULT_COMPRESSION_SETTINGS,
    enabled: settings.compressionEnabled,
    threshold: settings.compressionThreshold,
    maxMessages: settings.compressionMaxMessages,
    tailMessages: settings.compressionTailMessages,
  };
}

/**
 * Keeps what is sent within a model's window: counts, decides with the compressor, asks a model for a summary, and stores
 * what came of it. Never changes a message.
 */
export class ContextKeeper {
  readonly #parts: ContextKeeperParts;
  readonly #known: KnownContexts;

  constructor(parts: ContextKeeperParts) {
    this.#parts = parts;
    this.#known = new KnownContexts(parts.store);
  }

  /**
   * The rows that a request is to hold in place of all rows.
   *
   * @param readAll reads all shown rows, oldest first, without the new input. Not called where a summary that is known to
   *   hold stands for the beginning: then a turn costs what is new in it.
   * @throws AppFailure `context_window_too_small`; the signal's reason.
   */
  async fit(
    sessionId: string,
    readAll: () => Promise<readonly Message[]>,
    around: Surroundings,
    news: CompressionNews,
    signal: AbortSignal,
  ): Promise<readonly Message[]> {
    const { settings, store, context } = this.#parts;
    const limits = compressionSettings(settings());
    const { tokens: windowTokens, source } = await context.windowOf(around.options.profile, around.options.model);
    const short = await this.#assembleShort(sessionId, around, windowTokens, signal);
    if (short !== null) return short;
    const rows = await readAll();
    // A first message has nothing before it to shorten, and on an assumed window alone it is not refused.
    const isSent = (rows.length === 0 && source === 'default') || surelyFits(rows, around, windowTokens, limits);
    if (store.compactions.current(sessionId) === null && isSent) return rows;
    const { rows: kept } = await this.#compress(sessionId, rows, around, windowTokens, news, signal, false);
    this.#known.remember(sessionId, rows);
    return kept;
  }

  /** What is sent where a summary holds and nothing is to be done; null where more has to be known to decide. */
  async #assembleShort(
    sessionId: string,
    around: Surroundings,
    windowTokens: number,
    signal: AbortSignal,
  ): Promise<readonly Message[] | null> {
    const short = this.#known.read(sessionId);
    if (short === null) return null;
    const rows = short.rows.filter((row) => row.run_id !== around.runId);
    const { meter } = this.#parts;
    const counted = await meter.count(sessionId, rows, around, around.options, signal);
    const input = { ...this.#contextInput(sessionId, rows, counted, windowTokens, false), ...short, rows };
    const plan = planCompression(input);
    return plan.kind === 'assemble' ? plan.rows : null;
  }

  #contextInput(
    sessionId: string,
    rows: readonly Message[],
    counted: CountedContext,
    windowTokens: number,
    force: boolean,
  ): ContextInput {
    const { store, clock, settings } = this.#parts;
    return {
      rows,
      tokensOf: (row) => counted.textOf(row) + counted.filesOf(row),
      fixed: { system: counted.system, tools: 0, input: counted.input },
      windowTokens,
      settings: compressionSettings(settings()),
      snapshot: store.compactions.current(sessionId),
      pinnedIds: new Set(rows.filter((row) => row.pinned === true).map((row) => row.id)),
      lastFailureAtMs: store.sessions.get(sessionId)?.compression_failed_at_ms ?? null,
      nowMs: clock.now(),
      force,
    };
  }

  /** Summarises now. @returns what came of it; null when there is nothing to summarise. @throws as `fit`. */
  async compact(
    sessionId: string,
    rows: readonly Message[],
    around: Surroundings,
    signal: AbortSignal,
  ): Promise<CompressionFigures | null> {
    const { tokens } = await this.#parts.context.windowOf(around.options.profile, around.options.model);
    const silent = { compressing: () => undefined, compressed: () => undefined };
    try {
      return (await this.#compress(sessionId, rows, around, tokens, silent, signal, true)).figures;
    } catch (thrown) {
      if (!(thrown instanceof AbortReason) || thrown.kind !== 'user') throw thrown;
      return stopped(rows.length, { word: 'summary_stopped' });
    }
  }

  async #compress(
    sessionId: string,
    rows: readonly Message[],
    around: Surroundings,
    windowTokens: number,
    news: CompressionNews,
    signal: AbortSignal,
    force: boolean,
  ): Promise<CompressionResult> {
    const { newId, meter } = this.#parts;
    const counted = await meter.count(sessionId, rows, around, around.options, signal);
    const told = { hasStarted: false };
    const ports: CompressionPorts = {
      newId,
      summarise: (request, own) => askForSummary(this.#parts, { sessionId, ...around }, request, own),
      countTokens: (texts, own) => meter.texts(texts, around.options, own),
      started: async (event) => {
        told.hasStarted = true;
        news.compressing();
        await this.#write(sessionId, around, (runId) => [{ event: 'compression.started', ...runId, ...event }]);
      },
    };
    const compressing = compressContext(
      this.#contextInput(sessionId, rows, counted, windowTokens, force),
      ports,
      signal,
    );
    const result = await this.#orTellEnd(sessionId, around, rows.length, compressing, told);
    if (result.figures !== null) {
      await this.#book(sessionId, around, result, result.figures, force);
    }
    if (told.hasStarted) news.compressed();
    return result;
  }

  /** What was told to have begun is told to have ended, also when it was stopped or went wrong. */
  async #orTellEnd(
    sessionId: string,
    around: Surroundings,
    messages: number,
    compressing: Promise<CompressionResult>,
    told: { hasStarted: boolean },
  ): Promise<CompressionResult> {
    const { store } = this.#parts;
    try {
      return await compressing;
    } catch (thrown) {
      if (told.hasStarted) {
        const error: FailureFact =
          thrown instanceof AbortReason ? { word: 'summary_stopped' } : factOf(toAppFailure(thrown));
        await this.#write(sessionId, around, (runId) => {
          const compactions = store.compactions.list(sessionId);
          return [{ event: 'compression.completed', ...runId, ...stopped(messages, error), compactions }];
        });
      }
      throw thrown;
    }
  }

  /** Stores what came of it, and tells it, in one transaction. */
  async #book(
    sessionId: string,
    around: Surroundings,
    result: CompressionResult,
    figures: CompressionFigures,
    force: boolean,
  ): Promise<void> {
    const { store, clock } = this.#parts;
    const { snapshot } = result;
    await this.#write(sessionId, around, (runId) => {
      store.sessions.setCompressionFailed(sessionId, result.failedAtMs);
      const shortened = shortenedBy(figures);
      if (around.runId !== null && shortened !== null) store.runs.shortened(around.runId, shortened);
      if (snapshot !== null) {
        const row: CompactionRow = {
          ...snapshot,
          sessionId,
          beforeTokens: figures.beforeTokens,
          afterTokens: figures.afterTokens,
          trigger: force ? 'manual' : 'auto',
          profile: around.options.profile,
          createdAtMs: clock.now(),
        };
        store.compactions.insert(row);
      }
      const compactions = store.compactions.list(sessionId);
      return [{ event: 'compression.completed', ...runId, ...figures, compactions }];
    });
  }

  /**
   * Stores and tells, in one transaction, while the run that it is for goes on. A stop waits for nobody here, so a run may
   * have ended by now, and may even be taken back: then nothing more is said of it, and no summary of it is kept.
   */
  #write(sessionId: string, around: Surroundings, work: (runId: { run_id?: string }) => EventDraft[]): Promise<void> {
    const { store, log } = this.#parts;
    const { runId } = around;
    return log.write(
      sessionId,
      () => {
        const isOver = runId !== null && store.runs.get(runId)?.endedAtMs !== null;
        return { drafts: isOver ? [] : work(runId === null ? {} : { run_id: runId }), result: undefined };
      },
      { patient: true },
    );
  }
}

/** A compaction that changed nothing. */
function stopped(messages: number, why: FailureFact): CompressionFigures {
  return {
    compressed: false,
    llmCompressed: false,
    totalMessages: messages,
    resultMessages: messages,
    beforeTokens: 0,
    afterTokens: 0,
    summaryTokens: 0,
    verbatimCount: messages,
    compressedStartIndex: -1,
    ...figuresError(why),
  };
}
