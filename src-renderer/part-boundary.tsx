import type { ReactNode } from 'react';
import { CrashScreen } from './errors/crash-screen.tsx';
import { ErrorBoundary } from './errors/error-boundary.tsx';
import { useDraftStore } from './features/chat/draft-store.ts';
import { useCore } from './ipc/use-api.ts';
import { reportFailure } from './report-failure.ts';

/** A page of the window whose failure leaves the list, the other pages and every draft as they are. */
export function PartBoundary({ name, resetKey, children }: { name: string; resetKey: string; children: ReactNode }) {
  const { api } = useCore();
  return (
    <ErrorBoundary
      resetKey={resetKey}
      onFailure={(failure) => reportFailure(api, name, failure)}
      fallback={(failure, retry) => (
        <CrashScreen
          failure={failure}
          place="part"
          name={name}
          isDraftKept={useDraftStore.getState().durable}
          onRetry={retry}
        />
      )}
    >
      {children}
    </ErrorBoundary>
  );
}
