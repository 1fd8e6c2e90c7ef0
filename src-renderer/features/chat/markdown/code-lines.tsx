import { memo } from 'react';
import type { CodeChunk } from './code-chunks.ts';
import { type HighlightedLine, TOKEN_KINDS } from './highlight-protocol.ts';

/** How many lines a chunk has. */
function lineCount(chunk: CodeChunk): number {
  let count = 1;
  for (let at = chunk.text.indexOf('\n'); at >= 0; at = chunk.text.indexOf('\n', at + 1)) count++;
  return count;
}

/** Code in chunks, each an element of its own: a line more lays out and draws the last of them only. */
export function CodeLines({
  chunks,
  lines,
}: {
  chunks: readonly CodeChunk[];
  lines: readonly HighlightedLine[] | null;
}) {
  let first = 0;
  return chunks.map((chunk, index) => {
    const from = first;
    if (lines !== null) first += lineCount(chunk);
    return <Chunk key={index} chunk={chunk} lines={lines} from={from} />;
  });
}

const Chunk = memo(
  function Chunk({ chunk, lines, from }: { chunk: CodeChunk; lines: readonly HighlightedLine[] | null; from: number }) {
    // The block's own end is the line's end.
    const text = chunk.text.endsWith('\n') ? chunk.text.slice(0, -1) : chunk.text;
    if (lines === null) return <span className="answer-code-chunk">{text === '' ? '\n' : text}</span>;
    return (
      <span className="answer-code-chunk">
        {text.split('\n').map((line, index) => (
          <Line
            key={index}
            text={index === 0 ? line : `\n${line}`}
            skip={index === 0 ? 0 : 1}
            tokens={lines[from + index] ?? []}
          />
        ))}
      </span>
    );
  },
  (a, b) => a.lines === b.lines && a.from === b.from && a.chunk.text === b.chunk.text,
);

/** A line of code; its line end, if it has one, comes first. */
function Line({ text, skip, tokens }: { text: string; skip: number; tokens: HighlightedLine }) {
  const parts = [];
  let at = 0;
  let end = skip;
  for (let index = 0; index < tokens.length; index += 2) {
    end += tokens[index + 1] ?? 0;
    const kind = TOKEN_KINDS[tokens[index] ?? 0] ?? 'plain';
    const part = text.slice(at, end);
    parts.push(
      kind === 'plain' ? (
        part
      ) : (
        <span key={index} className={`tok-${kind}`}>
          {part}
        </span>
      ),
    );
    at = end;
  }
  if (at < text.length) parts.push(text.slice(at));
  return parts;
}
