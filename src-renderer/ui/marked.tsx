import { markParts } from './mark-parts.ts';

/** Text with what was searched for marked in it: by colour and by a line. */
export function Marked({ text, query }: { text: string; query: string }) {
  return markParts(text, query).map((part, index) =>
    part.match ? (
      <mark key={index} className="rounded-xs bg-mark text-ink underline decoration-wait-mark underline-offset-2">
        {part.text}
      </mark>
    ) : (
      part.text
    ),
  );
}
