/**
 * What an answer still lacks when its stream was cut and its final text is known. `whole` is everything that was
 * streamed, `segment` the part after the last tool call: an agent repeats either the whole or only its last message.
 *
 * Where the final text has nothing in common with what was streamed, it is a part that was never seen, and all of it is
 * missing: a loss would be worse than a repetition.
 */
export function missingText(streamed: { whole: string; segment: string }, output: string): string {
  const final = output.trim();
  if (final === '') return '';
  for (const known of [streamed.whole, streamed.segment]) {
    const start = known.trimStart();
    if (start !== '' && output.trimStart().startsWith(start)) return output.trimStart().slice(start.length);
    const said = known.trim();
    if (said !== '' && (final.startsWith(said) || said.endsWith(final))) return final.slice(said.length);
  }
  return streamed.segment.trim() === '' ? output : `\n\n${output}`;
}
