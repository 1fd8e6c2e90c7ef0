import type { ProfileRecord } from '#contract/records';
import type { AppFailure } from '../../platform/app-failure.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Gateway } from '../gateway.ts';
import type { HttpClient } from '../http-client.ts';
import type { AttemptNotices } from '../tell-attempt.ts';
import type { translateRequest, WireProtocol } from '../translate/translation.ts';
import type { UpstreamEvent } from '../upstream-event.ts';
import type { ProgramRequest } from './relay-request.ts';

/** The books of one request, kept by whoever keeps books. */
export interface RelayTrack {
  readonly notices: Required<AttemptNotices>;
  /** An attempt leaves now: said in the very turn in which its first byte goes, so that the books have it before. */
  leaving(): void;
  hear(event: UpstreamEvent): void;
  /** Books the call that was accepted. Called once, when its answer is over. @param wasStopped the program left. */
  settle(wasStopped: boolean): void;
}

export interface RelayParts {
  gateway: Pick<Gateway, 'relay' | 'start' | 'spoken'>;
  http: HttpClient;
  clock: Clock;
  newId: () => string;
  /** @throws AppFailure `not_found`. */
  profileOf: (name: string) => Pick<ProfileRecord, 'name' | 'kind' | 'baseUrl' | 'defaultModel'>;
  /** Opens the books before a request leaves. @throws AppFailure `budget_reached`. */
  open: (subject: {
    id: string;
    profile: string;
    model: string | null;
    inputTokens: number;
    clientId: string | null;
  }) => Promise<RelayTrack>;
  translate: typeof translateRequest;
}

/** One request of a program, with what its name of a model stands for. */
export interface RelayQuestion {
  /** Names the request in records and books. */
  id: string;
  client: WireProtocol;
  /** The program's key, whose cap is asked; null for the owner. */
  clientId: string | null;
  request: ProgramRequest;
  profile: string;
  /** Null for the profile's own choice. */
  model: string | null;
  thinking: boolean;
  /** What goes on to the upstream as it is. */
  headers: Readonly<Record<string, string>>;
  /** With its question mark; empty where there is none. */
  search: string;
  /** Computed only where it matters. */
  conversation: () => string | null;
}

/** Who answers, known once somebody does. */
export interface Answerer {
  credentialId: string | null;
  model: string | null;
}

export interface RelayReply {
  status: number;
  headers: Record<string, string>;
  answerer: Answerer;
  body:
    | { kind: 'whole'; bytes: Buffer }
    /**
     * Whole frames, as they come. Whoever has them reads to the end or returns early, which ends the call. It throws what
     * went wrong before the upstream's last word; nothing of that has been said yet. `failure` is what the upstream itself
     * said went wrong, which is among the frames; asked once they are over, null where all went well. `isComplete` says
     * whether the answer's good last word is among those that were handed out.
     */
    | {
        kind: 'frames';
        frames: AsyncGenerator<Buffer, void, undefined>;
        failure: () => AppFailure | null;
        isComplete: () => boolean;
      };
}
