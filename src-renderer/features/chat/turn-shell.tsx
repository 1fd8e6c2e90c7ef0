import { memo, type ReactNode, useEffect, useRef, useState } from 'react';
import type { Turn } from './group-turns.ts';
import { rememberTurnPx, turnPx } from './turn-height.ts';
import { useTurnWindow } from './turn-window.ts';

interface TurnShellProps {
  turn: Turn;
  /** It stands where the conversation opens: drawn with its first paint. Looked at once. */
  atOnce: boolean;
  children: ReactNode;
}

/** The place of a turn. Far from the window it is empty and as high as its turn. */
export const TurnShell = memo(function TurnShell({ turn, atOnce, children }: TurnShellProps) {
  const window = useTurnWindow();
  const place = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState(atOnce);
  const isDrawn = useRef(drawn);
  const { key } = turn;
  useEffect(() => {
    isDrawn.current = drawn;
  }, [drawn]);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    return window.add(element, {
      key,
      isDrawn: () => isDrawn.current,
      setDrawn,
      measured: (px) => rememberTurnPx(key, px),
    });
  }, [window, key]);
  return (
    <div ref={place} data-turn={key} className="mb-8 last:mb-0" style={drawn ? undefined : { height: turnPx(turn) }}>
      {drawn && children}
    </div>
  );
});
