import { fileURLToPath } from 'node:url';
import manifest from '../package.json' with { type: 'json' };
import { systemKeyring } from './credentials/system-keyring.ts';
import { answerCommand } from './diagnostics/answer-command.ts';
import { keyringName } from './diagnostics/check-keyring.ts';
import { guardProcess } from './diagnostics/guard-process.ts';
import { type AskedFor, readArguments } from './diagnostics/read-arguments.ts';
import { createHostLife } from './host-life.ts';
import { failureOf, toAppFailure } from './platform/app-failure.ts';
import { systemClock } from './platform/clock.ts';
import { dataPaths, defaultDataDir, ensureDataDir } from './platform/paths.ts';
import { stopWithin } from './platform/stop-within.ts';
import { ownerToken } from './platform/token-file.ts';

/** Where the page is served when no port is asked for: the same each time, so that a bookmark keeps working. */
const DEFAULT_PORT = 47820;

function readPort(text: string | undefined): number | null {
  if (text === undefined || text === '') return null;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw failureOf('invalid_payload', { word: 'no_port', with: { text } });
  }
  return port;
}

/**
 * Runs Sluice without a window: the core, the loopback server and the page on one port. Announces itself with one JSON
 * line on stdout; everything else goes to the log file. Ends with SIGINT or SIGTERM.
 *
 * @param entryUrl where the built entry lies; the page and the read worker are found from there.
 */
export async function runHeadless(entryUrl: string): Promise<void> {
  const asked = readArguments(process.argv.slice(2));
  if (asked.kind !== 'run') return answerAndEnd(asked);
  try {
    const env = process.env;
    const dataDir = defaultDataDir(env);
    ensureDataDir(dataDir);
    const askedPort = readPort(env['SLUICE_PORT']);
    const passphrase = env['SLUICE_VAULT_PASSPHRASE'];
    const found: { trouble?: string } = {};
    const core = createHostLife({
      host: 'headless',
      dataDir,
      version: manifest.version,
      capabilities: {
        cipher: null,
        ...(env['SLUICE_KEYRING'] === 'off' ? {} : { keyring: systemKeyring() }),
        ...(passphrase === undefined ? {} : { vaultPassphrase: passphrase }),
      },
      loopback: {
        token: ownerToken(env['SLUICE_TOKEN'], dataPaths(dataDir).token),
        port: askedPort ?? DEFAULT_PORT,
        anyPortWhenTaken: askedPort === null,
        rendererDir: fileURLToPath(new URL('../renderer', entryUrl)),
      },
      // Built, the worker is a file of its own beside the entry; from sources it is the source.
      readWorkerUrl: new URL(entryUrl.endsWith('.ts') ? './store/read-worker.ts' : './store-worker.js', entryUrl),
      tokenWorkerUrl: new URL(
        entryUrl.endsWith('.ts') ? './compressor/token-worker.ts' : './token-worker.js',
        entryUrl,
      ),
      dataWorkerUrl: new URL(entryUrl.endsWith('.ts') ? './data/data-worker.ts' : './data-worker.js', entryUrl),
      onTrouble(trouble) {
        found.trouble = trouble.kind;
        process.stderr.write(`${trouble.message}\nOpen the page to choose what to do.\n`);
      },
      onFatal: fail,
    });
    guardProcess((thrown, kind) => {
      const { message } = core.crashed(thrown, kind);
      process.stderr.write(
        `Sluice ended unexpectedly: ${message}\nWhat was stored is safe. Start it again; the details are in ${dataPaths(dataDir).log}\n`,
      );
      process.exit(1);
    });
    let stopping = false;
    const stop = () => {
      // Asked twice, somebody is in a hurry: what was acknowledged is stored, and the next start takes up the rest.
      if (stopping) process.exit(1);
      stopping = true;
      stopWithin(core.stop('signal'), systemClock).then(
        (how) => {
          // Somebody who asked for the end is not kept from it; a service manager may want to know.
          if (how === 'late')
            process.stderr.write('Sluice did not end in order in time. The next start takes up the rest.\n');
          process.exit(how === 'late' ? 1 : 0);
        },
        (thrown: unknown) => fail(thrown),
      );
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
    // Started by an older Node: when that one is gone, whoever wanted this host is gone too.
    if (process.connected) process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
    // Nothing else holds the process before it listens: a start that waits for a locked or full disk would just end.
    const awake = setInterval(() => undefined, 60_000);
    await core.start().finally(() => clearInterval(awake));
    process.stdout.write(
      `${JSON.stringify({ event: 'listening', url: core.url, pid: process.pid, dataDir, ...found })}\n`,
    );
  } catch (thrown) {
    fail(thrown);
  }
}

/** Answers `--version`, `--help` and `doctor`, and ends: no host is started, and nothing is changed. */
async function answerAndEnd(asked: Exclude<AskedFor, { kind: 'run' }>): Promise<void> {
  const { env } = process;
  try {
    process.exitCode = await answerCommand(asked, {
      host: 'headless',
      version: manifest.version,
      doctor: () => {
        const port = readPort(env['SLUICE_PORT']);
        const keyring = systemKeyring();
        return {
          dataDir: defaultDataDir(env),
          version: manifest.version,
          ports: [{ port: port ?? DEFAULT_PORT, name: 'the page', use: port === null ? 'any' : 'this' }],
          keyring: {
            name: keyringName(process.platform),
            hasPassphrase: (env['SLUICE_VAULT_PASSPHRASE'] ?? '') !== '',
            ask: env['SLUICE_KEYRING'] === 'off' ? null : () => keyring.read('doctor'),
          },
        };
      },
      out: (text) => process.stdout.write(text),
      err: (text) => process.stderr.write(text),
    });
  } catch (thrown) {
    fail(thrown);
  }
  // A keyring that waits for a person would hold the process; what was said is out before it ends.
  process.stdout.write('', () => process.exit());
}

function fail(thrown: unknown): void {
  const failure = toAppFailure(thrown);
  const message =
    failure.code === 'internal' && thrown instanceof Error ? (thrown.stack ?? thrown.message) : failure.message;
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
