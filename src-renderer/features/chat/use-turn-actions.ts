import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError, UserAction } from '#contract/errors';
import { newId } from '#contract/ids';
import { useCore } from '../../ipc/use-api.ts';
import { useChatStore } from './chat-store.ts';
import { quotation } from './quotation.ts';
import type { TurnActions } from './turn-actions.ts';

interface TurnEffects {
  sessionId: string;
  onSend: (text: string) => void;
  onRemedy: (remedy: UserAction, turn: { runId: string | null; text: string }) => void;
  onQuote: (text: string) => void;
  /** Shown beside the composer. */
  onFailure: (error: AppError) => void;
}

/** Actions with one identity for the life of the page, so that settled turns are not drawn again for them. */
export function useTurnActions(effects: TurnEffects): TurnActions {
  const { t } = useTranslation();
  const { api } = useCore();
  const latest = useRef({ ...effects, goOn: '' });
  const busy = useRef(false);
  useEffect(() => {
    latest.current = { ...effects, goOn: t('chat.continueMessage') };
  });
  return useMemo(() => {
    /** One at a time: a second click in the time of the first answer is the first click. */
    const once = async (call: () => Promise<{ ok: true } | { ok: false; error: AppError }>) => {
      if (busy.current) return;
      busy.current = true;
      const answer = await call();
      busy.current = false;
      if (!answer.ok) latest.current.onFailure(answer.error);
    };
    return {
      retry: (runId, choice = {}) =>
        void once(() =>
          api.request('chat.regenerate', {
            session_id: latest.current.sessionId,
            run_id: runId,
            queue_id: newId(),
            ...choice,
          }),
        ),
      goOn: () => latest.current.onSend(latest.current.goOn),
      remedy: (remedy, turn) => latest.current.onRemedy(remedy, turn),
      fork: (messageId) =>
        void once(async () => {
          const answer = await api.request('sessions.fork', { sessionId: latest.current.sessionId, messageId });
          if (!answer.ok) return answer;
          useChatStore.setState((state) => ({ sessions: { ...state.sessions, [answer.data.id]: answer.data } }));
          useChatStore.getState().show(answer.data.id);
          return answer;
        }),
      pin: (messageId, pinned) =>
        void once(() => api.request('sessions.pinMessage', { sessionId: latest.current.sessionId, messageId, pinned })),
      remove: (messageId) =>
        void once(() => api.request('sessions.deleteTurn', { sessionId: latest.current.sessionId, messageId })),
      quote: (text) => latest.current.onQuote(quotation(text)),
      switchVersion: (versionId) =>
        void once(() => api.request('sessions.switch_version', { sessionId: latest.current.sessionId, versionId })),
    };
  }, [api]);
}
