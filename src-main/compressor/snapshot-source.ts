import { createHash, type Hash } from 'node:crypto';
import type { Message } from '#contract/message';
import type { Coverage, KeptPlaces, Snapshot } from './compression-types.ts';

/** Text is handed to the hash in pieces of about this size; a call for each row costs more than the hashing itself. */
const PIECE_CHARS = 65_536;
/**
 * Of a longer field the hash takes the length and both ends, so that a session of huge tool outputs costs no more than
 * others. Nothing is missed by it: Sluice never rewrites a stored row, an edit is a new row with a new id.
 */
const WHOLE_FIELD_CHARS = 65_536;

function fieldText(value: string | null): string {
  if (value === null) return '-;';
  if (value.length <= WHOLE_FIELD_CHARS) return `${value.length}:${value};`;
  return `${value.length}~${value.slice(0, WHOLE_FIELD_CHARS / 2)}${value.slice(-WHOLE_FIELD_CHARS / 2)};`;
}

/** Every field with its length before it, so that no two lists of rows read the same. */
function rowText(row: Message): string {
  const calls = row.tool_calls === null ? null : JSON.stringify(row.tool_calls);
  const said = fieldText(row.id) + fieldText(row.role) + fieldText(row.content) + fieldText(calls);
  return said + fieldText(row.tool_call_id) + fieldText(row.tool_name) + fieldText(row.tool_arguments);
}

/**
 * SHA-256 over id, role, content and tool fields of the first `count` rows; about a millisecond a megabyte.
 *
 * @param count at most `rows.length`.
 */
function hashRows(rows: readonly Message[], count: number): string {
  const hash: Hash = createHash('sha256');
  let piece = '';
  for (const row of rows.slice(0, count)) {
    piece += rowText(row);
    if (piece.length < PIECE_CHARS) continue;
    hash.update(piece);
    piece = '';
  }
  return hash.update(piece).digest('hex');
}

/**
 * A snapshot's `sourceHash`: the hash of the covered rows, then `:` and the places of those that the summary leaves out,
 * then `;` and the opener's. The hash makes sure that places still mean the same rows (BUG-A14).
 */
export function signSource(rows: readonly Message[], count: number, kept: KeptPlaces): string {
  const leftOut = kept.leftOut.length === 0 ? '' : `:${kept.leftOut.join(',')}`;
  return `${hashRows(rows, count)}${leftOut}${kept.opener === null ? '' : `;${kept.opener}`}`;
}

const SIGNATURE = /^([0-9a-f]{64})(?::(\d+(?:,\d+)*))?(?:;(\d+))?$/;

/** What a snapshot covers of these rows; null when they are no longer those that it was made from (E7-06). */
export function readCoverage(snapshot: Snapshot | null, rows: readonly Message[]): Coverage | null {
  if (snapshot === null || rows[snapshot.messageCount - 1]?.id !== snapshot.lastMessageId) return null;
  const [, hash, places, opener] = SIGNATURE.exec(snapshot.sourceHash) ?? [];
  if (hash === undefined || hash !== hashRows(rows, snapshot.messageCount)) return null;
  const leftOut = places === undefined ? [] : places.split(',').map(Number);
  return { covered: snapshot.messageCount, leftOut, opener: opener === undefined ? null : Number(opener) };
}

/**
 * The same summary for a fork, whose rows are copies under new ids.
 *
 * @returns null when the fork ends before the summary does, or the snapshot was not valid for the original rows.
 */
export function snapshotForFork(
  snapshot: Snapshot,
  rows: readonly Message[],
  forkedRows: readonly Message[],
  newId: string,
): Snapshot | null {
  const coverage = readCoverage(snapshot, rows);
  const last = forkedRows[snapshot.messageCount - 1];
  if (coverage === null || last === undefined) return null;
  const sourceHash = signSource(forkedRows, coverage.covered, coverage);
  return { ...snapshot, id: newId, lastMessageId: last.id, sourceHash };
}
