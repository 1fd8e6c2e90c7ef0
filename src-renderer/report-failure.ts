import type { SluiceApi } from '#contract/routes';
import type { PageFailure } from './errors/error-boundary.tsx';

/** Leaves in the log where the page failed. A core that cannot be reached costs the note and nothing else. */
export function reportFailure(api: SluiceApi, place: string, { error, stack }: PageFailure): void {
  void api
    .request('diagnostics.pageFailed', {
      place,
      error: error.name.slice(0, 200),
      stack: `${error.stack ?? ''}\n${stack}`.slice(0, 20_000),
    })
    .catch(() => undefined);
}
