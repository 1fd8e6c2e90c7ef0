import { type ComponentType, memo, useEffect, useState } from 'react';
import { LongText } from './long-text.tsx';

type MarkdownView = ComponentType<Required<RichTextProps>>;

interface RichTextProps {
  text: string;
  live: boolean;
  /** All of it is drawn, however long it is. */
  whole?: boolean;
  /** *Find in conversation* looks through it. */
  find?: boolean;
}

let markdownView: MarkdownView | null = null;

/** Fetches what draws answers, which the first paint does not need. Once it is there it is there for all. */
export async function loadMarkdown(): Promise<MarkdownView> {
  markdownView ??= (await import('./markdown/markdown-view.tsx')).MarkdownView;
  return markdownView;
}

/**
 * An answer's text. Built from elements only: no part of it is ever read as HTML. Until what reads Markdown is there, and
 * where it cannot be had, the text stands as it was written.
 */
export const RichText = memo(function RichText({ text, live, whole = false, find = true }: RichTextProps) {
  // A component is a function: what is kept is wrapped, so that it is not taken for one that computes the state.
  const [view, setView] = useState(() => ({ View: markdownView }));
  useEffect(() => {
    if (view.View !== null) return;
    let isCurrent = true;
    loadMarkdown().then(
      (View) => isCurrent && setView({ View }),
      // The text is readable as it is; the next answer tries again.
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [view]);
  const { View } = view;
  return (
    <div className="py-1.5 text-md">
      {View === null ? (
        <div className="max-w-(--measure)">
          <LongText text={text} />
        </div>
      ) : (
        <View text={text} live={live} whole={whole} find={find} />
      )}
    </div>
  );
});
