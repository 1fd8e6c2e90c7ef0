import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { workAtRest } from './at-rest.ts';
import { isDrawingInTurn } from './draw-in-turn.ts';
import type * as Typesetter from './typeset-math.ts';
import { workInTurn } from './work-in-turn.ts';

/** The typesetter, once a formula has asked for it. */
let typesetter: typeof Typesetter | null = null;

/** A longer formula is shown as its source. */
const MOST_CHARS = 5000;

/** A formula. Until it is typeset, and where it cannot be, its source is shown. */
export function MathView({ source, display }: { source: string; display: boolean }) {
  const { t } = useTranslation();
  const place = useRef<HTMLSpanElement>(null);
  const [problem, setProblem] = useState(false);
  const isLong = source.length > MOST_CHARS;
  useEffect(() => {
    let isCurrent = true;
    let takeBack: (() => void) | undefined;
    if (isLong) return;
    if (typesetter !== null && isDrawingInTurn() && place.current !== null) {
      // With the part that it belongs to, so that it is laid out once. What nobody sees of it waits.
      const { typesetMath, addSpoken } = typesetter;
      const element = place.current;
      if (typesetMath(element, source, display, 'seen')) return workAtRest(() => addSpoken(element, source, display));
      setProblem(true);
      return;
    }
    import('./typeset-math.ts').then(
      (loaded) => {
        typesetter = loaded;
        if (!isCurrent) return;
        takeBack = workInTurn(() => {
          if (place.current !== null) setProblem(!loaded.typesetMath(place.current, source, display));
        });
      },
      // The part of the program that typesets cannot be had: the source stays.
      () => isCurrent && setProblem(true),
    );
    return () => {
      isCurrent = false;
      takeBack?.();
    };
  }, [source, display, isLong]);
  if (isLong || problem) {
    return (
      <code className="answer-math-source" title={t('answer.mathFailed')} data-testid="math-failed">
        {source}
      </code>
    );
  }
  // What stands in the span is the typesetter's own; the key gives another formula another span.
  return (
    <span
      key={source}
      ref={place}
      dir="ltr"
      data-tex={source}
      data-display={display}
      data-testid="math"
      className="answer-math"
    />
  );
}
