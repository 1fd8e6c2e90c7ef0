import type { CredentialLease, LeaseOutcome } from './lease.ts';
import type { Permit } from './lease-desk.ts';

/** A permit with its secret. Books once and gives back once, whatever its holder does. */
export class PoolLease implements CredentialLease {
  readonly #permit: Permit;
  readonly secret: string;
  readonly #pool: { report(outcome: LeaseOutcome): void; giveBack(): void; answering(): void };
  #isBooked = false;
  #isReleased = false;

  constructor(
    permit: Permit,
    secret: string,
    pool: { report(outcome: LeaseOutcome): void; giveBack(): void; answering(): void },
  ) {
    this.#permit = permit;
    this.secret = secret;
    this.#pool = pool;
  }

  get credentialId(): string {
    return this.#permit.entry.id;
  }

  get waitedMs(): number {
    return this.#permit.waitedMs;
  }

  answering(): void {
    this.#pool.answering();
  }

  report(outcome: LeaseOutcome): void {
    if (this.#isBooked || this.#isReleased) return;
    this.#isBooked = true;
    this.#pool.report(outcome);
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#pool.giveBack();
  }
}
