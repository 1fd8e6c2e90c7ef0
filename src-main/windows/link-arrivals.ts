import { app } from 'electron';
import { LINK_SCHEME } from '#contract/links';

/** More than that before the application stands is not a person clicking. */
const MAX_EARLY = 5;

/** The link among a program's arguments, or null. Systems hand it over as one of them, wherever it stands. */
function linkIn(argv: readonly string[]): string | null {
  return argv.find((each) => each.toLowerCase().startsWith(`${LINK_SCHEME}:`)) ?? null;
}

/**
 * Collects links from wherever the system hands them over: this process's arguments, a second start, and on macOS an event
 * that may come before the application is ready. Nothing is read of them here.
 *
 * @param onLink hears each of them once `ready` was called.
 */
export function collectLinks(onLink: (address: string) => void): { ready: () => void } {
  const early: string[] = [];
  let isReady = false;
  const arrive = (address: string | null): void => {
    if (address === null) return;
    if (isReady) onLink(address);
    else if (early.length < MAX_EARLY) early.push(address);
  };
  // From sources the program would be Electron itself, which is nothing to be found under our scheme.
  if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME);
  arrive(linkIn(process.argv.slice(1)));
  app.on('second-instance', (_event, argv: readonly string[] = []) => arrive(linkIn(argv)));
  app.on('open-url', (event, address) => {
    event.preventDefault();
    arrive(address);
  });
  return {
    ready() {
      isReady = true;
      for (const address of early.splice(0)) onLink(address);
    },
  };
}
