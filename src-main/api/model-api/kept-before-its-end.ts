/**
 * The frames of an answer that is kept. From its last word on they wait until it is kept, so that nobody who has read all of
 * it, and sends the request again after a crash, gets another one. Until then they pass as they come.
 *
 * @param isComplete whether the answer's last word is among the frames that came so far, and was a good one.
 * @param note gets each frame, also those that wait.
 * @param keep never rejects.
 */
export async function* keptBeforeItsEnd(
  frames: AsyncGenerator<Buffer, void, undefined>,
  { isComplete, note, keep }: { isComplete: () => boolean; note: (bytes: Buffer) => void; keep: () => Promise<void> },
): AsyncGenerator<Buffer, void, undefined> {
  const held: Buffer[] = [];
  for await (const bytes of frames) {
    note(bytes);
    if (isComplete()) held.push(bytes);
    else yield bytes;
  }
  if (held.length === 0) return;
  await keep();
  yield Buffer.concat(held);
}
