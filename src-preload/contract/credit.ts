/** What a provider says is left to spend. Money is decimal text, and may be negative: what is owed. */

export interface CreditAmount {
  currency: string;
  /** Null where nothing limits it, or only what was spent is told. */
  left: string | null;
  /** What was spent of it so far; null where that is not told. */
  used: string | null;
}

export interface Credit {
  /** Whose it is: that key's alone, or that of the account, which all its keys share. */
  of: 'key' | 'account';
  amounts: CreditAmount[];
  askedAtMs: number;
}

/** Whether a provider tells it: `maybe` is only found out by asking. */
export type TellsCredit = 'yes' | 'maybe' | 'no';
