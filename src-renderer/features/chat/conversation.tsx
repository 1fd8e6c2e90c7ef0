import { ArrowDown } from 'lucide-react';
import {
  type ClipboardEvent,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError, UserAction } from '#contract/errors';
import type { ConversationVersion } from '#contract/events';
import type { Compaction, ProfileRecord } from '#contract/records';
import { shortenedBy } from '#contract/shortened-context';
import { isCoreSilent } from '../../errors/core-silent.ts';
import { ErrorNote } from '../../errors/error-note.tsx';
import { remedyPlace } from '../../errors/error-words.ts';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { useChatStore } from './chat-store.ts';
import { CommandLine } from './command-line.tsx';
import { CompactingLine, CompactionFailure } from './compaction-line.tsx';
import { ConversationTurns } from './conversation-turns.tsx';
import { BlankConversation } from './empty-chat.tsx';
import { EndSummary } from './end-summary.tsx';
import { FindBar } from './find/find-bar.tsx';
import { useFindStore } from './find/find-store.ts';
import { useFind } from './find/use-find.ts';
import { groupTurns, holdsMessage, liveTurn } from './group-turns.ts';
import { copiedSelection } from './markdown/copied-content.ts';
import { Skeleton } from './skeleton.tsx';
import { type MendKey, TurnContext } from './turn-actions.ts';
import type { LivePart } from './turn-view.tsx';
import { TurnWindow, TurnWindowContext } from './turn-window.ts';
import { useEarlierPages } from './use-earlier-pages.ts';
import { useScrollPlace } from './use-scroll-place.ts';
import { useStickToEnd } from './use-stick-to-end.ts';
import { useTurnActions } from './use-turn-actions.ts';

export interface ConversationHandle {
  /** Brings a message into view, also one of an earlier page; `words` are marked in it and everywhere else. */
  showMessage: (messageId: string, words?: string) => void;
  /** Goes to the newest of it and stays there. */
  showEnd: () => void;
}

interface ConversationProps {
  sessionId: string;
  title: string;
  profiles: readonly ProfileRecord[];
  /** Who answers here, in words. */
  answerer: string;
  mendKey: MendKey;
  /** Puts a quotation into the composer. */
  onQuote: (text: string) => void;
  /** Sends text; failures are shown beside the composer. */
  onSend: (text: string) => void;
  onRemedy: (remedy: UserAction, turn: { runId: string | null; text: string }) => void;
  onFailure: (error: AppError) => void;
  /** The find bar was closed: the keyboard goes back to where one writes. */
  onFindClosed: () => void;
  ref: Ref<ConversationHandle>;
}

const AFTER_PAINT_MS = 120;
/** An earlier page is asked for when its place is this near. */
const EARLY_PX = 1600;

/** How long a message that was jumped to is marked, and how long its conversation may take to open. */
const MARKED_MS = 1600;
const OPENED_WITHIN_MS = 10_000;
/** The largest page there is, for who goes far back. */
const MOST_ROWS = 500;

const NO_RUNS = {};
const NO_ROWS: never[] = [];
const NO_COMPACTIONS: readonly Compaction[] = [];
const NO_VERSIONS: readonly ConversationVersion[] = [];

/** A selection that holds more than words is copied without what the page adds to it. */
function onCopy(event: ClipboardEvent): void {
  const copied = copiedSelection(document.getSelection());
  if (copied === null) return;
  event.clipboardData.setData('text/plain', copied.text);
  event.clipboardData.setData('text/html', copied.html);
  event.preventDefault();
}

