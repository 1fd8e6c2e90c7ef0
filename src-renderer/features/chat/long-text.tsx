import { memo } from 'react';
import { chunkCode } from './markdown/code-chunks.ts';

/** A text that is longer is laid out in parts. */
const MOST_CHARS = 8192;

/** Text as it was written. A long one is laid out and painted near the window only. `find`: it is looked through. */
export const LongText = memo(function LongText({ text, find = false }: { text: string; find?: boolean }) {
  const looked = find ? { 'data-find': true } : {};
  if (text.length <= MOST_CHARS) {
    return (
      <p {...looked} className="wrap-anywhere whitespace-pre-wrap">
        {text}
      </p>
    );
  }
  return (
    <p {...looked} className="wrap-anywhere whitespace-pre-wrap">
      {chunkCode(text).map((chunk, index) => (
        // A line end at the end of a part is the part's own end.
        <span key={index} className="text-chunk" data-lines={chunk.text.split('\n').length}>
          {chunk.text.endsWith('\n') ? chunk.text.slice(0, -1) : chunk.text}
        </span>
      ))}
    </p>
  );
});
