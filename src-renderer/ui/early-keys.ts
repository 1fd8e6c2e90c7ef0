/** Keys that belong to a chord are nobody's text. */
function isChord(event: KeyboardEvent): boolean {
  return event.ctrlKey || event.metaKey || event.altKey;
}

/**
 * Holds what is typed for a part whose code is still on its way: it must not land in what lies below, where Enter might send
 * it. @returns a function that lets go and gives the keys in their order.
 */
export function holdKeys(): () => string[] {
  const keys: string[] = [];
  const hold = (event: KeyboardEvent) => {
    if (isChord(event) || event.isComposing) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.key.length === 1 || event.key === 'Enter' || event.key === 'Escape' || event.key.startsWith('Arrow'))
      keys.push(event.key);
    else if (event.key === 'Backspace') keys.pop();
  };
  addEventListener('keydown', hold, { capture: true });
  return () => {
    removeEventListener('keydown', hold, { capture: true });
    return keys;
  };
}

/** Types held keys into what has the focus now, as if they were pressed one after the other. */
export async function typeKeys(keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    const focused = document.activeElement;
    if (focused instanceof HTMLInputElement && key.length === 1) {
      focused.setRangeText(key, focused.selectionStart ?? 0, focused.selectionEnd ?? 0, 'end');
      focused.dispatchEvent(new InputEvent('input', { bubbles: true, data: key, inputType: 'insertText' }));
    } else if (key === 'Escape' && focused?.closest('dialog') != null) focused.closest('dialog')?.close();
    else focused?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    // What a key changed is drawn before the next one comes.
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}
