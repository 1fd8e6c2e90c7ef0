// The decisions of npm start, apart from the processes, so that each can be tested.

export const START_HELP = `Usage: npm start [-- --electron | --headless] [-- --no-sandbox]
       npm start -- doctor [--json]
  --electron    the desktop application, or an error where it cannot run
  --headless    the headless host: Sluice in a browser on this machine
  --no-sandbox  passed on to Electron, which root needs
  --version     says which Sluice this is
  --help        says this
  doctor        checks folder, conversations, keyring, ports and versions; changes nothing
Without an option: the desktop application where there is a display and a binary, otherwise the headless host.
SLUICE_DATA_DIR is another folder for the data, SLUICE_PORT another port of the headless host; README.md has the others.`;

/**
 * @typedef {'electron' | 'headless'} Host
 */

/**
 * Reads the command line. `npm start --headless` without `--` reaches a script only as an environment variable.
 *
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {{ host: Host | null, help: boolean, version: boolean, passedOn: string[], asked: string[] } | { problem: string }}
 *   `asked` is what the host answers instead of running.
 */
export function readStartOptions(args, env) {
  /** @type {Set<Host>} */
  const hosts = new Set();
  if (env['npm_config_electron'] === 'true') hosts.add('electron');
  if (env['npm_config_headless'] === 'true') hosts.add('headless');
  let help = false;
  let version = false;
  const passedOn = [];
  const asked = [];
  for (const arg of args) {
    if (arg === '--electron') hosts.add('electron');
    else if (arg === '--headless') hosts.add('headless');
    else if (arg === '--help' || arg === '-h') help = true;
    else if (arg === '--version' || arg === '-v') version = true;
    else if (arg === 'doctor' || arg === '--doctor') asked.unshift('doctor');
    else if (arg === '--json') asked.push(arg);
    else if (arg === '--no-sandbox') passedOn.push(arg);
    else return { problem: `npm start does not know ${arg}. --help lists what there is.` };
  }
  if (asked.length > 0 && asked[0] !== 'doctor') return { problem: '--json belongs to doctor.' };
  if (hosts.size > 1) return { problem: '--electron and --headless exclude each other.' };
  return { host: [...hosts][0] ?? null, help, version, passedOn, asked };
}

/**
 * Which host to start, with the one line that says why it is not the desktop application.
 *
 * @param {{ wanted: Host | null, display: boolean, binary: boolean }} facts
 * @returns {{ host: Host, reason: string | null } | { problem: string }}
 */
export function chooseHost({ wanted, display, binary }) {
  if (wanted === 'headless') return { host: 'headless', reason: null };
  if (wanted === 'electron') {
    if (!binary) {
      return {
        problem:
          'The Electron binary is missing. Run `npx install-electron` where the network allows it, or set ' +
          'ELECTRON_EXEC_PATH to a binary. `npm start -- --headless` works without one.',
      };
    }
    // Without a display Electron itself says what it misses; a virtual one may be set up in ways unknown here.
    return { host: 'electron', reason: null };
  }
  if (!display)
    return { host: 'headless', reason: 'No display here: starting the headless host instead of the window.' };
  if (!binary) {
    return {
      host: 'headless',
      reason: 'No Electron binary here (`npx install-electron` fetches it): starting the headless host instead.',
    };
  }
  return { host: 'electron', reason: null };
}

/**
 * The headless host's first line, or null when it is something else.
 *
 * @param {string} line
 * @returns {{ url: string, pid: number, dataDir: string | null } | null}
 */
export function parseListening(line) {
  let value;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  if (value.event !== 'listening' || typeof value.url !== 'string' || typeof value.pid !== 'number') return null;
  return { url: value.url, pid: value.pid, dataDir: typeof value.dataDir === 'string' ? value.dataDir : null };
}
