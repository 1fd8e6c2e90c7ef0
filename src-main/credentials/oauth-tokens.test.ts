import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppFailure } from '../platform/app-failure.ts';
import { ManualClock } from '../platform/clock.ts';
import { silentLogger } from '../platform/logger.ts';
import { dataPaths } from '../platform/paths.ts';
import { openStore, type Store } from '../store/store.ts';
import { countingIds } from '../testing/runs-harness.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { OAuthTokens, type TokenRequest } from './oauth-tokens.ts';
import type { TokenAnswer } from './read-token-answer.ts';
import { openTestPool } from './testing/open-test-pool.ts';

const ORIGIN = 'https://api.example.com';
const TOKEN_URL = 'https://login.example.com/token';
const REFRESH = 'rt-planted-0-0123456789abcdef';

/** A provider that takes each refresh token once, as many do, and counts. */
class Endpoint {
  valid = REFRESH;
  asked: TokenRequest[] = [];
  next: ((request: TokenRequest) => TokenAnswer | Promise<TokenAnswer>) | null = null;
  /** Holds answers back until it is called. */
  gate: Promise<void> = Promise.resolve();
  expiresInMs: number | null = 3_600_000;
  #count = 0;

  ask = async (request: TokenRequest): Promise<TokenAnswer> => {
    this.asked.push(request);
    await this.gate;
    if (this.next !== null) return this.next(request);
    if (request.refreshToken !== this.valid) return { kind: 'sign-in', reason: { word: 'token_no_grant' } };
    this.#count++;
    this.valid = `rt-planted-${this.#count}-0123456789abcdef`;
    return {
      kind: 'tokens',
      accessToken: `at-planted-${this.#count}-0123456789abcdef`,
      refreshToken: this.valid,
      expiresInMs: this.expiresInMs,
    };
  };
}

let endpoint: Endpoint;
let clock: ManualClock;
let stores: Store[] = [];
beforeEach(() => {
  endpoint = new Endpoint();
  clock = new ManualClock();
});
afterEach(() => {
  for (const store of stores) store.close();
  stores = [];
});

async function start(dir: string) {
  const store = openStore(dataPaths(dir), { clock });
  stores.push(store);
  if (store.profiles.byName('p') === null) {
    store.profiles.insert({
      id: 'p',
      name: 'p',
      kind: 'anthropic',
      base_url: ORIGIN,
      default_model: null,
      context_length: null,
      created_at_ms: 0,
      updated_at_ms: 0,
    });
  }
  const host = { cipher: null, vaultPassphrase: 'a passphrase' };
  const parts = await openTestPool({ store, clock, newId: countingIds(), host });
  const tokens = new OAuthTokens({
    store,
    secrets: parts.secrets,
    clock,
    logger: silentLogger,
    askEndpoint: endpoint.ask,
    changed: () => undefined,
  });
  const end = () => {
    stores = stores.filter((each) => each !== store);
    store.close();
  };
  return { ...parts, store, tokens, end };
}

const add = (at: Awaited<ReturnType<typeof start>>) =>
  at.pool.records.create({
    profileId: 'p',
    origin: ORIGIN,
    label: 'mine',
    secret: REFRESH,
    oauth: { tokenUrl: TOKEN_URL, clientId: 'client', clientSecret: 'planted client secret', scope: 'chat' },
  });

