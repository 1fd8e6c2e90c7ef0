import { createContext } from 'react';

/** How many levels a text's headings are raised, so that one that begins deeper leaves no gap below the page's own title. */
export const HeadingShift = createContext(0);

/** The shift for a text that is whole: its highest heading becomes the first below the page's title. */
export function headingShiftOf(text: string): number {
  let highest = 7;
  let fence: string | null = null;
  for (const line of text.split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined) {
      if (fence === null) fence = mark;
      else if (mark.startsWith(fence)) fence = null;
      continue;
    }
    const level = fence === null ? /^ {0,3}(#{1,6})(?:\s|$)/.exec(line)?.[1]?.length : undefined;
    if (level !== undefined) highest = Math.min(highest, level);
  }
  return highest === 7 ? 0 : highest - 1;
}
