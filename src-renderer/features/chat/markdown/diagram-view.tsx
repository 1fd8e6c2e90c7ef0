import { type RefObject, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DIAGRAM_FRAME } from '#contract/frame-url';
import { readFrameMessage } from './read-frame-message.ts';
import { useIsDark } from './use-is-dark.ts';

/** A diagram that is not there by then is not waited for. */
const MOST_WAIT_MS = 15_000;

interface DiagramViewProps {
  source: string;
  /** Why there is no diagram, in the drawing program's words; empty where it said none. */
  onFailure: (message: string) => void;
}

/**
 * A diagram, drawn in a frame that shares nothing with the page: an origin of its own, no network, no windows, no forms.
 * All that comes out of it is its height.
 */
export function DiagramView(props: DiagramViewProps) {
  const dark = useIsDark();
  // Another theme is another frame, and what is known of the one before says nothing of it.
  return <DiagramFrame key={String(dark)} dark={dark} {...props} />;
}

function DiagramFrame({ source, dark, onFailure }: DiagramViewProps & { dark: boolean }) {
  const { t } = useTranslation();
  const frame = useRef<HTMLIFrameElement>(null);
  const height = useDiagram(frame, source, dark, onFailure);
  return (
    <div className="answer-diagram thin-scroll" data-testid="diagram" data-drawn={height !== null} data-dark={dark}>
      {height === null && <p className="text-xs text-ink-3">{t('answer.drawing')}</p>}
      <iframe
        ref={frame}
        src={DIAGRAM_FRAME}
        sandbox="allow-scripts"
        referrerPolicy="no-referrer"
        title={t('answer.diagram')}
        style={{ height: height ?? 0 }}
      />
    </div>
  );
}

/** Sends the source once the frame is ready, and hears how tall it is drawn. */
function useDiagram(
  frame: RefObject<HTMLIFrameElement | null>,
  source: string,
  dark: boolean,
  onFailure: (message: string) => void,
): number | null {
  const [drawn, setDrawn] = useState<{ source: string; height: number } | null>(null);
  const isDrawn = drawn?.source === source;
  useEffect(() => {
    if (isDrawn) return;
    const onMessage = (event: MessageEvent<unknown>) => {
      const target = frame.current?.contentWindow;
      // The frame's origin is opaque: it is known by its window alone.
      if (target === undefined || target === null || event.source !== target) return;
      const said = readFrameMessage(event.data);
      if (said?.kind === 'ready') target.postMessage({ source, dark }, '*');
      else if (said?.kind === 'drawn') setDrawn({ source, height: said.height });
      else if (said?.kind === 'failed') onFailure(said.message);
    };
    window.addEventListener('message', onMessage);
    const late = setTimeout(() => onFailure(''), MOST_WAIT_MS);
    return () => {
      window.removeEventListener('message', onMessage);
      clearTimeout(late);
    };
  }, [frame, source, dark, isDrawn, onFailure]);
  return isDrawn ? drawn.height : null;
}
