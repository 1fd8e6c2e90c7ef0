import { useCallback, useState } from 'react';

const SAID_MS = 1600;

/** What became of the last copy, for a moment. `refused`: the system gave no access to the clipboard. */
export type CopyState = 'idle' | 'copied' | 'refused';

export function useCopy(): { state: CopyState; copy: (text: string, html?: string) => void } {
  const [state, setState] = useState<CopyState>('idle');
  const copy = useCallback((text: string, html?: string) => {
    const say = (next: CopyState) => {
      setState(next);
      setTimeout(() => setState('idle'), SAID_MS);
    };
    const kinds = { 'text/plain': text, ...(html === undefined ? {} : { 'text/html': html }) };
    const written =
      html === undefined ? navigator.clipboard.writeText(text) : navigator.clipboard.write([new ClipboardItem(kinds)]);
    written.then(
      () => say('copied'),
      () => say('refused'),
    );
  }, []);
  return { state, copy };
}
