import { AppFailure } from '../platform/app-failure.ts';
import { SecretScrubber } from '../platform/scrub.ts';
import { SECRET_MARK, SecretMatcher } from '../platform/secret-matcher.ts';
import { ByteScrubber } from './byte-scrubber.ts';
import { TextScrubber } from './text-scrubber.ts';
import type { UpstreamRun } from './upstream-adapter.ts';
import type { UpstreamEvent } from './upstream-event.ts';

/** Far more than anybody has keys. */
const MAX_KNOWN = 256;

/** What keeps the key of one call out of everything that the call gives back. */
export interface CallScrub {
  run(run: UpstreamRun): UpstreamRun;
  /** Plain data, such as a list of models. */
  data<T>(data: T): T;
  /** For an answer that is passed on in its own bytes; null where there is nothing to take out. */
  bytes(): ByteScrubber | null;
  /**
   * An upstream's own words that are to be quoted, before they are cut. Words that hold a key too short to be told from
   * ordinary ones are dropped altogether.
   */
  words(text: string): string;
  /** The same failure with clean words. What led to it stays its cause, for the log, which scrubs for itself. */
  thrown(thrown: unknown): unknown;
}

const NOTHING_TO_SCRUB: CallScrub = {
  run: (run) => run,
  data: (data) => data,
  bytes: () => null,
  words: (text) => text,
  thrown: (thrown) => thrown,
};

/** The same as `CallScrubs.of` for a failure, which is rare enough to prepare anew. */
export function callScrubOf(secret: string | null): CallScrub {
  return secret === null || secret === '' ? NOTHING_TO_SCRUB : scrubOf(secret);
}

/**
 * An upstream may echo the key that it was called with: in an answer, in what a tool printed, in an error. It is taken out
 * here, behind the adapter and before anybody folds, stores, logs or shows what was said. Preparing that for a key takes
 * a tenth of a millisecond, so it is done once for each.
 */
export class CallScrubs {
  readonly #known = new Map<string, CallScrub>();

  of(secret: string | null): CallScrub {
    if (secret === null) return NOTHING_TO_SCRUB;
    const known = this.#known.get(secret);
    if (known !== undefined) return known;
    const scrub = callScrubOf(secret);
    this.#known.set(secret, scrub);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
    return scrub;
  }
}

function scrubOf(secret: string): CallScrub {
  const matcher = new SecretMatcher([secret]);
  let bytes: ByteScrubber | null = null;
  return {
    run: (run) => ({
      upstreamRunId: run.upstreamRunId,
      get upstreamSessionId() {
        return run.upstreamSessionId ?? null;
      },
      ...(run.stopStyle === undefined ? {} : { stopStyle: run.stopStyle }),
      status: matcher.scrub(run.status),
      model: run.model === null ? null : matcher.scrub(run.model),
      events: scrubEvents(run.events, matcher),
      stop: () => run.stop(),
      ...(run.approve === undefined ? {} : { approve: run.approve.bind(run) }),
      ...(run.steer === undefined ? {} : { steer: run.steer.bind(run) }),
      ...(run.clarify === undefined ? {} : { clarify: run.clarify.bind(run) }),
    }),
    data: (data) => matcher.scrubDeep(data),
    bytes: () => (bytes ??= new ByteScrubber(matcher)),
    words: (text) =>
      secret.length < SecretScrubber.minChars && text.includes(secret) ? SECRET_MARK : matcher.scrub(text),
    thrown(thrown) {
      if (!(thrown instanceof AppFailure)) return thrown;
      const { code, message, retry, details, cause } = thrown;
      const clean = matcher.scrubDeep({ message, details });
      if (clean.message === message && clean.details === details) return thrown;
      return new AppFailure(code, clean.message, {
        retry,
        cause,
        ...(clean.details === undefined ? {} : { details: clean.details }),
      });
    },
  };
}

async function* scrubEvents(
  batches: AsyncIterable<readonly UpstreamEvent[]>,
  matcher: SecretMatcher,
): AsyncGenerator<readonly UpstreamEvent[], void, undefined> {
  const scrubber = new EventScrubber(matcher);
  for await (const batch of batches) {
    const clean = batch.flatMap((event) => scrubber.take(event));
    if (clean.length > 0) yield clean;
  }
}

/** Takes a secret out of the events of one run, in their order. What a secret may begin with is held until more is known. */
class EventScrubber {
  readonly #matcher: SecretMatcher;
  readonly #channels: Record<'text' | 'reasoning', TextScrubber>;

  constructor(matcher: SecretMatcher) {
    this.#matcher = matcher;
    this.#channels = { text: new TextScrubber(matcher), reasoning: new TextScrubber(matcher) };
  }

  take(event: UpstreamEvent): UpstreamEvent[] {
    switch (event.type) {
      case 'text':
      case 'reasoning': {
        const other = event.type === 'text' ? 'reasoning' : 'text';
        const text = this.#channels[event.type].push(event.text);
        return [...this.#flush(other), ...(text === '' ? [] : [{ type: event.type, text }])];
      }
      case 'usage':
        return [event];
      case 'tool-start':
        return [...this.#flushAll(), this.#toolStart(event)];
      default:
        // Ids are scrubbed as well: one that holds a key names nothing that has to be found again.
        return [...this.#flushAll(), this.#matcher.scrubDeep(event)];
    }
  }

  /** Arguments are told again and again as they grow; their end may be half of a secret. */
  #toolStart(event: Extract<UpstreamEvent, { type: 'tool-start' }>): UpstreamEvent {
    const clean = this.#matcher.scrubDeep(event);
    const args = clean.arguments;
    const tail = args === null ? 0 : this.#matcher.tailOf(args);
    return args === null || tail === 0 ? clean : { ...clean, arguments: args.slice(0, -tail) };
  }

  #flushAll(): UpstreamEvent[] {
    return [...this.#flush('reasoning'), ...this.#flush('text')];
  }

  #flush(channel: 'text' | 'reasoning'): UpstreamEvent[] {
    const text = this.#channels[channel].flush();
    return text === '' ? [] : [{ type: channel, text }];
  }
}
