import type { Json, PortableConversation, PortableRow } from '../store/portable-rows.ts';

/** The same conversation with ids of its own, so that it can stand beside the one that it was a state of. Files stay shared. */
export function withNewIds(conversation: PortableConversation, newId: () => string): PortableConversation {
  const ids = new Map<Json, string>();
  const own = (id: Json | undefined): Json => {
    if (typeof id !== 'string') return id ?? null;
    const known = ids.get(id) ?? newId();
    ids.set(id, known);
    return known;
  };
  const renamed = (row: PortableRow, ...columns: string[]): PortableRow => ({
    ...row,
    ...Object.fromEntries(columns.map((column) => [column, own(row[column])])),
  });
  return {
    session: renamed(conversation.session, 'id'),
    runs: conversation.runs.map((row) => renamed(row, 'id')),
    versions: conversation.versions.map((row) => renamed(row, 'id', 'anchor_run_id', 'replaced_by_run_id')),
    messages: conversation.messages.map((row) => renamed(row, 'id', 'run_id', 'version_id')),
    compactions: conversation.compactions.map((row) => renamed(row, 'id', 'last_message_id')),
    attachments: conversation.attachments,
  };
}
