import { useEffect } from 'react';
import type { ChatEvent } from '#contract/events';
import type { SluiceApi } from '#contract/routes';
import { useCore } from './use-api.ts';

/** What the sidebar says of a page is nobody's first interest: it is asked for once the rest stands. */
const AFTER_START_MS = 1500;

/**
 * Loads something a while after the start, and again after each event of a kind.
 *
 * @param load the same function in every drawing.
 * @param pauseMs several events within it are one question.
 */
export function useKeptFresh(load: (api: SluiceApi) => void, kind: ChatEvent['event'], pauseMs: number): void {
  const { api } = useCore();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const soon = (waitMs: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => load(api), waitMs);
    };
    const off = api.onEvent((event) => {
      if (event.event === kind) soon(pauseMs);
    });
    soon(AFTER_START_MS);
    return () => {
      clearTimeout(timer);
      off();
    };
  }, [api, load, kind, pauseMs]);
}
