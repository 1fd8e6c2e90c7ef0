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
  /** With what was spent of their caps. */
  clients: (ClientKeyRecord & { spend: SpendCapState | null })[];
}
