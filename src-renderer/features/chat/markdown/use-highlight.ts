import { type RefObject, useEffect, useMemo, useState } from 'react';
import { type CodeChunk, codeText } from './code-chunks.ts';
import type { HighlightedLine } from './highlight-protocol.ts';
import { highlighter } from './highlighter.ts';
import { knownLanguage } from './languages.ts';
import { useNear } from './use-near.ts';

/** More code than this is shown without colours: the page would carry a hundred thousand elements for it. */
const MOST_CHARS = 120_000;
const MOST_LINES = 3000;

/** Whether code is too much to be coloured. A line that is parted is too long for it as well. */
export function isTooLong(chunks: readonly CodeChunk[]): boolean {
  let chars = 0;
  let lines = 0;
  for (const [index, { text, endsLine }] of chunks.entries()) {
    chars += text.length;
    lines += text.split('\n').length;
    if (chars > MOST_CHARS || lines > MOST_LINES || (!endsLine && index < chunks.length - 1)) return true;
  }
  return false;
}

/**
 * The colours of code once it is whole and comes into sight; null until then. They change no measure, so nothing moves
 * when they come.
 *
 * @param whole nothing more comes.
 */
export function useHighlight(
  place: RefObject<HTMLElement | null>,
  language: string,
  chunks: readonly CodeChunk[],
  whole: boolean,
): readonly HighlightedLine[] | null {
  const known = knownLanguage(language);
  const code = useMemo(
    () => (whole && known !== null && !isTooLong(chunks) ? codeText(chunks) : null),
    [whole, known, chunks],
  );
  const [found, setFound] = useState<{ code: string; lines: readonly HighlightedLine[] | null } | null>(null);
  const peeked = code === null || known === null ? undefined : highlighter.peek(known, code);
  const near = useNear(place, code !== null && peeked === undefined);
  useEffect(() => {
    if (code === null || known === null || !near) return;
    let isCurrent = true;
    void highlighter.highlight(known, code).then((lines) => {
      if (isCurrent) setFound({ code, lines });
    });
    return () => {
      isCurrent = false;
    };
  }, [near, known, code]);
  if (code === null || known === null) return null;
  return found?.code === code ? found.lines : (peeked ?? null);
}
