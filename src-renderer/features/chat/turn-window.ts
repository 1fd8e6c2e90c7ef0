import { createContext, startTransition, useContext } from 'react';
import { flushSync } from 'react-dom';

/** Drawn this far beyond the window, and given up again this far from it; the gap keeps a turn from flickering. */
const NEAR_PX = 1200;
const FAR_PX = 4800;

/** One turn's place, and what it can be told. */
export interface Shell {
  key: string;
  /** Whether its turn is drawn now. */
  isDrawn: () => boolean;
  setDrawn: (drawn: boolean) => void;
  /** Told before it is given up. */
  measured: (px: number) => void;
}

/**
 * Which turns of a conversation are drawn: those near the window. The others keep their place as an empty element of their
 * height, so a conversation of thousands costs what is looked at. What would lose something stays drawn: a live answer, a
 * field that is written in, whatever holds the focus or the selection.
 */
export class TurnWindow {
  readonly #shells = new Map<Element, Shell>();
  #near: IntersectionObserver | null = null;
  #far: IntersectionObserver | null = null;

  /** Begins to watch what is near; ends with the call of what it returns. */
  attach(scroller: HTMLElement): () => void {
    const near = new IntersectionObserver((entries) => this.#onNear(entries, scroller), {
      root: scroller,
      rootMargin: `${NEAR_PX}px 0px`,
    });
    const far = new IntersectionObserver((entries) => this.#onFar(entries), {
      root: scroller,
      rootMargin: `${FAR_PX}px 0px`,
    });
    this.#near = near;
    this.#far = far;
    for (const element of this.#shells.keys()) this.#watch(element);
    const endPrinting = this.#drawForPrint();
    return () => {
      endPrinting();
      near.disconnect();
      far.disconnect();
      this.#near = null;
      this.#far = null;
    };
  }

  add(element: Element, shell: Shell): () => void {
    this.#shells.set(element, shell);
    this.#watch(element);
    return () => {
      this.#shells.delete(element);
      this.#near?.unobserve(element);
      this.#far?.unobserve(element);
    };
  }

  /** Draws a turn now, wherever it stands. @returns its place; null for a turn that is not in the list. */
  draw(key: string): Element | null {
    for (const [element, shell] of this.#shells) {
      if (shell.key !== key) continue;
      flushSync(() => shell.setDrawn(true));
      return element;
    }
    return null;
  }

  /** Paper has no window: all turns are drawn before it is laid out, and those that were not are given up again after it. */
  #drawForPrint(): () => void {
    let drawn: [Element, Shell][] = [];
    const before = () => {
      drawn = [...drawn, ...[...this.#shells].filter(([, shell]) => !shell.isDrawn())];
      flushSync(() => {
        for (const [, shell] of drawn) shell.setDrawn(true);
      });
    };
    const after = () => {
      for (const [element, shell] of drawn) if (!isHeld(element)) shell.setDrawn(false);
      drawn = [];
      // What has come near meanwhile is told of again.
      for (const element of this.#shells.keys()) {
        this.#near?.unobserve(element);
        this.#near?.observe(element);
      }
    };
    addEventListener('beforeprint', before);
    addEventListener('afterprint', after);
    return () => {
      removeEventListener('beforeprint', before);
      removeEventListener('afterprint', after);
    };
  }

  #watch(element: Element): void {
    this.#near?.observe(element);
    this.#far?.observe(element);
  }

  #onNear(entries: readonly IntersectionObserverEntry[], scroller: HTMLElement): void {
    const ahead: Shell[] = [];
    const view = scroller.getBoundingClientRect();
    for (const { target, isIntersecting, boundingClientRect: place } of entries) {
      const shell = this.#shells.get(target);
      if (shell === undefined || !isIntersecting || shell.isDrawn()) continue;
      if (place.bottom > view.top && place.top < view.bottom) shell.setDrawn(true);
      else ahead.push(shell);
    }
    // What is not in sight yet is drawn in the pauses between frames.
    if (ahead.length > 0) {
      startTransition(() => {
        for (const shell of ahead) shell.setDrawn(true);
      });
    }
  }

  #onFar(entries: readonly IntersectionObserverEntry[]): void {
    const gone: Shell[] = [];
    for (const { target, isIntersecting, boundingClientRect } of entries) {
      const shell = this.#shells.get(target);
      if (shell === undefined || isIntersecting || !shell.isDrawn() || isHeld(target)) continue;
      shell.measured(boundingClientRect.height);
      gone.push(shell);
    }
    if (gone.length > 0) {
      startTransition(() => {
        for (const shell of gone) shell.setDrawn(false);
      });
    }
  }
}

/** Whether giving an element up would lose something that the reader has in hand. */
function isHeld(element: Element): boolean {
  if (element.contains(document.activeElement)) return true;
  if (element.querySelector('[aria-busy="true"], form, textarea') !== null) return true;
  const selection = document.getSelection();
  return selection !== null && !selection.isCollapsed && selection.containsNode(element, true);
}

export const TurnWindowContext = createContext<TurnWindow | null>(null);

export function useTurnWindow(): TurnWindow {
  const window = useContext(TurnWindowContext);
  if (window === null) throw new Error('useTurnWindow() outside of a conversation');
  return window;
}
