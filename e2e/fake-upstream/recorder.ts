/** Keeps a long benchmark from filling the memory. */
const MAX_REQUESTS = 5000;

export interface RecordedRequest {
  id: number;
  method: string;
  path: string;
  headers: Record<string, string | string[] | undefined>;
  /** Parsed JSON, the text where it is none, null where there is no body. */
  body: unknown;
  /** By `performance.now()` of the fake. */
  receivedAtMs: number;
  /** When the client closed the connection before the answer was complete. */
  abortedAtMs: number | null;
  /** When the connection's part in this request was over, however it ended. */
  closedAtMs: number | null;
}

export interface RecordedStop {
  runId: string;
  /** When the request was seen, before its body was read. */
  atMs: number;
  status: number | null;
}

export interface RecordedSteer {
  runId: string;
  text: string;
  atMs: number;
  accepted: boolean;
}

/** What happened at the fake, for assertions. */
export class Recorder {
  readonly requests: RecordedRequest[] = [];
  readonly stops: RecordedStop[] = [];
  /** Messages that were sent into runs. */
  readonly steers: RecordedSteer[] = [];
  /** Ids of sessions that were deleted. */
  readonly deletedSessions: string[] = [];
  /** Clients that went away in the middle, with the time at which the fake saw it. */
  readonly aborts: { path: string; requestId: number; atMs: number }[] = [];
  /** Connections to an event stream, refused ones included. */
  eventConnections = 0;
  startedRuns = 0;
  liveRuns = 0;
  peakLiveRuns = 0;
  readonly #live = new Map<string, number>();
  readonly peakLiveBySession: Record<string, number> = {};
  readonly #liveByKey = new Map<string, number>();
  readonly peakLiveByKey: Record<string, number> = {};
  #nextId = 1;

  request(fields: Pick<RecordedRequest, 'method' | 'path' | 'headers'>): RecordedRequest {
    const recorded = {
      id: this.#nextId++,
      ...fields,
      body: null,
      receivedAtMs: performance.now(),
      abortedAtMs: null,
      closedAtMs: null,
    };
    this.requests.push(recorded);
    if (this.requests.length > MAX_REQUESTS) this.requests.shift();
    return recorded;
  }

  aborted(request: RecordedRequest): void {
    request.abortedAtMs = performance.now();
    this.aborts.push({ path: request.path, requestId: request.id, atMs: request.abortedAtMs });
  }

  /** Answers that are being made with a key. */
  liveWith(key: string): number {
    return this.#liveByKey.get(key) ?? 0;
  }

  /** @returns the function to call once when the run is over. */
  runStarted(session: string, key: string): () => void {
    this.startedRuns++;
    this.liveRuns++;
    this.peakLiveRuns = Math.max(this.peakLiveRuns, this.liveRuns);
    const live = (this.#live.get(session) ?? 0) + 1;
    this.#live.set(session, live);
    this.peakLiveBySession[session] = Math.max(this.peakLiveBySession[session] ?? 0, live);
    const withKey = this.liveWith(key) + 1;
    this.#liveByKey.set(key, withKey);
    this.peakLiveByKey[key] = Math.max(this.peakLiveByKey[key] ?? 0, withKey);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.liveRuns--;
      this.#liveByKey.set(key, this.liveWith(key) - 1);
      const left = (this.#live.get(session) ?? 1) - 1;
      if (left === 0) this.#live.delete(session);
      else this.#live.set(session, left);
    };
  }
}
