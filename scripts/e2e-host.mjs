// Which host the end-to-end tests run in. A decision of its own, so that it can be tested and is always said aloud.

/**
 * @param {{ wanted: string | undefined, display: boolean, binary: boolean }} facts
 * @returns {{ host: 'electron' | 'headless', reason: string } | { problem: string }}
 */
export function chooseE2eHost({ wanted, display, binary }) {
  const lacking = !binary ? 'there is no Electron binary' : !display ? 'there is no display' : null;
  switch (wanted) {
    case 'headless':
      return { host: 'headless', reason: 'E2E_HOST=headless' };
    case 'electron':
      return lacking === null
        ? { host: 'electron', reason: 'E2E_HOST=electron' }
        : { problem: `E2E_HOST=electron, but ${lacking}. \`npx install-electron\` fetches the binary.` };
    case undefined:
    case '':
    case 'auto':
      return lacking === null
        ? { host: 'electron', reason: 'a binary and a display are there' }
        : { host: 'headless', reason: lacking };
    default:
      return { problem: `E2E_HOST is auto, electron or headless, not ${wanted}.` };
  }
}
