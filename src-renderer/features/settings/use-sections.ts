import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { sectionAt } from './section-at.ts';

export interface PageSection {
  name: string;
  title: string;
}

export interface Sections {
  /** Those that have a setting to show now, in their order. */
  shown: readonly PageSection[];
  /** How many settings are shown. */
  count: number;
  /** The one that is read. */
  current: string | null;
  /** Brings a section to the top and the keyboard with it; one that is not there yet as soon as it is. */
  jump: (name: string) => void;
}

const SHOWN_SETTING = '[data-setting]:not([hidden])';

function sectionsIn(page: HTMLElement): HTMLElement[] {
  return [...page.querySelectorAll<HTMLElement>('[data-section]')].filter(
    (section) => section.querySelector(SHOWN_SETTING) !== null,
  );
}

/**
 * The sections of a page, read from the page itself: what stands there depends on the host, on what has come and on the
 * filter, and no second list could be kept in step with it.
 */
export function useSections(pageRef: RefObject<HTMLElement | null>): Sections {
  const [shown, setShown] = useState<readonly PageSection[]>([]);
  const [count, setCount] = useState(0);
  const [current, setCurrent] = useState<string | null>(null);
  const wanted = useRef<string | null>(null);
  /** A section near the end cannot come to the top: it stays the one that was jumped to until the page moves again. */
  const held = useRef<{ name: string; topPx: number } | null>(null);

  const look = useCallback(() => {
    const element = pageRef.current;
    if (element === null) return;
    if (held.current !== null && Math.abs(element.scrollTop - held.current.topPx) < 1) {
      setCurrent(held.current.name);
      return;
    }
    held.current = null;
    const top = element.getBoundingClientRect().top;
    const places = sectionsIn(element).map((section) => ({
      name: section.dataset['section'] ?? '',
      topPx: section.getBoundingClientRect().top - top,
    }));
    const atEnd = element.scrollTop > 0 && element.scrollTop + element.clientHeight >= element.scrollHeight - 2;
    setCurrent(sectionAt(places, atEnd));
  }, [pageRef]);

  const settle = useCallback(() => {
    const element = pageRef.current;
    const name = wanted.current;
    if (element === null || name === null) return;
    const section = sectionsIn(element).find((each) => each.dataset['section'] === name);
    if (section === undefined) return;
    wanted.current = null;
    // Not `scrollIntoView`: it moves the window's frame too where the page can go no further.
    const margin = Number.parseFloat(getComputedStyle(section).scrollMarginTop) || 0;
    element.scrollTop += section.getBoundingClientRect().top - element.getBoundingClientRect().top - margin;
    section.querySelector('h2')?.focus({ preventScroll: true });
    held.current = { name, topPx: element.scrollTop };
    setCurrent(name);
  }, [pageRef]);

  useEffect(() => {
    const element = pageRef.current;
    if (element === null) return;
    const read = () => {
      const sections = sectionsIn(element);
      const next = sections.map((section) => ({
        name: section.dataset['section'] ?? '',
        title: section.getAttribute('aria-label') ?? '',
      }));
      setShown((before) => (JSON.stringify(before) === JSON.stringify(next) ? before : next));
      setCount(element.querySelectorAll(SHOWN_SETTING).length);
      settle();
      look();
    };
    read();
    const changes = new MutationObserver(read);
    changes.observe(element, {
      subtree: true,
      childList: true,
      attributes: true,
      attributeFilter: ['hidden', 'aria-label'],
    });
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      changes.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [pageRef, look, settle]);

  const jump = useCallback(
    (name: string) => {
      wanted.current = name;
      settle();
    },
    [settle],
  );
  return { shown, count, current, jump };
}
