import { isComposing } from './is-composing.ts';

/** Keys that belong to a chord are nobody's text. */
function isChord(event: KeyboardEvent): boolean {
  return event.ctrlKey || event.metaKey || event.altKey;
}

/** Keys with a name that a part may want. */
const HELD: ReadonlySet<string> = new Set(['Enter', 'Escape', 'Backspace']);

/** Keys that wait for a part whose code is on its way. */
export interface HeldKeys {
  /**
   * Types them into what has the focus, in their order. What is pressed meanwhile comes behind them: keys go past again
   * when none is left.
   */
  release(): Promise<void>;
  /** Lets go at once. What was held is forgotten. */
  drop(): void;
}

/**
 * Holds what is typed for a part whose code is still on its way: it must not land in what lies below, where Enter might send
 * it. Whoever holds them releases or drops them.
 */
export function holdKeys(): HeldKeys {
  const keys: string[] = [];
  let isTyping = false;
  let isReleasing = false;
  const hold = (event: KeyboardEvent) => {
    // Our own go where they are sent.
    if (isTyping || isChord(event) || isComposing(event)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.key === 'Backspace' && keys.at(-1)?.length === 1) keys.pop();
    else if (event.key.length === 1 || HELD.has(event.key) || event.key.startsWith('Arrow')) keys.push(event.key);
  };
  addEventListener('keydown', hold, { capture: true });
  const drop = () => removeEventListener('keydown', hold, { capture: true });
  return {
    drop() {
      if (!isReleasing) drop();
    },
    async release() {
      isReleasing = true;
      for (let key = keys.shift(); key !== undefined; key = keys.shift()) {
        isTyping = true;
        typeKey(key);
        isTyping = false;
        // What a key changed is drawn before the next one comes.
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      drop();
    },
  };
}

/** Types a key into what has the focus now. */
function typeKey(key: string): void {
  const focused = document.activeElement;
  if (focused instanceof HTMLInputElement && (key.length === 1 || key === 'Backspace')) {
    const [start, end] = [focused.selectionStart ?? 0, focused.selectionEnd ?? 0];
    const isBack = key === 'Backspace';
    focused.setRangeText(isBack ? '' : key, isBack && start === end ? Math.max(0, start - 1) : start, end, 'end');
    const inputType = isBack ? 'deleteContentBackward' : 'insertText';
    focused.dispatchEvent(new InputEvent('input', { bubbles: true, data: isBack ? null : key, inputType }));
  } else if (key === 'Escape' && focused?.closest('dialog') != null) focused.closest('dialog')?.close();
  else focused?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
}
