import type { UserAction } from '#contract/errors';
import { AppFailure } from '../platform/app-failure.ts';
import { mapProxyFailure, ProxyFailure } from './proxy-failure.ts';

/** A certificate that was not accepted: nothing was sent. */
export const TLS_CODE = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

/** No answer at all: refused, unknown, unreachable. `thrown` stays as the cause, for the log. */
export function mapNetworkError(thrown: unknown, upstream: string): AppFailure {
  const proxyFailure = proxyFailureIn(thrown);
  if (proxyFailure !== null) return mapProxyFailure(proxyFailure, upstream);
  const code = codeOf(thrown);
  const unreachable = (sentence: string, action: UserAction) =>
    new AppFailure('upstream_unreachable', sentence, {
      retry: { kind: 'user-action', action },
      details: { networkCode: code },
      cause: thrown,
    });
  switch (code) {
    case 'ECONNREFUSED':
      return unreachable(
        `Nothing answers at the address of “${upstream}”. Start it there, or check the address.`,
        'check-address',
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return unreachable(
        `The host name of “${upstream}” cannot be found. Check the address and your connection.`,
        'check-address',
      );
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return unreachable(`“${upstream}” cannot be reached. Check your connection, then try again.`, 'retry');
    default:
      break;
  }
  if (code.startsWith('HPE_') || code === 'EPROTO') {
    return new AppFailure(
      'upstream_bad_response',
      `What answers at the address of “${upstream}” does not speak HTTP as expected. Check the address, and http or https.`,
      { retry: { kind: 'user-action', action: 'check-address' }, details: { networkCode: code }, cause: thrown },
    );
  }
  if (TLS_CODE.test(code)) {
    return unreachable(
      `The certificate of “${upstream}” could not be verified, so nothing was sent. Check the address.`,
      'check-address',
    );
  }
  return unreachable(`“${upstream}” closed the connection without an answer. Try again.`, 'retry');
}

/** The connection broke while an answer was arriving. */
export function lostConnection(thrown: unknown, upstream: string): AppFailure {
  return new AppFailure(
    'upstream_lost',
    `The connection to “${upstream}” was cut before the answer was complete. What arrived is kept. Try again for a whole answer.`,
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

function proxyFailureIn(thrown: unknown): ProxyFailure | null {
  for (let error = thrown; error instanceof Error; error = error.cause) if (error instanceof ProxyFailure) return error;
  return null;
}
