import { type AppError, failed } from '#contract/errors';

/** The answer when a request could not be delivered or its answer could not be read. It may be sent again. */
export function brokenTransport(cause: unknown): { ok: false; error: AppError } {
  return failed({
    code: 'upstream_unreachable',
    message: 'The core of Sluice did not answer. What had arrived is kept.',
    retry: { kind: 'after', waitMs: 1000 },
    details: {
      transport: true,
      said: { word: 'core_silent' },
      cause: cause instanceof Error ? cause.message : String(cause),
    },
  });
}
