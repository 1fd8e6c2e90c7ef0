import type { Clock } from '../platform/clock.ts';
import { waitAtMost } from '../platform/wait-at-most.ts';

/** The end of a run waits this long for messages that are on their way into it. */
const STEER_AT_END_MS = 1000;

/** A message that was meant for the running answer. `queueId` is null where it was put there by somebody else. */
export interface UnsentSteer {
  text: string;
  queueId: string | null;
}

/**
 * What became of a message. `taken`: the upstream has it. `unsent`: the run ended meanwhile and sends it as a message.
 * `refused`: nobody has it, and whoever put it queues it.
 */
export type SteerFate = 'taken' | 'unsent' | 'refused';

/**
 * The messages that go into a running answer, until each of them is a part of it or is known to have missed it. So none is
 * lost and none is sent twice, whenever the run ends. One object a run.
 */
export class RunSteers {
  readonly #clock: Clock;
  /** On their way to the upstream. */
  readonly #underWay = new Set<{ text: string; queueId: string; answered: Promise<boolean> }>();
  readonly #taken: { text: string; queueId: string }[] = [];
  readonly #unsent: UnsentSteer[] = [];
  #isOver = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What was to go into the answer and never reached the model: it still has to be sent, before all that waits. */
  get unsent(): readonly UnsentSteer[] {
    return this.#unsent;
  }

  /**
   * Hands a message to the upstream.
   *
   * @param taken called at once when the upstream took it into an answer that is still open.
   * @throws what `send` throws: then it is unknown whether it was taken.
   */
  async put(
    text: string,
    queueId: string,
    send: (text: string) => Promise<boolean>,
    taken: () => void,
  ): Promise<SteerFate> {
    if (this.#isOver) return 'refused';
    const entry = { text, queueId, answered: Promise.resolve(false) };
    entry.answered = send(text).then((accepted) => {
      this.#underWay.delete(entry);
      if (!accepted || this.#isOver) return accepted;
      this.#taken.push({ text, queueId });
      taken();
      return accepted;
    });
    this.#underWay.add(entry);
    try {
      if (await entry.answered) return 'taken';
      // Ended before the upstream answered: it goes out as a message, whatever is answered now.
      return this.#unsent.some((unsent) => unsent.queueId === queueId) ? 'unsent' : 'refused';
    } finally {
      this.#underWay.delete(entry);
    }
  }

  /** The upstream says that a message which it had taken never reached the model. */
  missed(text: string): void {
    const own = this.#taken.findLast((steer) => steer.text === text);
    this.#unsent.push({ text, queueId: own?.queueId ?? null });
  }

  /**
   * The run ends. What the upstream has not answered for yet gets a moment; what is unknown after it is unsent. Never rejects.
   */
  async end(): Promise<void> {
    if (this.#underWay.size > 0) {
      const answered = Promise.allSettled([...this.#underWay].map((steer) => steer.answered));
      await waitAtMost(answered, this.#clock, STEER_AT_END_MS);
      for (const { text, queueId } of this.#underWay) this.#unsent.push({ text, queueId });
    }
    this.#isOver = true;
  }
}
