/** The key that belongs to an input method, in what browsers call its code. */
const INPUT_METHOD = 229;

/**
 * Whether a key is an input method's: its Enter takes a suggestion and its Escape gives it up, and neither is for whoever
 * reads the text. Safari ends the composition before it tells of the Enter that ended it; only the code is left then.
 */
export function isComposing(event: Pick<KeyboardEvent, 'isComposing' | 'keyCode'>): boolean {
  return event.isComposing || event.keyCode === INPUT_METHOD;
}
