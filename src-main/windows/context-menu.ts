import { type BrowserWindow, type ContextMenuParams, clipboard, Menu, type MenuItemConstructorOptions } from 'electron';
import type { DesktopWords } from '#contract/desktop-words';
import { openableUrl } from './app-page.ts';
import { oneLine } from './one-line.ts';

const MAX_SUGGESTIONS = 5;
const MAX_WORD_CHARS = 40;

/** What of Electron's parameters the menu is made of. */
export type ContextOf = Pick<
  ContextMenuParams,
  'misspelledWord' | 'dictionarySuggestions' | 'isEditable' | 'selectionText' | 'linkURL' | 'editFlags'
>;

export interface ContextActions {
  replace: (word: string) => void;
  learn: (word: string) => void;
  copyLink: (address: string) => void;
}

/** The menu of the right button: what can be done at this place and nothing that cannot. Empty for a place without any. */
function contextMenu(
  at: ContextOf,
  words: DesktopWords['context'],
  actions: ContextActions,
): MenuItemConstructorOptions[] {
  const { misspelledWord, dictionarySuggestions, isEditable, selectionText, linkURL, editFlags } = at;
  const line = { type: 'separator' } as const;
  const spelling: MenuItemConstructorOptions[] =
    misspelledWord === '' || !isEditable
      ? []
      : [
          ...dictionarySuggestions.slice(0, MAX_SUGGESTIONS).map((word) => ({
            label: oneLine(word, MAX_WORD_CHARS),
            click: () => actions.replace(word),
          })),
          ...(dictionarySuggestions.length === 0 ? [{ label: words.noSuggestion, enabled: false }] : []),
          { label: words.learn, click: () => actions.learn(misspelledWord) },
        ];
  const address = openableUrl(linkURL);
  const link = address === null ? [] : [{ label: words.copyLink, click: () => actions.copyLink(address) }];
  const editing: MenuItemConstructorOptions[] = isEditable
    ? [
        { role: 'cut', label: words.cut, enabled: editFlags.canCut },
        { role: 'copy', label: words.copy, enabled: editFlags.canCopy },
        { role: 'paste', label: words.paste, enabled: editFlags.canPaste },
        { role: 'selectAll', label: words.selectAll, enabled: editFlags.canSelectAll },
      ]
    : selectionText.trim() === ''
      ? []
      : [{ role: 'copy', label: words.copy, enabled: editFlags.canCopy }];
  return [spelling, link, editing]
    .filter((part) => part.length > 0)
    .flatMap((part, index) => (index === 0 ? part : [line, ...part]));
}

/** Shows the menu in a window, in the language of the moment. */
export function addContextMenu(window: BrowserWindow, words: () => DesktopWords): void {
  const { webContents } = window;
  webContents.on('context-menu', (_event, params) => {
    const template = contextMenu(params, words().context, {
      replace: (word) => webContents.replaceMisspelling(word),
      learn: (word) => webContents.session.addWordToSpellCheckerDictionary(word),
      copyLink: (address) => {
        // A clipboard that another program holds: the person sees that nothing was copied, and tries again.
        clipboard.writeText(address).catch(() => undefined);
      },
    });
    if (template.length > 0) Menu.buildFromTemplate(template).popup({ window });
  });
}
