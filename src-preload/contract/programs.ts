import type { FailureSaying } from './failure-saying.ts';
import type { SpendCap, SpendCapState } from './usage-report.ts';

/** What a program's key may be good for. The owner's token is good for all of it. */
export const CLIENT_SCOPES = [
  'threads:read',
  'threads:write',
  'threads:delete',
  'runs:read',
  'runs:create',
  'runs:cancel',
  'feedback:write',
  'models:use',
  'metrics:read',
] as const;
export type ClientScope = (typeof CLIENT_SCOPES)[number];

/** What may be known of a program's key after it was made: everything but the key. */
export interface ClientKeyRecord {
  id: string;
  name: string;
  /** First and last characters of the key. */
  mask: string;
  scopes: ClientScope[];
  createdAtMs: number;
  /** To the minute; null for a key that was never used. */
  lastUsedAtMs: number | null;
  /** Null while it opens anything. */
  revokedAtMs: number | null;
  /** What it may spend; null is no limit of its own. */
  cap: SpendCap | null;
}

/** The server for other programs on this computer. */
export interface LocalApiState {
  /** `off`: switched off. `failed`: switched on, but it could not start; `message` says why. */
  state: 'on' | 'off' | 'failed';
  /** Whether a person can switch it; the headless host's is always on. */
  isSwitchable: boolean;
  url: string | null;
  message: string | null;
  said?: FailureSaying;
  /** With what was spent of their caps. */
  clients: (ClientKeyRecord & { spend: SpendCapState | null })[];
}

/** One request to an upstream that a program's call led to. */
export interface ApiCallAttempt {
  /** What the key is called; null where none is needed. */
  credential: string | null;
  /** Why it came to nothing, in words; null while it goes on, and where it was taken. */
  failure: string | null;
  failureSaid?: FailureSaying;
}

/** A call of another program, without anything that was said in it. */
export interface ApiCallRecord {
  id: string;
  /** Counts the calls since the start, from 1: later ones stand higher. */
  place: number;
  /** Grows over all calls with every change, so that of two records of one call the newer is known. */
  revision: number;
  /** The name of the program's key; null for the owner's token. */
  client: string | null;
  path: string;
  /** Null where the request was refused before it was known whom it asks. */
  profile: string | null;
  model: string | null;
  stream: boolean;
  startedAtMs: number;
  /** From the request to the first part of the answer. */
  firstByteMs: number | null;
  /** Null while it goes on. */
  durationMs: number | null;
  /** `stopped`: the program left. */
  outcome: 'running' | 'completed' | 'failed' | 'stopped';
  /** What the program was answered with; null where it had left before. */
  status: number | null;
  /** In words; null where nothing failed. */
  failure: string | null;
  failureSaid?: FailureSaying;
  /** What the key is called that was used last. */
  credential: string | null;
  /** In their order; the newest where there were very many. */
  attempts: ApiCallAttempt[];
  inputTokens: number | null;
  outputTokens: number | null;
  /** At least one of the figures is not the provider's. */
  isEstimate: boolean;
  /** Decimal text; null where no price is known. */
  cost: string | null;
  currency: string | null;
}

/** Requests to the model endpoints that showed no key that opens anything. Anybody may send such, so they are counted only. */
export interface TurnedAway {
  /** Since the start. */
  count: number;
  /** Null where there was none. */
  lastAtMs: number | null;
}

/** What a tiny request to the server's own address showed. */
export interface LocalApiTrial {
  ok: boolean;
  /** Null where nothing answered. */
  status: number | null;
  durationMs: number;
  /** The first words of the answer; null where there was none. */
  text: string | null;
  /** What went wrong, in a sentence; null where nothing did. */
  message: string | null;
  said?: FailureSaying;
}
