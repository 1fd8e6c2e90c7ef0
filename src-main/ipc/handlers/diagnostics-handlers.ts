import type { DiagnosticsDesk } from '../../diagnostics/diagnostics-desk.ts';
import type { Handlers } from '../router.ts';

type DiagnosticsHandlers = Pick<Handlers, Extract<keyof Handlers, `diagnostics.${string}`>>;

/** What helps to find a fault: looked at by a person first, saved by them alone. */
export function createDiagnosticsHandlers(desk: DiagnosticsDesk): DiagnosticsHandlers {
  return {
    'diagnostics.collect': ({ sessionId }) => desk.collect(sessionId ?? null),
    'diagnostics.zip': ({ bundleId, files }) => desk.zip(bundleId, files),
    'diagnostics.seenCrash': () => {
      desk.seenCrash();
      return { seen: true };
    },
    'diagnostics.pageFailed': (failure) => {
      desk.pageFailed(failure);
      return { noted: true };
    },
  };
}
