import type { FailureFact, FailureSaying } from '#contract/failure-saying';
import { AppFailure, failureOf, toAppFailure } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import { keepFact, readFact } from '../platform/kept-fact.ts';
import { describeThrown, type Logger } from '../platform/logger.ts';
import type { OAuthClientRow } from '../store/oauth-client-repository.ts';
import type { Store } from '../store/store.ts';
import type { CredentialSecrets } from './credential-secrets.ts';
import { type OAuthGrant, readGrant, requireWholeToken } from './oauth-grant.ts';
import type { TokenAnswer } from './read-token-answer.ts';

/** A token this close to its end counts as over: the request that uses it takes time, and clocks differ. */
const EXPIRED_BEFORE_MS = 5 * 60_000;
/** A token this close to its end is still used, and renewed behind it. */
const SOON_BEFORE_MS = 10 * 60_000;
/** For an answer that names no end. A token that ends before that is renewed when it is refused. */
const ASSUMED_LIFE_MS = 60 * 60_000;

export interface TokenRequest {
  credentialId: string;
  tokenUrl: string;
  clientId: string;
  clientSecret: string | null;
  refreshToken: string;
  scope: string | null;
}

interface TokenParts {
  store: Store;
  secrets: CredentialSecrets;
  clock: Clock;
  logger: Logger;
  /** Asks a token endpoint; bounded by itself. @throws AppFailure when it cannot be asked. */
  askEndpoint: (request: TokenRequest) => Promise<TokenAnswer>;
  /** Something about a credential changed that the window shows. */
  changed: (credentialId: string) => void;
}

/**
 * Access tokens of credentials that renew themselves. One renewal serves everybody who waits for it, and what it brought is
 * stored before anybody uses it: many providers take a refresh token once, so the newest one must never be in memory only.
 *
 * A process that is killed between the provider's answer and the disk loses the newest token all the same; no client can
 * prevent that. The start of each renewal is noted, so that the sentence that follows says what happened.
 */
export class OAuthTokens {
  readonly #parts: TokenParts;
  readonly #renewing = new Map<string, Promise<string>>();
  /** Grants that a provider gave and a disk did not take: stored before anything else is asked. */
  readonly #unstored = new Map<string, OAuthGrant>();

  constructor(parts: TokenParts) {
    this.#parts = parts;
  }

