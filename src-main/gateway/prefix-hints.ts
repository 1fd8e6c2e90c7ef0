import type { PrefixHint } from '#contract/records';
import type { Settings } from '#contract/settings';
import { estimateTokens } from '#contract/token-estimate';
import type { CallRecord } from './call-record.ts';
import { compareFingerprints, type Fingerprint, fingerprintOf, minTokensOf } from './prefix-fingerprint.ts';
import type { UpstreamRequest } from './upstream-adapter.ts';

/** Hints that are kept for the window. */
const MOST_HINTS = 50;

type HintSettings = Pick<Settings, 'prefixHintsEnabled' | 'prefixTtlMs' | 'prefixMinTokens' | 'prefixCapacity'>;

/**
 * Estimates whether a provider's cache could have reused a request (E10-29). It remembers the last prefix of each
 * conversation, by the conversation's own id and never by what a caller claims (BUG-D12), and only of requests that were
 * answered. Nothing of it is a figure of usage: it knows no ledger, and no ledger knows it.
 */
export class PrefixHints {
  readonly #settings: () => HintSettings;
  /** The least recently used first. */
  readonly #known = new Map<string, { print: Fingerprint; atMs: number }>();
  #hints: PrefixHint[] = [];

  constructor(settings: () => HintSettings) {
    this.#settings = settings;
  }

  /** Newest first. */
  list(): PrefixHint[] {
    return this.#hints;
  }

  clear(): void {
    this.#known.clear();
    this.#hints = [];
  }

  /** Settings have changed: what is no longer wanted is forgotten at once. */
  settingsChanged(): void {
    if (!this.#settings().prefixHintsEnabled) this.clear();
    this.#trim();
  }

  /** A request was answered to its end. */
  answered(
    request: UpstreamRequest,
    record: Pick<CallRecord, 'profile' | 'profileId' | 'model' | 'startedAtMs'>,
  ): void {
    const { prefixHintsEnabled, prefixTtlMs, prefixMinTokens } = this.#settings();
    if (!prefixHintsEnabled || request.sessionId === null) return;
    const { model } = record;
    const print = fingerprintOf(
      {
        model,
        // Sluice offers no tools of its own; an agent's are its own affair and not seen here.
        toolChoice: null,
        tools: [],
        system: request.instructions,
        // Files are named in the text; their bytes would say nothing that their names do not.
        messages: [...request.history, { role: 'user' as const, ...request.input }].map((message) =>
          message.role === 'user' ? { role: message.role, content: message.content } : message,
        ),
      },
      estimateTokens,
    );
    const bucket = JSON.stringify([record.profileId, request.sessionId]);
    const before = this.#known.get(bucket);
    const minTokens = prefixMinTokens === 0 ? minTokensOf(model) : prefixMinTokens;
    const isExpired = before !== undefined && record.startedAtMs - before.atMs > prefixTtlMs;
    const compared =
      before === undefined || isExpired
        ? {
            state:
              print.totalTokens < minTokens
                ? ('short' as const)
                : isExpired
                  ? ('expired' as const)
                  : ('first' as const),
            sharedTokens: 0,
            changed: null,
          }
        : compareFingerprints(before.print, print, minTokens);
    const hint: PrefixHint = {
      isEstimate: true,
      atMs: record.startedAtMs,
      sessionId: request.sessionId,
      profile: record.profile,
      model,
      totalTokens: print.totalTokens,
      ...compared,
    };
    this.#hints = [hint, ...this.#hints].slice(0, MOST_HINTS);
    this.#known.delete(bucket);
    this.#known.set(bucket, { print, atMs: record.startedAtMs });
    this.#trim();
  }

  #trim(): void {
    const { prefixCapacity } = this.#settings();
    for (const bucket of this.#known.keys()) {
      if (this.#known.size <= prefixCapacity) return;
      this.#known.delete(bucket);
    }
  }
}
