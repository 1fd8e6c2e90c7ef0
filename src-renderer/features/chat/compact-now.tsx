import { FoldVertical } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { useChatStore } from './chat-store.ts';

/** Fewer messages than these leave nothing to summarise. */
const LEAST_MESSAGES = 3;

interface CompactNowProps {
  sessionId: string;
  /** It was asked for: whatever holds the button may go. */
  onStarted: () => void;
  onFailure: (error: AppError) => void;
  /** There is nothing to summarise. */
  onNothing: () => void;
}

/** Summarises what is old in the conversation now. What comes of it is told in the conversation. */
export function CompactNow({ sessionId, onStarted, onFailure, onNothing }: CompactNowProps) {
  const { t } = useTranslation();
  const { api } = useCore();
  const possible = useChatStore((state) => {
    const view = state.views[sessionId];
    return (
      view !== undefined &&
      view.run === null &&
      view.compression?.state !== 'running' &&
      view.messageTotal >= LEAST_MESSAGES
    );
  });
  const [busy, setBusy] = useState(false);
  if (!possible) return null;
  const compact = async () => {
    if (busy) return;
    setBusy(true);
    onStarted();
    const answer = await api.request('sessions.compact', { sessionId });
    setBusy(false);
    if (!answer.ok) {
      // Who stopped it knows.
      if (answer.error.code !== 'aborted') onFailure(answer.error);
    } else if (answer.data.figures === null) onNothing();
  };
  return (
    <Button
      icon={FoldVertical}
      data-testid="compact-now"
      title={t('compaction.nowHint')}
      onClick={() => void compact()}
      className="flex-none"
    >
      {t('compaction.now')}
    </Button>
  );
}
