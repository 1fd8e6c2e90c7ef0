import { readCrashRecord } from '../platform/crash-record.ts';
import { systemDisk } from '../platform/disk.ts';
import { dataPaths } from '../platform/paths.ts';
import { findHostLock } from '../store/host-lock.ts';
import { inspectStore, knownSchemaVersion, sqliteVersions } from '../store/inspect-store.ts';
import { checkFolder, checkPermissions, checkSpace } from './check-folder.ts';
import { checkKeyring } from './check-keyring.ts';
import { checkPort, type PortUse, portState } from './check-port.ts';
import { checkHost, checkStore } from './check-store.ts';
import { electronVersion } from './electron-version.ts';
import { type DoctorReport, type Finding, note, problem, well } from './finding.ts';

/**
 * Looks at everything that Sluice stands on and changes none of it, also while it is running.
 *
 * @param options.ports what a host would listen on, and what it does where somebody else has it.
 * @param options.keyring see `checkKeyring`.
 */
export async function examine(options: {
  dataDir: string;
  version: string;
  ports: readonly { port: number; name: string; use: PortUse }[];
  keyring: { name: string; hasPassphrase: boolean; ask: (() => Promise<unknown>) | null };
  platform?: NodeJS.Platform;
  freeBytes?: (dir: string) => number;
}): Promise<DoctorReport> {
  const { dataDir, version, ports, keyring, platform = process.platform, freeBytes = systemDisk.freeBytes } = options;
  const paths = dataPaths(dataDir);
  const findings: Finding[] = [checkFolder(paths)];
  const permissions = checkPermissions(paths, platform);
  if (permissions !== null) findings.push(permissions);
  findings.push(checkSpace(paths, freeBytes));
  let isRunning = false;
  try {
    const held = findHostLock(paths);
    isRunning = held !== null;
    findings.push(checkHost(held));
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    findings.push(note('host', `Whether Sluice is running here is not to be found out (${reason}).`));
  }
  findings.push(checkStore(await inspectStore(paths.database), knownSchemaVersion()));
  findings.push(await checkKeyring(keyring));
  for (const { port, name, use } of ports) {
    // Any free one will do.
    if (port !== 0) findings.push(checkPort({ port, name, use, isRunning, state: await portState(port) }));
  }
  const crash = readCrashRecord(paths.crash);
  if (crash !== null) {
    const when = new Date(crash.atMs).toISOString();
    findings.push(note('crash', `Sluice ended unexpectedly at ${when} (${crash.error}).`, { atMs: crash.atMs }));
  }
  findings.push(checkVersions(version));
  return { well: findings.every(({ state }) => state !== 'problem'), version, findings };
}

function checkVersions(version: string): Finding {
  const { node } = process.versions;
  const electron = electronVersion();
  const base = { sluice: version, node, electron: electron ?? null };
  try {
    const { sqlite, betterSqlite3 } = sqliteVersions();
    const runtime = electron === undefined ? `Node ${node}` : `Electron ${electron}, Node ${node}`;
    return well('versions', `Sluice ${version}, ${runtime}, SQLite ${sqlite}, better-sqlite3 ${betterSqlite3}.`, {
      ...base,
      sqlite,
      betterSqlite3,
    });
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return problem(
      'versions',
      `SQLite cannot be loaded (${reason}).`,
      'Install Sluice anew; from its sources, remove node_modules and run npm start.',
      base,
    );
  }
}
