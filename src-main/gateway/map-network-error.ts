import type { UserAction } from '#contract/errors';
import type { FailureWord } from '#contract/failure-saying';
import { type AppFailure, failureOf } from '../platform/app-failure.ts';
import { mapProxyFailure, ProxyFailure } from './proxy-failure.ts';

/** A certificate that was not accepted, or no TLS that both sides speak: nothing was sent. */
export const TLS_CODE = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

/** What an upstream may say before its answer: several times what those with long policies and cookies do. */
export const MAX_HEADER_BYTES = 64 * 1024;

const NO_TLS_CODE = /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST)$/;
/** What the other side refused of the handshake itself: a version, a cipher, a name, or HTTP/1.1. */
const NO_HANDSHAKE_CODE = /^ERR_SSL_/;
/** Answers that undici does not take for HTTP/1.1, but tells of as of connections. */
const NO_HTTP_WORDS = new Set(['bad response', 'bad upgrade']);

/** In place of the system's word where a connection broke before anything was written to it, as in its handshake. */
export const BROKE_BEFORE_SENDING = 'BROKE_BEFORE_SENDING';

/**
 * No answer at all: refused, unknown, unreachable. `thrown` stays as the cause, for the log.
 *
 * @param hasLeft whether any of the request may have been written.
 */
export function mapNetworkError(thrown: unknown, upstream: string, hasLeft = true): AppFailure {
  const proxyFailure = proxyFailureIn(thrown);
  if (proxyFailure !== null) return mapProxyFailure(proxyFailure, upstream);
  const code = codeOf(thrown);
  const unreachable = (word: FailureWord, action: UserAction, networkCode = code) =>
    failureOf(
      'upstream_unreachable',
      { word, with: { upstream } },
      {
        retry: { kind: 'user-action', action },
        details: { networkCode },
        cause: thrown,
      },
    );
  switch (code) {
    case 'ECONNREFUSED':
      return unreachable('nobody_answers', 'check-address');
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return unreachable('unknown_host', 'check-address');
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return unreachable('unreachable', 'retry');
    default:
      break;
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return failureOf(
      'upstream_bad_response',
      { word: 'headers_too_large', with: { upstream, limit: MAX_HEADER_BYTES / 1024 } },
      { retry: { kind: 'user-action', action: 'check-address' }, details: { networkCode: code }, cause: thrown },
    );
  }
  const isLengthWrong = code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';
  if (code.startsWith('HPE_') || code === 'EPROTO' || isLengthWrong || isNoHttp(thrown)) {
    return failureOf(
      'upstream_bad_response',
      { word: 'no_http', with: { upstream } },
      { retry: { kind: 'user-action', action: 'check-address' }, details: { networkCode: code }, cause: thrown },
    );
  }
  // Something answered, but not in TLS, as an HTTP server does under an address with https.
  if (NO_TLS_CODE.test(code)) return unreachable('no_http', 'check-address');
  if (NO_HANDSHAKE_CODE.test(code)) return unreachable('no_handshake', 'check-address');
  if (TLS_CODE.test(code)) {
    return unreachable('certificate', 'check-address');
  }
  return unreachable('hung_up', 'retry', hasLeft ? code : BROKE_BEFORE_SENDING);
}

/** The connection broke while an answer was arriving. */
export function lostConnection(thrown: unknown, upstream: string): AppFailure {
  return failureOf(
    'upstream_lost',
    { word: 'connection_cut', with: { upstream } },
    {
      retry: { kind: 'user-action', action: 'retry' },
      details: { networkCode: codeOf(thrown) },
      ...(thrown === null ? {} : { cause: thrown }),
    },
  );
}

function codeOf(thrown: unknown): string {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if ('code' in error && typeof error.code === 'string') return error.code;
    // undici 8 names the class and leaves the parser's code out.
    if (error.name === 'HTTPParserError') return 'HPE_INVALID';
  }
  return 'unknown';
}

function isNoHttp(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'SocketError' && NO_HTTP_WORDS.has(thrown.message);
}

function proxyFailureIn(thrown: unknown): ProxyFailure | null {
  for (let error = thrown; error instanceof Error; error = error.cause) if (error instanceof ProxyFailure) return error;
  return null;
}
