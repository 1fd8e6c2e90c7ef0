import { useMemo } from 'react';
import type { ConversationVersion } from '#contract/events';
import type { Compaction } from '#contract/records';
import { CompactionDivider } from './compaction-divider.tsx';
import type { Turn } from './group-turns.ts';
import { groupVersions } from './group-versions.ts';
import { type PlacedCompaction, placeCompactions } from './place-compactions.ts';
import { firstDrawn } from './turn-height.ts';
import { TurnShell } from './turn-shell.tsx';
import { type LivePart, TurnView } from './turn-view.tsx';
import { VersionsLine } from './versions-line.tsx';

interface ConversationTurnsProps {
  turns: readonly Turn[];
  /** The turn that is being made, below the others. */
  growing: Turn | null;
  live: LivePart | null;
  versions: readonly ConversationVersion[];
  compactions: readonly Compaction[];
  hasMoreBefore: boolean;
  /** The message that the reader comes back to; null for the end. */
  openAt: string | null;
}

/** The first paint draws this many windows full of turns; the rest follows as it comes near. */
const FIRST_WINDOWS = 1.2;

const NO_PLACED: readonly PlacedCompaction[] = [];
const NO_VERSIONS: readonly ConversationVersion[] = [];

/** The turns of a conversation, each in its place. What is over is made once for all deltas of what is not. */
export function ConversationTurns(props: ConversationTurnsProps) {
  const { turns, growing, live, versions, compactions, hasMoreBefore, openAt } = props;
  // The live turn counts as one that stands there; only its identity matters, which its parts do not change.
  const growingKey = growing?.key;
  const growingRunId = growing?.runId ?? null;
  const grouped = useMemo(() => {
    const more: Turn[] =
      growingKey === undefined ? [] : [{ key: growingKey, runId: growingRunId, user: null, rows: [], run: null }];
    return groupVersions([...turns, ...more], versions, hasMoreBefore);
  }, [turns, growingKey, growingRunId, versions, hasMoreBefore]);
  const placed = useMemo(
    () => placeCompactions([...turns], compactions, hasMoreBefore),
    [turns, compactions, hasMoreBefore],
  );
  const [first, last] = useMemo(() => firstDrawn(turns, openAt, innerHeight * FIRST_WINDOWS), [turns, openAt]);
  const settled = useMemo(
    () =>
      turns.map((turn, index) => (
        <TurnShell key={turn.key} turn={turn} atOnce={index >= first && index < last}>
          <TurnView
            turn={turn}
            live={null}
            last={growingKey === undefined && index === turns.length - 1}
            versions={grouped.byTurn.get(turn.key) ?? NO_VERSIONS}
            compactions={placed.byTurn.get(turn.key) ?? NO_PLACED}
          />
        </TurnShell>
      )),
    [turns, first, last, growingKey, grouped, placed],
  );
  // One list for both, so that a turn that ends stays the element it is.
  const places =
    growing === null
      ? settled
      : [
          ...settled,
          <TurnShell key={growing.key} turn={growing} atOnce>
            <TurnView
              turn={growing}
              live={live}
              last
              versions={grouped.byTurn.get(growing.key) ?? NO_VERSIONS}
              compactions={placed.byTurn.get(growing.key) ?? NO_PLACED}
            />
          </TurnShell>,
        ];
  return (
    <>
      {placed.above !== null && <CompactionDivider placed={placed.above} />}
      {places}
      {grouped.atEnd.length > 0 && <VersionsLine versions={grouped.atEnd} />}
    </>
  );
}
