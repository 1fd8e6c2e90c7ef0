import type { ToolDetail } from '../gateway/upstream-event.ts';

/** A tool call of a run and the row that shows it. */
export interface ToolRow {
  messageId: string;
  callId: string | null;
  name: string;
  isOpen: boolean;
}

interface KnownRow extends ToolRow {
  preview: string | null;
  arguments: string | null;
}

/** The tool calls of one run: which row the news of a call belongs to. */
export class ToolRows {
  readonly #rows: KnownRow[] = [];
  #open: KnownRow[] = [];
  readonly #ended = new Map<string, KnownRow>();

  /** @param known the rows that an earlier process began. */
  constructor(known: readonly ToolRow[] = []) {
    for (const { messageId, callId, name, isOpen } of known) {
      const row = this.begin(messageId, callId, name);
      if (!isOpen) this.close(row);
    }
  }

  get isEmpty(): boolean {
    return this.#rows.length === 0;
  }

  begin(messageId: string, callId: string | null, name: string): KnownRow {
    const row: KnownRow = { messageId, callId, name, isOpen: true, preview: null, arguments: null };
    this.#rows.push(row);
    this.#open.push(row);
    return row;
  }

  /** The open call of this id: more of its arguments came. */
  open(callId: string | null): KnownRow | null {
    return callId === null ? null : (this.#open.find((row) => row.callId === callId) ?? null);
  }

  /** Closes the call of this id, else the oldest open one of this name that has no other id (BUG-A19). */
  end(callId: string | null, name: string): KnownRow | null {
    const row =
      this.open(callId) ??
      this.#open.find((one) => one.name === name && (callId === null || one.callId === null)) ??
      null;
    if (row !== null) this.close(row, callId);
    return row;
  }

  /** The call of this id that has ended already: its end is told once more. */
  ended(callId: string | null): KnownRow | null {
    return callId === null ? null : (this.#ended.get(callId) ?? null);
  }

  /** The row that each detail speaks of: by id, else in order by name among those that have no other id. Each row once. */
  match(details: readonly ToolDetail[]): (KnownRow | null)[] {
    const free = new Set<KnownRow>(this.#rows);
    const byId = new Map<string, KnownRow>();
    for (const row of this.#rows) if (row.callId !== null && !byId.has(row.callId)) byId.set(row.callId, row);
    const matched = details.map((detail) => {
      const row = detail.callId === null ? undefined : byId.get(detail.callId);
      return row !== undefined && free.delete(row) ? row : null;
    });
    return details.map((detail, index) => {
      const found = matched[index];
      if (found !== null && found !== undefined) return found;
      for (const row of free) {
        if (row.name === detail.name && (detail.callId === null || row.callId === null)) {
          free.delete(row);
          return row;
        }
      }
      return null;
    });
  }

  close(row: KnownRow, callId: string | null = null): void {
    row.isOpen = false;
    row.callId ??= callId;
    this.#open = this.#open.filter((one) => one !== row);
    if (row.callId !== null) this.#ended.set(row.callId, row);
  }
}
