import { ArrowDown } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError, UserAction } from '#contract/errors';
import { ErrorNote } from '../../errors/error-note.tsx';
import { remedyPlace } from '../../errors/error-words.ts';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { useChatStore } from './chat-store.ts';
import { EndSummary } from './end-summary.tsx';
import { groupTurns, liveTurn } from './group-turns.ts';
import { Skeleton } from './skeleton.tsx';
import { type LivePart, type TurnActions, TurnView } from './turn-view.tsx';
import { useStickToEnd } from './use-stick-to-end.ts';

interface ConversationProps {
  sessionId: string;
  title: string;
  /** Sends text again or anew; failures are shown beside the composer. */
  onSend: (text: string) => void;
  onRemedy: (remedy: UserAction, text: string) => void;
}

const NO_RUNS = {};
const NO_ROWS: never[] = [];

/** The rows of a conversation, oldest first, held at its end while an answer grows. */
export function Conversation({ sessionId, title, onSend, onRemedy }: ConversationProps) {
  const { t } = useTranslation();
  const { api, bridge } = useCore();
  const view = useChatStore((state) => state.views[sessionId]);
  const problem = useChatStore((state) => state.problems[sessionId]);
  const stopping = useChatStore((state) => state.stops[sessionId]?.released === false);
  const prependPage = useChatStore((state) => state.prependPage);
  const { list, content, atEnd, jump } = useStickToEnd(sessionId);
  const [loadingEarlier, setLoadingEarlier] = useState(false);
  const [earlierProblem, setEarlierProblem] = useState<AppError | null>(null);

  const settled = view?.settled ?? NO_ROWS;
  const runs = view?.runs ?? NO_RUNS;
  const turns = useMemo(() => groupTurns(settled, runs), [settled, runs]);
  const actions = useTurnActions(onSend, onRemedy);
  const run = view?.run ?? null;
  const growing = view === undefined || run === null ? null : liveTurn(view.live, run.runId, runs);
  const shown = growing === null ? turns : [...turns, growing];
  const live: LivePart | null =
    view === undefined || run === null
      ? null
      : { sessionId, run, approvals: view.approvals, compression: view.compression, stopping };

  const showEarlier = async () => {
    const first = settled[0];
    if (first === undefined || loadingEarlier) return;
    setLoadingEarlier(true);
    const element = list.current;
    const fromEnd = element === null ? 0 : element.scrollHeight - element.scrollTop;
    const page = await api.request('sessions.page', { sessionId, beforeId: first.id });
    setLoadingEarlier(false);
    setEarlierProblem(page.ok ? null : page.error);
    if (!page.ok) return;
    prependPage(page.data);
    // What was read stays where it was; the older page grows above it.
    requestAnimationFrame(() => {
      if (element !== null) element.scrollTop = element.scrollHeight - fromEnd;
    });
  };

  const isBlank = view === undefined && problem === undefined;
  return (
    <div className="relative min-h-0 flex-1">
      <section
        ref={list}
        aria-label={title}
        tabIndex={0}
        className="thin-scroll h-full overflow-auto -outline-offset-2"
      >
        <div ref={content} className="column pt-6 pb-6">
          {isBlank && <Skeleton />}
          {problem !== undefined && (
            <div className="mb-4">
              <ErrorNote
                {...problem}
                onRemedy={(remedy) =>
                  remedyPlace(remedy) === 'resend' ? void bridge.watch(sessionId) : onRemedy(remedy, '')
                }
              />
            </div>
          )}
          {view?.hasMoreBefore === true && (
            <p className="mb-6 text-center">
              <Button look="plain" onClick={() => void showEarlier()}>
                {loadingEarlier ? t('chat.loadingEarlier') : t('chat.showEarlier')}
              </Button>
              {earlierProblem !== null && (
                <span role="alert" className="block text-xs text-stop-ink">
                  {earlierProblem.message}
                </span>
              )}
            </p>
          )}
          {shown.map((turn, index) => (
            <TurnView
              key={turn.key}
              turn={turn}
              live={turn === growing ? live : null}
              last={index === shown.length - 1}
              actions={actions}
            />
          ))}
        </div>
      </section>
      {!atEnd && (
        <div className="column pointer-events-none absolute inset-x-0 bottom-2 flex justify-end">
          <Button icon={ArrowDown} onClick={jump} className="pointer-events-auto rounded-2xl shadow-lift-2">
            {t('chat.jump')}
          </Button>
        </div>
      )}
      <EndSummary turns={turns} live={run !== null} />
    </div>
  );
}

/** Actions with one identity for the life of the page, so that settled turns are not drawn again for them. */
function useTurnActions(
  onSend: (text: string) => void,
  onRemedy: (remedy: UserAction, text: string) => void,
): TurnActions {
  const { t } = useTranslation();
  const latest = useRef({ onSend, onRemedy, goOn: '' });
  useEffect(() => {
    latest.current = { onSend, onRemedy, goOn: t('chat.continueMessage') };
  });
  return useMemo(
    () => ({
      retry: (text) => latest.current.onSend(text),
      goOn: () => latest.current.onSend(latest.current.goOn),
      remedy: (remedy, text) => latest.current.onRemedy(remedy, text),
    }),
    [],
  );
}
