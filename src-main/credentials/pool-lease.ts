import type { CredentialLease, LeaseOutcome, LeaseQuestion } from './lease.ts';
import type { Permit } from './lease-desk.ts';

/** Who lends keys, as far as a lease speaks with it. */
export interface Lender {
  /** Hears once how the call with this permit and this secret ended. */
  report(permit: Permit, secret: string, outcome: LeaseOutcome, question: LeaseQuestion): void;
  giveBack(permit: Permit): void;
  answering(permit: Permit): void;
}

/** A permit with its secret. Books once and gives back once, whatever its holder does. */
export class PoolLease implements CredentialLease {
  readonly secret: string;
  readonly #permit: Permit;
  readonly #question: LeaseQuestion;
  readonly #lender: Lender;
  #isBooked = false;
  #isReleased = false;

  constructor(permit: Permit, secret: string, question: LeaseQuestion, lender: Lender) {
    this.#permit = permit;
    this.secret = secret;
    this.#question = question;
    this.#lender = lender;
  }

  get credentialId(): string {
    return this.#permit.entry.id;
  }

  get waitedMs(): number {
    return this.#permit.waitedMs;
  }

  answering(): void {
    this.#lender.answering(this.#permit);
  }

  report(outcome: LeaseOutcome): void {
    if (this.#isBooked || this.#isReleased) return;
    this.#isBooked = true;
    this.#lender.report(this.#permit, this.secret, outcome, this.#question);
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#lender.giveBack(this.#permit);
  }
}
