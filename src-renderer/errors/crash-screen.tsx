import { ChevronRight, OctagonX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { sentencesText } from '../ui/join-text.ts';
import { useCopy } from '../ui/use-copy.ts';
import type { PageFailure } from './error-boundary.tsx';
import { failureDetails } from './failure-details.ts';

interface CrashScreenProps {
  failure: PageFailure;
  /** The whole window, or the one part that stands here. */
  place: 'window' | 'part';
  /** Where it happened, for the details. */
  name: string;
  /** What is typed outlives a reload. */
  isDraftKept: boolean;
  onRetry?: () => void;
}

/** Stands where a part of the page failed: what happened, what is safe, and the way on. */
export function CrashScreen({ failure, place, name, isDraftKept, onRetry }: CrashScreenProps) {
  const { t } = useTranslation();
  const { state, copy } = useCopy();
  const details = failureDetails(failure, name, navigator.userAgent);
  const body = (
    <div
      role="alert"
      data-testid="crash-screen"
      data-place={place}
      className="mx-auto grid max-w-(--column) gap-3 px-6 py-10 max-word:px-4"
    >
      <h1 className="flex items-center gap-2 text-lg">
        <Icon of={OctagonX} className="text-stop-ink" />
        {t(`crash.title.${place}`)}
      </h1>
      <p className="text-ink-2">
        {sentencesText(t('crash.safe'), t(isDraftKept ? 'crash.draftKept' : 'crash.draftInWindow'))}
      </p>
      <p className="text-xs wrap-anywhere text-ink-3">
        {failure.error.name}: {failure.error.message.slice(0, 300)}
      </p>
      <div className="flex flex-wrap gap-1.5">
        {onRetry !== undefined && (
          <Button look="solid" onClick={onRetry}>
            {t('action.tryAgain')}
          </Button>
        )}
        <Button {...(onRetry === undefined ? { look: 'solid' as const } : {})} onClick={() => window.location.reload()}>
          {t('crash.reload')}
        </Button>
        <Button onClick={() => copy(details)}>
          {t(state === 'copied' ? 'action.copied' : state === 'refused' ? 'action.refused' : 'crash.copy')}
        </Button>
      </div>
      <details className="text-xs">
        <summary className="touch -mx-1.5 inline-flex items-center gap-1 rounded-md px-1.5 text-ink-2 hover:bg-hover hover:text-ink">
          <Icon of={ChevronRight} size={13} className="chevron" />
          {t('crash.details')}
        </summary>
        <pre className="mt-2 max-h-64 overflow-auto rounded-md bg-sunken p-3 text-ink-2" tabIndex={0}>
          {details}
        </pre>
      </details>
    </div>
  );
  return place === 'window' ? (
    <main className="h-full overflow-auto bg-canvas">{body}</main>
  ) : (
    <div className="min-h-0 flex-1 overflow-auto">{body}</div>
  );
}
