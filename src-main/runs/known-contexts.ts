import type { Message } from '#contract/message';
import type { Coverage, Snapshot } from '../compressor/compression-types.ts';
import { verbatimCovered } from '../compressor/context-layout.ts';
import { groupRows } from '../compressor/group-rows.ts';
import { readCoverage } from '../compressor/snapshot-source.ts';
import type { Store } from '../store/store.ts';

/** What was found to hold of a conversation, as long as nothing of it is rewritten. */
interface Known {
  snapshotId: string;
  rewrites: number;
  /** Covered rows that are sent beside the summary, in order, and after them the last covered row with its group. */
  keptIds: readonly string[];
  leftOutIds: ReadonlySet<string>;
  openerId: string | null;
}

/** A conversation without the rows that a summary stands for. What is planned for it is what is planned for all of it. */
export interface ShortContext {
  rows: Message[];
  snapshot: Snapshot;
  coverage: Coverage;
}

const MOST_KNOWN = 500;

/**
 * Remembers which summaries were checked against the rows that they cover, so that a turn of a long conversation costs what
 * is new in it. Holds ids only; forgets everything as soon as any stored row is rewritten.
 */
export class KnownContexts {
  readonly #store: Pick<Store, 'messages' | 'compactions'>;
  readonly #known = new Map<string, Known>();

  constructor(store: Pick<Store, 'messages' | 'compactions'>) {
    this.#store = store;
  }

  /** Checks the summary that holds now against the rows, and remembers the outcome. @param rows all shown rows. */
  remember(sessionId: string, rows: readonly Message[]): void {
    this.#known.delete(sessionId);
    const { compactions, messages } = this.#store;
    const snapshot = compactions.current(sessionId);
    const coverage = readCoverage(snapshot, rows);
    if (snapshot === null || coverage === null || coverage.covered === 0) return;
    // The last covered row comes along with its group: alone, a tool's result would join the rows of another call.
    const lastGroup = groupRows(rows.slice(0, coverage.covered)).at(-1);
    const lastRows = rows.slice(lastGroup?.start ?? coverage.covered, coverage.covered);
    const kept = new Set(verbatimCovered(rows, coverage).map((at) => rows[at]?.id ?? ''));
    for (const { id } of lastRows) kept.delete(id);
    this.#known.set(sessionId, {
      snapshotId: snapshot.id,
      rewrites: messages.rewrites(),
      keptIds: [...kept, ...lastRows.map(({ id }) => id)],
      leftOutIds: new Set(coverage.leftOut.flatMap((at) => rows[at]?.id ?? [])),
      openerId: coverage.opener === null ? null : (rows[coverage.opener]?.id ?? null),
    });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest);
  }

  /** @returns null where nothing is known, or not any more: then all rows have to be read. */
  read(sessionId: string): ShortContext | null {
    const { compactions, messages } = this.#store;
    const known = this.#known.get(sessionId);
    if (known === undefined || known.rewrites !== messages.rewrites()) return null;
    const snapshot = compactions.current(sessionId);
    const lastId = known.keptIds.at(-1);
    if (snapshot?.id !== known.snapshotId || lastId === undefined) return null;
    const covered = known.keptIds.flatMap((id) => messages.shown(sessionId, id) ?? []);
    if (covered.length !== known.keptIds.length) return null;
    const placeOf = (id: string) => known.keptIds.indexOf(id);
    return {
      rows: [...covered, ...messages.after(sessionId, lastId)],
      snapshot,
      coverage: {
        covered: covered.length,
        leftOut: [...known.leftOutIds].map(placeOf).filter((at) => at >= 0),
        opener: known.openerId === null ? null : placeOf(known.openerId),
      },
    };
  }
}
