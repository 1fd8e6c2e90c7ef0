import { failed, type Result } from '#contract/errors';
import type { ChatEvent, ResumedPayload } from '#contract/events';
import type { RouteOutputs } from '#contract/routes';
import type { Router, Viewer } from '../ipc/router.ts';
import { approvalResponded, requestFailed, runRefused, type SocketAnswer } from './chat-run-answers.ts';
import {
  type ChatRoute,
  DEFAULT_PROFILE_NAME,
  holdsBinary,
  isFields,
  OLDER_EVENT_NAMES,
  TAKES_PROFILE,
  toContractPayload,
} from './chat-run-compat.ts';

type Fields = Record<string, unknown>;
export type Ack = (result: Result<unknown>) => void;

/** The connection as this file needs it. */
export interface ChatLine {
  id: string;
  /** What the handshake said. */
  profile: string | null;
  send(event: ChatEvent | SocketAnswer): void;
  isOpen(): boolean;
}

const NO_BINARY = failed({
  code: 'invalid_payload',
  message: 'Binary data is not taken here. Send text; files go by the upload routes.',
  retry: { kind: 'no' },
});

const NOTHING_WAITS = failed({
  code: 'conflict',
  message: 'Nothing in this conversation waits for a decision.',
  retry: { kind: 'no' },
});

/** A request about something that does not exist. Not null: that is a payload like any other, and is refused as one. */
const NO_MEANING = Symbol('no meaning');

function sessionOf(payload: unknown): string | null {
  const id = isFields(payload) ? (payload['session_id'] ?? payload['sessionId']) : null;
  return typeof id === 'string' && id.length <= 128 ? id : null;
}

/**
 * The requests of one connection. They are dispatched in the order in which they came, also where one of them has to
 * look something up first; their answers come when they come.
 */
export class ChatRunRequests {
  readonly viewer: Viewer;
  readonly #line: ChatLine;
  readonly #router: Router;
  readonly #now: () => number;
  /** The profile of this connection as of the request that is being dispatched. */
  #profile: string | null;
  #turn: Promise<void> = Promise.resolve();

  constructor(line: ChatLine, router: Router, now: () => number) {
    this.#line = line;
    this.#router = router;
    this.#now = now;
    this.#profile = line.profile;
    const profile = () => this.#profile;
    this.viewer = {
      id: line.id,
      get profile() {
        return profile();
      },
      send: (event) => line.send(event),
    };
  }

  /** Takes one request. Never throws and never rejects: `ack`, or an event where there is none, says what became of it. */
  take(name: string, route: ChatRoute, payload: unknown, ack: Ack | null): void {
    this.#turn = this.#turn.then(async () => {
      if (holdsBinary(payload)) return this.#answer(route, payload, NO_BINARY, ack);
      const fields = await this.#prepare(name, route, toContractPayload(route, payload));
      const isOneShot = route === 'chat.run' && sessionOf(fields) === null;
      // Nobody could see or stop a run without a session whose caller has left.
      if (isOneShot && !this.#line.isOpen()) return;
      const answered =
        fields === NO_MEANING ? Promise.resolve(NOTHING_WAITS) : this.#router.dispatch(route, fields, this.viewer);
      void answered.then((result) => {
        if (name === 'approval.respond') this.#tellApproval(payload, fields, result);
        else if (ack === null && !result.ok) void this.#refuse(route, fields, result);
        ack?.(result);
      });
    });
  }

  /** The payload with what has to be looked up; `NO_MEANING` when there is nothing that it could be about. */
  async #prepare(name: string, route: ChatRoute, payload: unknown): Promise<unknown> {
    if (!isFields(payload)) return payload;
    if (name in OLDER_EVENT_NAMES && route === 'chat.approval_respond' && payload['approval_id'] === undefined) {
      const approvalId = await this.#oldestApproval(payload);
      return approvalId === null ? NO_MEANING : { ...payload, approval_id: approvalId };
    }
    return TAKES_PROFILE.has(route) ? this.#withProfile(payload) : payload;
  }

  /** `default` means the setting, unless a profile is really called so (decision 18). */
  async #withProfile(payload: Fields): Promise<Fields> {
    const names = [this.#line.profile, payload['profile']];
    if (!names.includes(DEFAULT_PROFILE_NAME)) return payload;
    const listed = await this.#router.dispatch('profiles.list', {}, null);
    const exists =
      listed.ok &&
      (listed.data as RouteOutputs['profiles.list']).profiles.some((known) => known.name === DEFAULT_PROFILE_NAME);
    if (this.#line.profile === DEFAULT_PROFILE_NAME) this.#profile = exists ? DEFAULT_PROFILE_NAME : null;
    if (exists || payload['profile'] !== DEFAULT_PROFILE_NAME) return payload;
    const { profile: _setting, ...rest } = payload;
    return rest;
  }

  async #oldestApproval(payload: Fields): Promise<string | null> {
    const snapshot = await this.#router.dispatch('chat.resume', { session_id: payload['session_id'] }, null);
    if (!snapshot.ok) return null;
    return (snapshot.data as ResumedPayload).approvals[0]?.approval_id ?? null;
  }

  #answer(route: ChatRoute, payload: unknown, result: Result<unknown>, ack: Ack | null): void {
    if (ack !== null) ack(result);
    else void this.#refuse(route, payload, result);
  }

  /** Says a refusal as events, since without an acknowledgement it would be lost. */
  async #refuse(route: ChatRoute, payload: unknown, result: Result<unknown>): Promise<void> {
    if (result.ok) return;
    const { error } = result;
    // An older client takes back what it no longer has, and expects to hear nothing.
    if (route === 'chat.cancel_queued_run' && error.code === 'invalid_payload') return;
    const sessionId = sessionOf(payload);
    this.#line.send(requestFailed({ sessionId, atMs: this.#now() }, route, error));
    if (route !== 'chat.run') return;
    const known = sessionId === null ? null : await this.#router.dispatch('sessions.get', { sessionId }, null);
    const session = known?.ok === true ? (known.data as RouteOutputs['sessions.get']) : null;
    // While another run is live, this event would end that one in a client that knows one run a session.
    if (session !== null && session.state !== 'idle') return;
    this.#line.send(runRefused({ sessionId, atMs: this.#now() }, error, session?.queueLength ?? 0));
  }

  #tellApproval(payload: unknown, fields: unknown, result: Result<unknown>): void {
    const said: Fields = isFields(fields) ? fields : isFields(payload) ? payload : {};
    const { choice, approval_id: approvalId, all } = said;
    this.#line.send(
      approvalResponded(
        {
          sessionId: sessionOf(said),
          atMs: this.#now(),
          choice: typeof choice === 'string' && choice !== '' ? choice.slice(0, 128) : 'deny',
          all: all === true,
          approvalId: typeof approvalId === 'string' ? approvalId : null,
        },
        result,
      ),
    );
  }
}
