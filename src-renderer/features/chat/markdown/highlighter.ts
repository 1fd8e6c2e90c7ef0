import type { HighlightAnswer, HighlightedLine, HighlightRequest } from './highlight-protocol.ts';
import type { Language } from './languages.ts';

/** What is kept of earlier blocks, for answers that are shown again. */
const MOST_KEPT_CHARS = 2_000_000;
/** A block that takes longer has met an expression that does not end; the worker is replaced. */
const MOST_WAIT_MS = 10_000;

type Lines = readonly HighlightedLine[] | null;

interface Waiting {
  request: HighlightRequest;
  resolve: (lines: Lines) => void;
}

/** What the page needs of a worker; tests bring their own. */
export interface HighlightWorker {
  postMessage: (request: HighlightRequest) => void;
  terminate: () => void;
  onmessage: ((event: MessageEvent<HighlightAnswer>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

/** Asks a worker for the colours of code, one block after the other, and remembers what it said. */
export class Highlighter {
  readonly #startWorker: () => HighlightWorker;
  readonly #known = new Map<string, Lines>();
  readonly #queue: Waiting[] = [];
  #knownChars = 0;
  #worker: HighlightWorker | null = null;
  #current: Waiting | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #nextId = 0;

  constructor(startWorker: () => HighlightWorker) {
    this.#startWorker = startWorker;
  }

  /** What is known without asking; undefined where nothing is. */
  peek(language: Language, code: string): Lines | undefined {
    return this.#known.get(keyOf(language, code));
  }

  /** The lines of code by kind; null where they stay plain. Never rejects. */
  highlight(language: Language, code: string): Promise<Lines> {
    const known = this.peek(language, code);
    if (known !== undefined) return Promise.resolve(known);
    const { promise, resolve } = Promise.withResolvers<Lines>();
    this.#queue.push({ request: { id: this.#nextId++, language, code }, resolve });
    this.#next();
    return promise;
  }

  #next(): void {
    const waiting = this.#current === null ? this.#queue.shift() : undefined;
    if (waiting === undefined) return;
    const known = this.peek(waiting.request.language, waiting.request.code);
    if (known !== undefined) {
      waiting.resolve(known);
      this.#next();
      return;
    }
    this.#current = waiting;
    this.#worker ??= this.#begin();
    this.#timer = setTimeout(() => this.#fail(), MOST_WAIT_MS);
    this.#worker.postMessage(waiting.request);
  }

  #begin(): HighlightWorker {
    const worker = this.#startWorker();
    worker.onmessage = ({ data }) => {
      if (data.id === this.#current?.request.id) this.#settle(data.lines);
    };
    worker.onerror = () => this.#fail();
    return worker;
  }

  /** The worker is of no more use; the block it was at stays plain. */
  #fail(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#settle(null);
  }

  #settle(lines: Lines): void {
    clearTimeout(this.#timer);
    const current = this.#current;
    this.#current = null;
    if (current !== null) {
      this.#remember(current.request, lines);
      current.resolve(lines);
    }
    this.#next();
  }

  #remember({ language, code }: HighlightRequest, lines: Lines): void {
    this.#known.set(keyOf(language, code), lines);
    this.#knownChars += code.length;
    for (const key of this.#known.keys()) {
      if (this.#knownChars <= MOST_KEPT_CHARS) return;
      this.#known.delete(key);
      this.#knownChars -= key.length - key.indexOf('\n') - 1;
    }
  }
}

const keyOf = (language: Language, code: string) => `${language}\n${code}`;

/** The page's one highlighter. Its worker starts with the first block of code. */
export const highlighter = new Highlighter(
  () => new Worker(new URL('./highlight-worker.ts', import.meta.url), { type: 'module', name: 'highlighter' }),
);