  /**
   * A token that can be used now.
   *
   * @throws AppFailure `upstream_auth` with *sign in again*, `upstream_unreachable` and the like for an endpoint that does
   *   not answer, `secrets_locked`, `storage_*`.
   */
  async accessToken(credentialId: string): Promise<string> {
    const grant = await this.#grantOf(credentialId);
    const leftMs = grant.accessToken === null ? 0 : (grant.expiresAtMs ?? 0) - this.#parts.clock.now();
    if (grant.accessToken === null || leftMs <= EXPIRED_BEFORE_MS) return this.#renew(credentialId);
    if (leftMs <= SOON_BEFORE_MS && this.#clientOf(credentialId).state === 'ready') {
      this.#renew(credentialId).catch((thrown: unknown) => {
        // The token still serves; what is wrong is met again, and told, when it does not.
        this.#parts.logger.info(describeThrown(thrown), 'a token could not be renewed ahead of its end');
      });
    }
    return grant.accessToken;
  }

  /**
   * The upstream refused a token: renews it, unless somebody did already.
   *
   * @param refused the token that was refused.
   * @returns the token to try once more with; null for a credential that does not renew itself.
   */
  async refresh(credentialId: string, refused: string | null = null): Promise<string | null> {
    if (this.#parts.store.oauthClients.get(credentialId) === null) return null;
    const grant = await this.#grantOf(credentialId);
    if (refused !== null && grant.accessToken !== null && grant.accessToken !== refused) return grant.accessToken;
    return this.#renew(credentialId);
  }

  /** A person signed in again: another refresh token takes the place of the one that ended. */
  async signIn(credentialId: string, refreshToken: string, clientSecret: string | null | undefined): Promise<void> {
    requireWholeToken(refreshToken);
    const client = this.#clientOf(credentialId);
    const known = await this.#grantOf(credentialId).catch((thrown: unknown) => {
      // What is locked is replaced whole; a client secret has to be given again then.
      if (thrown instanceof AppFailure && thrown.code === 'secrets_locked') return null;
      throw thrown;
    });
    const grant: OAuthGrant = {
      refreshToken,
      clientSecret: clientSecret === undefined ? (known?.clientSecret ?? null) : clientSecret,
      accessToken: null,
      expiresAtMs: null,
    };
    await this.#keep(client, grant, 'ready');
  }

  #clientOf(credentialId: string): OAuthClientRow {
    const client = this.#parts.store.oauthClients.get(credentialId);
    if (client === null) throw failureOf('not_found', { word: 'sign_in_gone' });
    return client;
  }

  async #grantOf(credentialId: string): Promise<OAuthGrant> {
    return this.#unstored.get(credentialId) ?? readGrant(await this.#parts.secrets.open(credentialId));
  }

  #renew(credentialId: string): Promise<string> {
    const known = this.#renewing.get(credentialId);
    if (known !== undefined) return known;
    const renewing = this.#renewNow(credentialId).finally(() => this.#renewing.delete(credentialId));
    this.#renewing.set(credentialId, renewing);
    return renewing;
  }

  async #renewNow(credentialId: string): Promise<string> {
    const { store, clock, askEndpoint } = this.#parts;
    const client = this.#clientOf(credentialId);
    const waiting = this.#unstored.get(credentialId);
    if (waiting?.accessToken != null) {
      await this.#keep(client, waiting, 'ready');
      return waiting.accessToken;
    }
    // Asking again with what was refused for good only counts against the account.
    if (client.state === 'sign_in') throw signInAgain(client.last_error === null ? null : readFact(client.last_error));
    const grant = await this.#grantOf(credentialId);
    const wasCutOff = client.pending_since_ms !== null;
    await store.committer.commit(() => store.oauthClients.began(credentialId, clock.now()));
    const answer = await askEndpoint({
      credentialId,
      tokenUrl: client.token_url,
      clientId: client.client_id,
      clientSecret: grant.clientSecret,
      refreshToken: grant.refreshToken,
      scope: client.scope,
    });
    switch (answer.kind) {
      case 'tokens': {
        const renewed: OAuthGrant = {
          ...grant,
          refreshToken: answer.refreshToken ?? grant.refreshToken,
          accessToken: answer.accessToken,
          expiresAtMs: clock.now() + (answer.expiresInMs ?? ASSUMED_LIFE_MS),
        };
        this.#unstored.set(credentialId, renewed);
        await this.#keep(client, renewed, 'ready');
        return answer.accessToken;
      }
      case 'sign-in': {
        const reason: FailureSaying = wasCutOff
          ? { word: 'sign_in_cut_off', with: { reason: answer.reason } }
          : answer.reason;
        await store.committer.commit(() =>
          store.oauthClients.setState({ credential_id: credentialId, state: 'sign_in', last_error: keepFact(reason) }),
        );
        this.#parts.changed(credentialId);
        throw signInAgain(reason);
      }
      case 'later':
        throw failureOf(
          'upstream_error',
          { word: 'sign_in_not_renewed', with: { reason: answer.reason } },
          {
            retry: { kind: 'user-action', action: 'retry' },
          },
        );
    }
  }

  /** Stores a grant and what is known of it in one transaction. */
  async #keep(client: OAuthClientRow, grant: OAuthGrant, state: 'ready'): Promise<void> {
    const { store, secrets, clock, changed } = this.#parts;
    const row = store.credentials.get(client.credential_id);
    if (row === null) throw failureOf('not_found', { word: 'sign_in_gone' });
    const text = JSON.stringify(grant);
    const sealed = await secrets.seal(row.id, row.approved_origin, text, client.token_url);
    if (sealed === null) throw toAppFailure(new Error('A sign-in was kept where nothing can be sealed.'));
    const nowMs = clock.now();
    await store.committer.commit(() => {
      store.credentials.rebind({
        id: row.id,
        approved_origin: row.approved_origin,
        cipher_kind: sealed.cipherKind,
        sealed: sealed.sealed,
        updated_at_ms: nowMs,
      });
      if (grant.accessToken === null) store.oauthClients.setState({ credential_id: row.id, state, last_error: null });
      else store.oauthClients.refreshed(row.id, nowMs);
    });
    secrets.keep(row.id, text, sealed);
    this.#unstored.delete(row.id);
    changed(row.id);
  }
}

function signInAgain(why: FailureFact | null): AppFailure {
  const reason: FailureFact = why ?? { word: 'sign_in_over' };
  return failureOf(
    'upstream_auth',
    { word: 'sign_in_again', with: { reason } },
    { retry: { kind: 'user-action', action: 'sign-in' } },
  );
}
