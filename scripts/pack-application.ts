// What `npm run pack:check` does once everything is installed and built: packs the application for this system with electron-builder and looks at what is in it. With an Electron
// of one's own (ELECTRON_OVERRIDE_DIST_PATH, or one that was fetched) the layout is the real one, fuses included; without it
// an empty folder stands in for Electron's files, and everything that is ours is packed all the same.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getRawHeader } from '@electron/asar';
import { Arch, Platform, build as pack } from 'electron-builder';
import config from '../electron-builder.config.mjs';
import { asarBytes, judgePackedFiles } from './packed-files.mjs';
import { hint, ROOT } from './setup.mjs';

const PLATFORMS = { linux: Platform.LINUX, darwin: Platform.MAC, win32: Platform.WINDOWS };

/** The folder of a local Electron for this system. */
function localElectron(): string | null {
  const named = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(ROOT, 'node_modules', 'electron', 'dist');
  return existsSync(join(named, 'version')) ? named : null;
}

/** A folder that has the names of Electron's files and none of its contents. */
function standIn(dir: string, version: string): string {
  mkdirSync(join(dir, 'resources'), { recursive: true });
  mkdirSync(join(dir, 'locales'));
  writeFileSync(join(dir, 'electron'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  writeFileSync(join(dir, 'version'), version);
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'locales/en-US.pak', 'locales/zh-CN.pak']) {
    writeFileSync(join(dir, name), '');
  }
  return dir;
}

interface PackedFile {
  path: string;
  bytes: number;
  isUnpacked: boolean;
}

interface ArchiveNode {
  files?: Record<string, ArchiveNode>;
  size?: number;
  unpacked?: boolean;
}

function filesOf(archive: string): PackedFile[] {
  const walk = (node: ArchiveNode, path: string): PackedFile[] =>
    node.files === undefined
      ? [{ path, bytes: node.size ?? 0, isUnpacked: node.unpacked === true }]
      : Object.entries(node.files).flatMap(([name, child]) => walk(child, path === '' ? name : `${path}/${name}`));
  return walk(getRawHeader(archive).header, '');
}

async function check(): Promise<number> {
  const platform = PLATFORMS[process.platform as keyof typeof PLATFORMS];
  const electron = localElectron();
  if (platform === undefined || (electron === null && process.platform !== 'linux')) {
    hint('Packing on this system needs Electron: `npx install-electron` fetches it.');
    return 1;
  }
  const dir = mkdtempSync(join(tmpdir(), 'sluice-pack-'));
  try {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules', 'electron', 'package.json'), 'utf8')) as {
      version: string;
    };
    const { electronFuses, ...rest } = config;
    await pack({
      projectDir: ROOT,
      targets: platform.createTarget('dir', process.arch === 'arm64' ? Arch.arm64 : Arch.x64),
      publish: 'never',
      config: {
        ...rest,
        // There is nothing in a stand-in that a fuse could be set in.
        ...(electron === null ? {} : { electronFuses }),
        electronDist: electron ?? standIn(join(dir, 'electron'), version),
        directories: { ...config.directories, output: join(dir, 'out') },
      },
    });
    const archive = archiveIn(join(dir, 'out'));
    const files = filesOf(archive);
    const problems = judgePackedFiles(files, { platform: process.platform, arch: process.arch });
    for (const problem of problems) hint(problem);
    const native = files.filter(({ isUnpacked }) => isUnpacked).reduce((sum, { bytes }) => sum + bytes, 0);
    hint(
      `Packed ${electron === null ? 'beside a stand-in for Electron' : `with Electron from ${electron}`}: ` +
        `${files.length} files, archive ${megabytes(statSync(archive).size)} MB (${megabytes(asarBytes(files))} MB of files), ` +
        `native ${megabytes(native)} MB, ${problems.length} problems.`,
    );
    return problems.length === 0 ? 0 : 1;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

function archiveIn(out: string): string {
  const places: Partial<Record<NodeJS.Platform, string[]>> = {
    linux: ['linux-unpacked', 'linux-arm64-unpacked'].map((folder) => join(out, folder, 'resources', 'app.asar')),
    darwin: ['mac', 'mac-arm64'].map((folder) => join(out, folder, 'Sluice.app', 'Contents', 'Resources', 'app.asar')),
    win32: ['win-unpacked', 'win-arm64-unpacked'].map((folder) => join(out, folder, 'resources', 'app.asar')),
  };
  const found = places[process.platform]?.find((path) => existsSync(path));
  if (found === undefined) throw new Error('electron-builder made no archive.');
  return found;
}

// Said at once: a hook of electron-builder ends a process that has nothing left to do with 0, whatever its exit code was.
process.exit(await check());
