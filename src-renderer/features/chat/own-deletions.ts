/** What is being deleted in this window, or was: its event may be back before its answer, and nothing is asked of it any more. */
const deletions = new Set<string>();

export function isDeletedHere(sessionId: string): boolean {
  return deletions.has(sessionId);
}

/** @returns whether `send` did it. One that stands still may be deleted elsewhere later. */
export async function deletingHere(sessionId: string, send: () => Promise<boolean>): Promise<boolean> {
  deletions.add(sessionId);
  const done = await send();
  if (!done) deletions.delete(sessionId);
  return done;
}
