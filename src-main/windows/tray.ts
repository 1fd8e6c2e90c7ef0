import { Menu, nativeImage, Tray } from 'electron';
import type { DesktopState } from '#contract/desktop';
import type { DesktopWords } from '#contract/desktop-words';

/** The application's icon, 16 × 16 units at twice the density: within the code, so that no path has to be right. */
const ICON_32 =
  'iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAYAAABzenr0AAACi0lEQVR4nOyXX0hTURzHv2fzT0UlFP5hkZjkNJwFNftDRUU9GGZEEJv4EAUx6yn6AxpEPkRZPVQEpb3tKRsVERIEkUYQYWbLajSNECW3WSZqBNl2T+ee2Haveuu4db0IfuByz/md3zm/77n3/DXBYEwwmJRJrYdrdkAy7QfoWhBiRXL4QfESJsmNG/WPxxcSVe7IyRxIqZdZygk9oPQWzOFjuH4pGDWpv0Ak5QqT5IBeEFLJYsi/PdZBc6yw+pSTOZyB3hBig32zH+3P3slZxSCk1Zg24rHiAigp0nKvtK9E6GItlmcuwr8oyFzMfZ2sjjYkL5qKjwGCbC33dcuWImvBfNgs2fj45Ru2FORhqzVf5dPa9QlPu3tQbMnivutZnab2To0Wac5EAVNADl63a7vKVtcMLkAMkh5NGb4QzQqYFZDQLLjv9aFncEhl8/YFkAgJCXjzOcif/8HM+gUVJUVwsCU2Y+4c+AIDuPrkOfqGhpEMQgLmpaXy98GN9phtZ7EVhzaV4oD7Du6xMRElzfxngzWbiEjTYgLkPUAmMDyKsw9bEBwZ5ZvNvjUluOuq4mu+59VbWDIW4nT5Nu67OneJSNNiAjp6+7EhPxdHPc3wdPBtnPd6d5sX1xwVXMz43e99f0ikaTEBYUni77FIRGV/0PkBj3zdPHi5rRC9bDwMjHzHhb1l+DH2S6TpxKahkp/hCNwvXvNHZs+qFVOprpqGfi2nEOuV8v03BH1jseJD1VXbxM5r+h1IlVB6G43n+cFUeSRrxHRBaEM0GRdw81wLU+GG7rAYDfWtEwXISOkn2C3mK3SDDrKLwHGlZfLlylVTxrRVsdJSlitEUjFpFwvTJnY1MwDDd8PfAAAA//8rsbA7AAAABklEQVQDAAbcwaATrb0BAAAAAElFTkSuQmCC';

export interface TrayActions {
  show: () => void;
  newChat: () => void;
  quickQuestion: () => void;
  quit: () => void;
}

export interface TrayIcon {
  readonly state: DesktopState['tray'];
  /** Shows it or takes it away, in these words. */
  set(isShown: boolean, words: DesktopWords['tray']): void;
}

/**
 * The icon in the tray. Some Linux desktops have none and do not say so: a second start of Sluice brings a hidden window
 * back there, as everywhere.
 */
export function createTray(actions: TrayActions, report: (thrown: unknown) => void): TrayIcon {
  // Held here: an icon that is collected as garbage vanishes.
  let tray: Tray | null = null;
  let hasFailed = false;

  function open(): Tray | null {
    try {
      const opened = new Tray(nativeImage.createFromBuffer(Buffer.from(ICON_32, 'base64'), { scaleFactor: 2 }));
      opened.on('click', actions.show);
      hasFailed = false;
      return opened;
    } catch (thrown) {
      hasFailed = true;
      report(thrown);
      return null;
    }
  }

  return {
    get state() {
      return tray !== null ? 'on' : hasFailed ? 'failed' : 'off';
    },
    set(isShown, words) {
      if (!isShown) {
        tray?.destroy();
        tray = null;
        hasFailed = false;
        return;
      }
      tray ??= open();
      tray?.setToolTip(words.tip);
      tray?.setContextMenu(
        Menu.buildFromTemplate([
          { label: words.show, click: actions.show },
          { label: words.newChat, click: actions.newChat },
          { label: words.quickQuestion, click: actions.quickQuestion },
          { type: 'separator' },
          { label: words.quit, click: actions.quit },
        ]),
      );
    },
  };
}
