import { createHash } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import { HttpFailure } from '../http-failure.ts';

/** How long an answer is kept under its key. */
const KEPT_MS = 24 * 3_600_000;
/** Longer answers are not kept: their key is free again when they are over. */
const MAX_KEPT_BYTES = 8 * 1024 * 1024;
const MAX_KEY_CHARS = 255;

export interface KeptAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** Where answers are kept. */
export interface AnswerKeeper {
  find(key: string, nowMs: number): { digest: string; answer: KeptAnswer } | null;
  /** Never rejects: an answer that could not be kept was given all the same. */
  keep(key: string, digest: string, answer: KeptAnswer, untilMs: number): Promise<void>;
}

/** One request with a key of its own. */
export interface Idempotent {
  /** The answer that was given before; null where this request is the first. */
  kept: KeptAnswer | null;
  /** More of the answer that is being given. */
  add(bytes: Buffer): void;
  /**
   * The whole answer was added, and is given again under the key once this resolves. Only a success is kept, and only once.
   * Never rejects.
   */
  keep(answer: { status: number; headers: Record<string, string> }): Promise<void>;
  /** It is over, whatever became of it. What was not kept leaves the key free. */
  end(): void;
}

/**
 * Requests that may be sent twice and are answered once: the same `Idempotency-Key` of the same caller gets the same answer
 * for 24 hours, and another body under it, or the same while the first is under way, is refused with 409.
 */
export class IdempotencyDesk {
  readonly #keeper: AnswerKeeper;
  readonly #clock: Clock;
  readonly #underWay = new Map<string, string>();

  constructor(parts: { keeper: AnswerKeeper; clock: Clock }) {
    this.#keeper = parts.keeper;
    this.#clock = parts.clock;
  }

  /** @throws HttpFailure 400 for a key that is too long, 409 as above. */
  begin(caller: string, path: string, key: string, body: Buffer): Idempotent {
    if (key.length > MAX_KEY_CHARS) {
      throw new HttpFailure(400, 'invalid_payload', `An “Idempotency-Key” has at most ${MAX_KEY_CHARS} characters.`);
    }
    const name = createHash('sha256')
      .update(JSON.stringify([caller, path, key]))
      .digest('base64url');
    const digest = createHash('sha256').update(body).digest('base64url');
    const known = this.#keeper.find(name, this.#clock.now());
    const other = this.#underWay.get(name) ?? known?.digest ?? digest;
    if (other !== digest) {
      throw new HttpFailure(
        409,
        'conflict',
        'This “Idempotency-Key” was used with another request. Use a new key for a new request.',
      );
    }
    if (this.#underWay.has(name)) {
      throw new HttpFailure(409, 'conflict', 'The request with this “Idempotency-Key” is still being answered.', {
        // Asking again is what mends it, and is what the official clients send the same key for.
        headers: { 'retry-after': '1', 'x-should-retry': 'true' },
      });
    }
    if (known !== null) {
      return { kept: known.answer, add: () => undefined, keep: () => Promise.resolve(), end: () => undefined };
    }
    this.#underWay.set(name, digest);
    let parts: Buffer[] | null = [];
    let size = 0;
    return {
      kept: null,
      add: (bytes) => {
        size += bytes.length;
        if (size > MAX_KEPT_BYTES) parts = null;
        else parts?.push(bytes);
      },
      keep: async (answer) => {
        if (parts === null || answer.status >= 300) return;
        const whole = { ...answer, body: Buffer.concat(parts) };
        parts = null;
        await this.#keeper.keep(name, digest, whole, this.#clock.now() + KEPT_MS);
      },
      end: () => {
        this.#underWay.delete(name);
      },
    };
  }
}
