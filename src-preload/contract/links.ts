import type { Told } from './failure-saying.ts';
import type { ProfileKind } from './records.ts';

/** The scheme of links that other programs and pages may open Sluice with. */
export const LINK_SCHEME = 'sluice';

/**
 * What a link asks for, as a person is to see it. A link does nothing by itself: it waits until somebody answers, and its
 * key, if it has one, stays in the main process.
 */
export type LinkRequest = { id: string } & (
  | { kind: 'new'; text: string }
  | { kind: 'session'; sessionId: string; title: string | null }
  | {
      kind: 'connect';
      provider: Exclude<ProfileKind, 'demo'>;
      name: string;
      baseUrl: string;
      host: string;
      maskedKey: string | null;
      model: string | null;
    }
  /** It was not taken; the sentence says why. */
  | ({ kind: 'refused' } & Told)
);

/** What came of a person's answer. */
export type LinkOutcome =
  | { done: 'nothing' }
  /** The page puts it into the composer of a new conversation; nobody sends it but the person. */
  | { done: 'new'; text: string }
  | { done: 'session'; sessionId: string }
  | { done: 'connect'; profileName: string };