/** The rows of a conversation, oldest first, held at its end while an answer grows. */
export function Conversation(props: ConversationProps) {
  const { sessionId, title, profiles, answerer, mendKey, onQuote, onSend, onRemedy, onFailure, onFindClosed, ref } =
    props;
  const { t } = useTranslation();
  const { bridge } = useCore();
  const view = useChatStore((state) => state.views[sessionId]);
  const problem = useChatStore((state) => state.problems[sessionId]);
  const stopping = useChatStore((state) => state.stops[sessionId]?.released === false);
  // The command that was typed tells of its own failure.
  const saidByCommand = useChatStore((state) => state.commands[sessionId]?.command.replace(/^\//, '') === 'compact');
  const { list, content, atEnd, jump, letGo } = useStickToEnd(sessionId);
  const earlier = useEarlierPages(sessionId, list);
  const earlierPlace = useRef<HTMLParagraphElement>(null);
  const [window] = useState(() => new TurnWindow());

  const settled = view?.settled ?? NO_ROWS;
  const runs = view?.runs ?? NO_RUNS;
  const turns = useMemo(() => groupTurns(settled, runs), [settled, runs]);
  const actions = useTurnActions({ sessionId, onSend, onRemedy, onQuote, onFailure });
  const drawMendKey = useRef(mendKey);
  useEffect(() => {
    drawMendKey.current = mendKey;
  });
  const place = useMemo(
    // A new function each time the page is drawn: the first one does, since what it draws asks for itself.
    () => ({ sessionId, profiles, actions, mendKey: (slot: Parameters<MendKey>[0]) => drawMendKey.current(slot) }),
    [sessionId, profiles, actions],
  );
  const run = view?.run ?? null;
  const growing = view === undefined || run === null ? null : liveTurn(view.live, run.runId, runs);
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
  const compactions = view?.compactions ?? NO_COMPACTIONS;
  const compression = view?.compression ?? null;
  const notCompacted = compression?.state === 'done' ? shortenedBy(compression) : null;
  const versions = view?.versions ?? NO_VERSIONS;
  const hasMoreBefore = view?.hasMoreBefore === true;
  useEffect(() => {
    const element = list.current;
    if (element === null) return;
    // The first paint shows what is in sight; what is near it is drawn after.
    let detach: (() => void) | undefined;
    const timer = setTimeout(() => {
      detach = window.attach(element);
    }, AFTER_PAINT_MS);
    return () => {
      clearTimeout(timer);
      detach?.();
    };
  }, [window, list]);

  const { loading, problem: earlierProblem, loadEarlier } = earlier;
  const firstId = settled[0]?.id;
  const isStuck = earlierProblem !== null;
  useEffect(() => {
    const place = earlierPlace.current;
    if (place === null || isStuck) return;
    const watched = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) void loadEarlier();
      },
      { root: list.current, rootMargin: `${EARLY_PX}px 0px` },
    );
    watched.observe(place);
    return () => watched.disconnect();
  }, [firstId, isStuck, hasMoreBefore, loadEarlier, list]);

  const showTurn = useCallback(
    (turnKey: string) => {
      letGo();
      const element = window.draw(turnKey);
      const view = list.current?.getBoundingClientRect();
      const place = element?.getBoundingClientRect();
      if (element === null || view === undefined || place === undefined) return;
      // Where it is in sight already nothing jumps.
      if (place.bottom < view.top || place.top > view.bottom) element.scrollIntoView({ block: 'start' });
    },
    [window, list, letGo],
  );
  const { openAt, hasNews, settle } = useScrollPlace({
    sessionId,
    list,
    turns,
    newestId: settled.at(-1)?.id,
    hasMoreBefore,
    atEnd,
    letGo,
    loadEarlier,
  });
  const finding = useFind({ sessionId, turns, list, loadEarlier, showTurn });
  useImperativeHandle(ref, () => ({
    showMessage: (messageId, words) => {
      settle();
      if (words !== undefined) useFindStore.getState().open(sessionId, words);
      void bringIntoView({ sessionId, messageId, loadEarlier, showTurn, list: () => list.current });
    },
    showEnd: () => {
      settle();
      jump();
    },
  }));

  const isBlank = view === undefined && problem === undefined;
  const isEmpty =
    view !== undefined &&
    run === null &&
    problem === undefined &&
    !hasMoreBefore &&
    settled.length + versions.length + compactions.length + view.queue.length === 0;
  return (
    <div className="relative isolate min-h-0 flex-1">
      <section
        ref={list}
        aria-label={title}
        data-print="conversation"
        tabIndex={0}
        onCopy={onCopy}
        className="thin-scroll h-full overflow-auto -outline-offset-2"
      >
        <div
          ref={content}
          className={classNames(
            // The bar that finds lies over the list, and over none of its words where it begins.
            finding ? 'column pt-14 pb-6' : 'column pt-6 pb-6',
            isEmpty && 'flex min-h-full flex-col justify-end',
          )}
        >
          {isBlank && <Skeleton />}
          {/* Above what was said nothing repeats what stands across the page. */}
          {problem !== undefined && !(isCoreSilent(problem) && view !== undefined) && (
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
          {hasMoreBefore && (
            <p ref={earlierPlace} className="mb-6 text-center">
              <Button look="plain" onClick={() => void loadEarlier()}>
                {t(loading ? 'chat.loadingEarlier' : 'chat.showEarlier')}
              </Button>
              {earlierProblem !== null && (
                <span role="alert" className="block text-xs text-stop-ink">
                  {earlierProblem.message}
                </span>
              )}
            </p>
          )}
          <TurnContext value={place}>
            <TurnWindowContext value={window}>
              <ConversationTurns
                turns={turns}
                growing={growing}
                live={live}
                versions={versions}
                compactions={compactions}
                hasMoreBefore={hasMoreBefore}
                openAt={openAt}
              />
            </TurnWindowContext>
          </TurnContext>
          {isEmpty && <BlankConversation answerer={answerer} />}
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
      {finding && <FindBar onClose={onFindClosed} />}
      {!atEnd && (
        // Above the buttons of messages, which take clicks also while they are not to be seen.
        <div className="column pointer-events-none absolute inset-x-0 bottom-2 z-20 flex justify-end">
          <Button icon={ArrowDown} onClick={jump} className="pointer-events-auto rounded-2xl shadow-lift-2">
            {t(hasNews ? 'chat.jumpNews' : 'chat.jump')}
          </Button>
        </div>
      )}
      <EndSummary turns={turns} live={run !== null} />
    </div>
  );
}

/** Loads pages until a message is there, then shows its turn and marks its place for a moment. */
async function bringIntoView(wish: {
  sessionId: string;
  messageId: string;
  loadEarlier: (rows?: number) => Promise<boolean>;
  showTurn: (turnKey: string) => void;
  list: () => HTMLElement | null;
}): Promise<void> {
  const { sessionId, messageId, loadEarlier, showTurn, list } = wish;
  const turnOf = () => {
    const view = useChatStore.getState().views[sessionId];
    if (view === undefined) return null;
    const turns = groupTurns(view.settled, view.runs);
    return turns.find((turn) => holdsMessage(turn, messageId)) ?? null;
  };
  if (!(await viewStands(sessionId))) return;
  while (turnOf() === null) if (!(await loadEarlier(MOST_ROWS))) return;
  // The page that brought it has to be drawn first.
  await new Promise((resolve) => requestAnimationFrame(resolve));
  const turn = turnOf();
  if (turn === null) return;
  showTurn(turn.key);
  for (let frames = 0; frames < 3; frames++) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const element = list()?.querySelector(`[data-message-id="${CSS.escape(messageId)}"]`);
    element?.scrollIntoView({ block: 'center' });
    if (frames === 2) element?.animate({ backgroundColor: ['var(--mark)', 'transparent'] }, MARKED_MS);
  }
}

/** Waits for the first page of a conversation that was just opened. */
function viewStands(sessionId: string): Promise<boolean> {
  if (useChatStore.getState().views[sessionId] !== undefined) return Promise.resolve(true);
  return new Promise((resolve) => {
    const end = (stands: boolean) => {
      clearTimeout(timer);
      off();
      resolve(stands);
    };
    const timer = setTimeout(() => end(false), OPENED_WITHIN_MS);
    const off = useChatStore.subscribe((state) => {
      if (state.views[sessionId] !== undefined) end(true);
    });
  });
}
