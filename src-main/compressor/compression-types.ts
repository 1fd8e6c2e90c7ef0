import type { CompressionFigures } from '#contract/events';
import type { Message } from '#contract/message';
import type { Usage } from '#contract/usage';
import type { AppFailure } from '../platform/app-failure.ts';

export interface CompressionSettings {
  /** Whether a summary is made without being asked for. A summary that exists is used either way. */
  enabled: boolean;
  /** Share of the window that a request may fill before it is compressed, 0.05 to 0.95. */
  threshold: number;
  /** Compress beyond this many messages, too; 0 switches that rule off. */
  maxMessages: number;
  /** How many of the newest messages stay as they are, as far as they fit. */
  tailMessages: number;
  /** How many of the oldest messages stay as they are, 0 to 3. */
  headMessages: number;
  /** Most tokens of a summary; small windows lower it. */
  summaryTokens: number;
  /** A summary that saves less than this share of the conversation's tokens counts as failed. */
  minSavingRatio: number;
  /** How long after a failure no summary is tried, in milliseconds. */
  cooldownMs: number;
}

/** Figures of the chat-run protocol (E7-01, E7-03); cool-down and saving are Sluice's own. */
export const DEFAULT_COMPRESSION_SETTINGS: CompressionSettings = {
  enabled: true,
  threshold: 0.5,
  maxMessages: 200,
  tailMessages: 20,
  headMessages: 0,
  summaryTokens: 8000,
  minSavingRatio: 0.1,
  cooldownMs: 300_000,
};

/** How long `CompressionPorts.summarise` may take; whoever makes the port keeps it (E7-10). */
export const SUMMARISER_TIMEOUT_MS = 120_000;

/** A summary and exactly what it stands for. Never changed: a newer one is stored beside it. */
export interface Snapshot {
  id: string;
  summary: string;
  /** The newest row that the summary covers. */
  lastMessageId: string;
  /** Shown rows up to that one, itself included. */
  messageCount: number;
  /** What `signSource` made of those rows. */
  sourceHash: string;
  /** Tokens of the row that carries the summary, as `countSummary` counts it. Recount when a person edits the summary. */
  tokens: number;
}

/** Which covered rows stay in the request beside the summary, by their places. */
export interface KeptPlaces {
  /** Not in the summary, because they were pinned or first when it was made. */
  leftOut: readonly number[];
  /** In the summary and kept as well: the request of the turn that the cut parted. */
  opener: number | null;
}

/** What a valid snapshot says of the rows at hand. */
export interface Coverage extends KeptPlaces {
  /** Rows before this place are covered. */
  covered: number;
}

export interface ContextInput {
  /** Shown rows, oldest first, without the new input. */
  rows: readonly Message[];
  /** Tokens of a stored row as it is sent. Called for stored rows only, once each and plan. */
  tokensOf(row: Message): number;
  /** Tokens of what goes with every request. */
  fixed: { system: number; tools: number; input: number };
  windowTokens: number;
  settings: CompressionSettings;
  /** The newest one of the session; one that fits the rows no longer is ignored. */
  snapshot: Snapshot | null;
  /** What the snapshot covers of these rows, where the caller has made sure of it; read from the rows otherwise. */
  coverage?: Coverage;
  pinnedIds: ReadonlySet<string>;
  lastFailureAtMs: number | null;
  nowMs: number;
  /** A person asked: limits and cool-down do not hold it back. */
  force: boolean;
}

/** What a summary of this plan would cover. Indices are places in `ContextInput.rows`. */
export interface SummaryPlan {
  /** Rows before this one are covered. */
  cut: number;
  /** What the summariser reads: covered rows that no summary has seen yet, without those that stay as they are. */
  source: Message[];
  sourceTokens: number;
  /** Covered rows that stay as they are and that no summary has seen. */
  leftOut: readonly number[];
  /** The request of the turn that the cut parts: summarised, and kept as well. */
  opener: number | null;
  /** Most tokens of the summary's text. */
  summaryTokens: number;
}

export type CompressionPlan =
  | { kind: 'none'; tokens: number }
  /** The summary and the rows after it. `rows` are what is sent. */
  | { kind: 'assemble'; tokens: number; rows: Message[] }
  /** Too much, and no summary is to be made now: the rows are shortened until they fit. */
  | { kind: 'prune'; tokens: number; budgetTokens: number }
  | ({ kind: 'full'; tokens: number; budgetTokens: number } & SummaryPlan)
  | ({ kind: 'incremental'; tokens: number; budgetTokens: number } & SummaryPlan)
  /** What may not be shortened fills the window by itself. */
  | { kind: 'too-small'; neededTokens: number; windowTokens: number };

export interface SummaryRequest {
  system: string;
  prompt: string;
  /** Most tokens of the answer. */
  maxTokens: number;
}

export interface CompressionPorts {
  /**
   * A completion without tools, within `SUMMARISER_TIMEOUT_MS`.
   *
   * @throws AppFailure, or the signal's reason when it aborts.
   */
  summarise(
    request: SummaryRequest,
    signal: AbortSignal,
  ): Promise<{ text: string; model: string | null; usage: Usage | null; callId: string | null }>;
  /** Tokens of each text. Rejects with the signal's reason when it aborts. */
  countTokens(texts: readonly string[], signal: AbortSignal): Promise<number[]>;
  newId(): string;
  /** Told before the model is asked; the call waits for it. */
  started(event: { message_count: number; token_count: number }): Promise<void>;
}

export interface NewSnapshot extends Snapshot {
  model: string | null;
  usage: Usage | null;
  /** The call that made it, as the ledger names it. */
  callId: string | null;
}

export interface CompressionResult {
  /** What is sent before the new input. Stored rows are the same objects, shortened ones are copies under their id. */
  rows: Message[];
  /** A new one to store; null unless a summary succeeded. */
  snapshot: NewSnapshot | null;
  /** Null when nothing was tried. */
  figures: CompressionFigures | null;
  /** To be kept for the next call: now after a failure, null after a success, else as it was. */
  failedAtMs: number | null;
  /** Why the summary failed, with its cause, for the log. */
  failure: AppFailure | null;
}
