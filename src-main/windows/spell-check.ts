import type { Session } from 'electron';
import type { Settings } from '#contract/settings';

/**
 * Whether spelling is checked. macOS has dictionaries of its own; elsewhere Chromium fetches one from a server of Google,
 * and Sluice asks nobody for anything unless a person wants it.
 */
export function checksSpelling(choice: Settings['spellCheck'], platform: NodeJS.Platform): boolean {
  return choice === 'on' || (choice === 'auto' && platform === 'darwin');
}

/** Checks in the languages of the system, as far as there are dictionaries. */
export function setSpellCheck(session: Session, isOn: boolean, platform: NodeJS.Platform, preferred: string[]): void {
  session.setSpellCheckerEnabled(isOn);
  // macOS tells the language by itself and ignores this.
  if (!isOn || platform === 'darwin') return;
  const known = session.availableSpellCheckerLanguages;
  const wanted = preferred.flatMap((tag) => {
    const exact = known.find((each) => each.toLowerCase() === tag.toLowerCase());
    return exact ?? known.find((each) => each === tag.split('-')[0]) ?? [];
  });
  session.setSpellCheckerLanguages([...new Set(wanted.length === 0 ? ['en-GB'] : wanted)]);
}