describe('a credential that renews itself', () => {
  it('[E10-16] ten requests at once renew it once, and all get the same token', async () => {
    const at = await start(tempDir());
    const { id } = await add(at);
    let open = (): void => undefined;
    endpoint.gate = new Promise((resolve) => {
      open = resolve;
    });
    const waiting = Array.from({ length: 10 }, () => at.tokens.accessToken(id));
    await expect.poll(() => endpoint.asked.length).toBe(1);
    open();
    expect(new Set(await Promise.all(waiting)).size).toBe(1);
    expect(endpoint.asked).toMatchObject([
      {
        tokenUrl: TOKEN_URL,
        clientId: 'client',
        clientSecret: 'planted client secret',
        scope: 'chat',
        refreshToken: REFRESH,
      },
    ]);
  });

  it('[E10-16] it is used until ten minutes before its end, then renewed behind its use, and waited for in the last five', async () => {
    const at = await start(tempDir());
    const { id } = await add(at);
    const first = await at.tokens.accessToken(id);
    clock.advance(49 * 60_000);
    expect(await at.tokens.accessToken(id)).toBe(first);
    expect(endpoint.asked).toHaveLength(1);
    clock.advance(2 * 60_000);
    expect(await at.tokens.accessToken(id)).toBe(first);
    await expect.poll(() => at.store.oauthClients.get(id)?.refreshed_at_ms).toBe(clock.now());
    const second = await at.tokens.accessToken(id);
    expect(second).not.toBe(first);
    clock.advance(56 * 60_000);
    expect(await at.tokens.accessToken(id)).not.toBe(second);
    expect(endpoint.asked).toHaveLength(3);
  });

  it('[E10-16] [BUG-D5] the token that came with a renewal is on disk before anybody uses it, and serves after a restart', async () => {
    const dir = tempDir();
    const first = await start(dir);
    const { id } = await add(first);
    const token = await first.tokens.accessToken(id);
    // No orderly end: what counts is what was stored when the token was given out.
    first.end();
    const second = await start(dir);
    expect(await second.tokens.accessToken(id)).toBe(token);
    expect(endpoint.asked).toHaveLength(1);
    clock.advance(3_600_000);
    expect(await second.tokens.accessToken(id)).not.toBe(token);
    expect(endpoint.asked.map((request) => request.refreshToken)).toEqual([REFRESH, 'rt-planted-1-0123456789abcdef']);
  });

  it('[E10-16] a renewal that a disk did not take is stored before the provider is asked again', async () => {
    const at = await start(tempDir());
    const { id } = await add(at);
    at.store.db.exec(
      "create trigger full before update of sealed on credentials begin select raise(abort, 'full'); end",
    );
    await expect(at.tokens.accessToken(id)).rejects.toThrow('full');
    at.store.db.exec('drop trigger full');
    expect(await at.tokens.accessToken(id)).toBe('at-planted-1-0123456789abcdef');
    expect(endpoint.asked).toHaveLength(1);
    at.end();
  });

  it('[E10-16] a grant that has ended asks for a sign-in, is not asked for again, and works after one', async () => {
    const dir = tempDir();
    const at = await start(dir);
    const { id } = await add(at);
    endpoint.valid = 'another token, 0123456789';
    const refused = { code: 'upstream_auth', retry: { kind: 'user-action', action: 'sign-in' } };
    await expect(at.tokens.accessToken(id)).rejects.toMatchObject(refused);
    await expect(at.tokens.accessToken(id)).rejects.toMatchObject(refused);
    expect(endpoint.asked).toHaveLength(1);
    expect(at.pool.records.list()[0]?.oauth).toMatchObject({
      state: 'sign_in',
      lastError: expect.any(String) as string,
    });
    at.end();
    const again = await start(dir);
    await expect(again.tokens.accessToken(id)).rejects.toMatchObject(refused);
    await expect(again.tokens.signIn(id, 'rt-short…', undefined)).rejects.toMatchObject({ code: 'invalid_payload' });
    await again.tokens.signIn(id, endpoint.valid, undefined);
    expect(await again.tokens.accessToken(id)).toMatch(/^at-/);
    expect(endpoint.asked.at(-1)?.clientSecret).toBe('planted client secret');
    expect(again.pool.records.list()[0]?.oauth?.state).toBe('ready');
  });

  it('[E10-16] a killed process leaves a note, so that the sentence says what happened', async () => {
    const dir = tempDir();
    const first = await start(dir);
    const { id } = await add(first);
    // Killed after the provider had answered and before anything was stored.
    endpoint.next = () => {
      endpoint.valid = 'rt-that-nobody-stored-0123456789';
      return new Promise(() => undefined);
    };
    void first.tokens.accessToken(id).catch(() => undefined);
    await expect.poll(() => endpoint.asked.length).toBe(1);
    first.end();
    endpoint.next = null;
    const second = await start(dir);
    await expect(second.tokens.accessToken(id)).rejects.toThrow(/ended in the middle of renewing/);
  });

  it('[E10-16] an endpoint that fails for now says so, and the grant stays as it is', async () => {
    const at = await start(tempDir());
    const { id } = await add(at);
    endpoint.next = () => ({ kind: 'later', reason: { word: 'token_error', with: { status: 503 } } });
    await expect(at.tokens.accessToken(id)).rejects.toMatchObject({ code: 'upstream_error' });
    endpoint.next = () => {
      throw new AppFailure('upstream_unreachable', 'Nothing answers.');
    };
    await expect(at.tokens.accessToken(id)).rejects.toMatchObject({ code: 'upstream_unreachable' });
    endpoint.next = null;
    expect(await at.tokens.accessToken(id)).toMatch(/^at-/);
  });

  it('[E10-16] a refused token is renewed once, however many requests it was refused to', async () => {
    const at = await start(tempDir());
    const { id } = await add(at);
    const refused = await at.tokens.accessToken(id);
    const renewed = await Promise.all(Array.from({ length: 5 }, () => at.tokens.refresh(id, refused)));
    expect(new Set(renewed).size).toBe(1);
    // A latecomer with the old token is given the new one, not another renewal.
    expect(await at.tokens.refresh(id, refused)).toBe(renewed[0]);
    expect(endpoint.asked).toHaveLength(2);
  });

  it('[E10-16] another token address in its row opens nothing: the grant is bound to the one it was entered with', async () => {
    const dir = tempDir();
    const first = await start(dir);
    const { id } = await add(first);
    first.store.db.exec("update oauth_clients set token_url = 'https://evil.example/token'");
    first.end();
    const second = await start(dir);
    await expect(second.tokens.accessToken(id)).rejects.toMatchObject({ code: 'secrets_locked' });
    expect(endpoint.asked).toHaveLength(0);
  });
});
