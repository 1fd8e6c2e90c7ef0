import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { ConversationVersion } from '#contract/events';
import type { RunRecord } from '#contract/records';
import type { LiveRun, RunView } from '#contract/run-view';
import { AnswerFooter } from './answer-footer.tsx';
import { AnswerRows } from './answer-rows.tsx';
import { answerText } from './answer-text.ts';
import { ApprovalCard } from './approval-card.tsx';
import { ClarifyCard } from './clarify-card.tsx';
import { CompactionDivider } from './compaction-divider.tsx';
import { CompactionFailure } from './compaction-line.tsx';
import { CutRow } from './cut-row.tsx';
import { FailureRow } from './failure-row.tsx';
import { sameTurn, type Turn } from './group-turns.ts';
import { LiveLine } from './live-line.tsx';
import type { PlacedCompaction } from './place-compactions.ts';
import { useTurnPlace } from './turn-actions.ts';
import { turnEnd } from './turn-end.ts';
import { UserMessage } from './user-message.tsx';
import { VersionsLine } from './versions-line.tsx';

/** What a turn shows only while it is being made. */
export interface LivePart {
  sessionId: string;
  run: LiveRun;
  approvals: RunView['approvals'];
  clarifications: RunView['clarifications'];
  /** What is known of the run beside its events; null before its record is there. */
  record: RunRecord | null;
  stopping: boolean;
}

interface TurnViewProps {
  turn: Turn;
  live: LivePart | null;
  last: boolean;
  /** What stood in the place of this turn before. */
  versions: readonly ConversationVersion[];
  /** Summaries that end within this turn. */
  compactions: readonly PlacedCompaction[];
}

/**
 * An exchange, live or over: one element for both, so that nothing under the reader's eyes is built anew when an answer
 * ends. A turn that is over is drawn once, since the fold keeps the identity of what did not change.
 */
export const TurnView = memo(
  function TurnView(props: TurnViewProps) {
    const { turn, live, versions, compactions } = props;
    const { user, rows, run } = turn;
    const lastRow = rows.at(-1);
    const hasAnswer = live !== null || rows.length > 0 || turnEnd(run) !== null;
    return (
      <section>
        {versions.length > 0 && <VersionsLine versions={versions} />}
        {user !== null && <UserMessage message={user} live={live !== null} />}
        {user !== null && <Dividers compactions={compactions} at={user.id} />}
        {hasAnswer && <Answer {...props} />}
        {lastRow !== undefined && <Dividers compactions={compactions} at={lastRow.id} />}
      </section>
    );
  },
  (a, b) =>
    a.last === b.last &&
    a.versions === b.versions &&
    a.compactions === b.compactions &&
    sameLive(a.live, b.live) &&
    sameTurn(a.turn, b.turn),
);

function Dividers({ compactions, at }: { compactions: readonly PlacedCompaction[]; at: string }) {
  return compactions
    .filter((placed) => placed.compaction.lastMessageId === at)
    .map((placed) => <CompactionDivider key={placed.compaction.id} placed={placed} />);
}

function Answer({ turn, live, last, compactions }: TurnViewProps) {
  const { t } = useTranslation();
  const { actions } = useTurnPlace();
  const { user, rows, run } = turn;
  const end = live === null ? turnEnd(run) : null;
  const said = user?.content ?? '';
  const text = answerText(rows);
  const saidRow = rows.findLast((row) => row.role === 'assistant' && row.content !== '') ?? null;
  const shortened = (live?.record ?? run)?.shortened ?? null;
  const needsYou = live !== null && live.approvals.length + live.clarifications.length > 0;
  const retry = last && run !== null ? () => actions.retry(run.id) : undefined;
  const state = live === null ? (end === 'failed' ? 'failed' : end === null ? 'done' : 'interrupted') : 'live';
  return (
    <article
      data-testid="message-assistant"
      data-state={needsYou ? 'needs' : state}
      aria-label={run?.model ?? run?.profile ?? t('chat.answer')}
      aria-busy={live !== null}
      className="rail group flow-root px-3 pt-3"
    >
      {shortened !== null && <CompactionFailure shortened={shortened} byHand={false} />}
      <AnswerRows
        rows={rows}
        live={live !== null}
        waits={needsYou}
        // Below the last row the whole answer ends first.
        after={(rowId) => rowId !== rows.at(-1)?.id && <Dividers compactions={compactions} at={rowId} />}
      />
      {live?.approvals.map((approval, index) => (
        <ApprovalCard
          key={approval.approval_id}
          sessionId={live.sessionId}
          approval={approval}
          place={live.approvals.length === 1 ? null : { number: index + 1, count: live.approvals.length }}
        />
      ))}
      {live?.clarifications.map((clarification) => (
        <ClarifyCard key={clarification.clarify_id} sessionId={live.sessionId} clarification={clarification} />
      ))}
      {end === 'failed' && run !== null && (
        <FailureRow
          run={run}
          onRemedy={last ? (remedy) => actions.remedy(remedy, { runId: run.id, text: said }) : undefined}
          onRetry={retry}
        />
      )}
      {end !== null && end !== 'failed' && (
        <CutRow kind={end} run={run} onContinue={last ? actions.goOn : undefined} onRetry={retry} />
      )}
      {live !== null ? (
        <LiveLine run={live.run} rows={rows} stopping={live.stopping} />
      ) : (
        (end !== 'failed' || text !== '') && (
          <AnswerFooter run={run} text={text} lastMessageId={rows.at(-1)?.id ?? null} said={saidRow} last={last} />
        )
      )}
    </article>
  );
}

function sameLive(a: LivePart | null, b: LivePart | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.run === b.run &&
    a.approvals === b.approvals &&
    a.clarifications === b.clarifications &&
    a.record === b.record &&
    a.stopping === b.stopping
  );
}
