import { readBaseUrl } from '#contract/base-url';
import { failureOf } from '../platform/app-failure.ts';

/** @throws AppFailure `invalid_payload` with the sentence for the form. */
export function normalizeBaseUrl(text: string): string {
  const reading = readBaseUrl(text);
  if (reading.ok) return reading.baseUrl;
  throw failureOf('invalid_payload', reading.said, {
    retry: { kind: 'user-action', action: 'check-address' },
    details: { field: 'baseUrl' },
  });
}
