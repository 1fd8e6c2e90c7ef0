import { ArrowDown } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError, UserAction } from '#contract/errors';
import type { ConversationVersion } from '#contract/events';
import type { Compaction, ProfileRecord } from '#contract/records';
import { shortenedBy } from '#contract/shortened-context';
import { ErrorNote } from '../../errors/error-note.tsx';
import { remedyPlace } from '../../errors/error-words.ts';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { useChatStore } from './chat-store.ts';
import { CommandLine } from './command-line.tsx';
import { CompactionDivider } from './compaction-divider.tsx';
import { CompactingLine, CompactionFailure } from './compaction-line.tsx';
import { EndSummary } from './end-summary.tsx';
import { groupTurns, liveTurn, type Turn } from './group-turns.ts';
import { groupVersions } from './group-versions.ts';
import { type PlacedCompaction, placeCompactions } from './place-compactions.ts';
import { Skeleton } from './skeleton.tsx';
import { TurnContext } from './turn-actions.ts';
import { type LivePart, TurnView } from './turn-view.tsx';
import { useStickToEnd } from './use-stick-to-end.ts';
import { useTurnActions } from './use-turn-actions.ts';
import { VersionsLine } from './versions-line.tsx';

interface ConversationProps {
  sessionId: string;
  title: string;
  profiles: readonly ProfileRecord[];
  /** Sends text; failures are shown beside the composer. */
  onSend: (text: string) => void;
  onRemedy: (remedy: UserAction, turn: { runId: string | null; text: string }) => void;
  onFailure: (error: AppError) => void;
}

const NO_RUNS = {};
const NO_ROWS: never[] = [];
const NO_COMPACTIONS: readonly Compaction[] = [];
const NO_PLACED: readonly PlacedCompaction[] = [];
const NO_VERSIONS: readonly ConversationVersion[] = [];

/** The rows of a conversation, oldest first, held at its end while an answer grows. */
export function Conversation(props: ConversationProps) {
  const { sessionId, title, profiles, onSend, onRemedy, onFailure } = props;
  const { t } = useTranslation();
  const { api, bridge } = useCore();
  const view = useChatStore((state) => state.views[sessionId]);
  const problem = useChatStore((state) => state.problems[sessionId]);
  const stopping = useChatStore((state) => state.stops[sessionId]?.released === false);
  // The command that was typed tells of its own failure.
  const saidByCommand = useChatStore((state) => state.commands[sessionId]?.command.replace(/^\//, '') === 'compact');
  const prependPage = useChatStore((state) => state.prependPage);
  const { list, content, atEnd, jump } = useStickToEnd(sessionId);
  const [loadingEarlier, setLoadingEarlier] = useState(false);
  const [earlierProblem, setEarlierProblem] = useState<AppError | null>(null);

  const settled = view?.settled ?? NO_ROWS;
  const runs = view?.runs ?? NO_RUNS;
  const turns = useMemo(() => groupTurns(settled, runs), [settled, runs]);
  const actions = useTurnActions({ sessionId, onSend, onRemedy, onFailure });
  const place = useMemo(() => ({ sessionId, profiles, actions }), [sessionId, profiles, actions]);
  const run = view?.run ?? null;
  const growing = view === undefined || run === null ? null : liveTurn(view.live, run.runId, runs);
  const shown = growing === null ? turns : [...turns, growing];
  const live: LivePart | null =
    view === undefined || run === null
      ? null
      : {
          sessionId,
          run,
          approvals: view.approvals,
          clarifications: view.clarifications,
          record: view.runs[run.runId] ?? null,
          stopping,
        };
  // The live turn counts as one that stands there; only its identity matters, which its parts do not change.
  const growingKey = growing?.key;
  const compactions = view?.compactions ?? NO_COMPACTIONS;
  const compression = view?.compression ?? null;
  const notCompacted = compression?.state === 'done' ? shortenedBy(compression) : null;
  const versions = view?.versions ?? NO_VERSIONS;
  const hasMoreBefore = view?.hasMoreBefore === true;
  const runId = run?.runId ?? null;
  const grouped = useMemo(() => {
    const live: Turn[] = growingKey === undefined ? [] : [{ key: growingKey, runId, user: null, rows: [], run: null }];
    return groupVersions([...turns, ...live], versions, hasMoreBefore);
  }, [turns, growingKey, runId, versions, hasMoreBefore]);

  const placed = useMemo(
    () => placeCompactions(turns, compactions, hasMoreBefore),
    [turns, compactions, hasMoreBefore],
  );

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
                  remedyPlace(remedy) === 'resend'
                    ? void bridge.watch(sessionId)
                    : onRemedy(remedy, { runId: null, text: '' })
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
          <TurnContext value={place}>
            {placed.above !== null && <CompactionDivider placed={placed.above} />}
            {shown.map((turn, index) => (
              <TurnView
                key={turn.key}
                turn={turn}
                live={turn === growing ? live : null}
                last={index === shown.length - 1}
                versions={grouped.byTurn.get(turn.key) ?? NO_VERSIONS}
                compactions={placed.byTurn.get(turn.key) ?? NO_PLACED}
              />
            ))}
            {view !== undefined && grouped.atEnd.length > 0 && <VersionsLine versions={grouped.atEnd} />}
          </TurnContext>
          {run === null && compression?.state === 'running' && (
            <CompactingLine onStop={() => void bridge.stop(sessionId)} />
          )}
          {run === null && !saidByCommand && notCompacted !== null && (
            <div className="px-3">
              <CompactionFailure shortened={notCompacted} byHand />
            </div>
          )}
          <CommandLine sessionId={sessionId} />
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
