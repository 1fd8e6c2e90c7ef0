import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import config from '../electron-builder.config.mjs';
import { judgePackedFiles } from './packed-files.mjs';

const target = { platform: 'linux', arch: 'x64' };
const file = (path: string, bytes = 1, isUnpacked = path.endsWith('.node')) => ({ path, bytes, isUnpacked });
const whole = [
  'package.json',
  'LICENSE',
  'out/main/electron.js',
  'out/main/headless.js',
  'out/main/store-worker.js',
  'out/main/token-worker.js',
  'out/preload/index.cjs',
  'out/renderer/index.html',
  'out/renderer/frames/diagram.html',
  'out/renderer/frames/mermaid.js.gz',
  'node_modules/better-sqlite3/lib/index.js',
  'node_modules/better-sqlite3/prebuilds/linux-x64.node',
  'node_modules/@napi-rs/keyring/index.js',
  'node_modules/@napi-rs/keyring-linux-x64-gnu/keyring.linux-x64-gnu.node',
].map((path) => file(path));

describe('the packed application', () => {
  it('[E12] that is whole and holds nothing else is in order', () => {
    expect(judgePackedFiles(whole, target)).toEqual([]);
  });

  it('[E12] may hold the page of credentials, which is code', () => {
    expect(judgePackedFiles([...whole, file('out/renderer/assets/credentials-page-Aez.js')], target)).toEqual([]);
  });

  it.each(whole)('[E12] lacks $path and is refused', ({ path }) => {
    expect(
      judgePackedFiles(
        whole.filter((one) => one.path !== path),
        target,
      ),
    ).toHaveLength(1);
  });

  it.each([
    ['out/main/electron.js.map', 'a source map'],
    ['out/main/compose.test.js', 'a test'],
    ['e2e/fake-upstream/script.js', 'a test'],
    ['src-main/compose.js', 'a file of the workshop'],
    ['out/main/.env', 'a hidden file'],
    ['out/sluice.db', 'a key or a store'],
    ['out/credentials.json', 'a key or a store'],
    ['node_modules/undici/index.js', 'of a package that is bundled'],
    ['node_modules/better-sqlite3/prebuilds/darwin-arm64.node', 'for another system'],
  ])('[E12] [BUG-A31] with %s is refused: it is %s', (path, what) => {
    expect(judgePackedFiles([...whole, file(path)], target).join(' ')).toContain(what);
  });

  it('[E12] a native part within the archive, and an archive that is too large, are refused', () => {
    const inside = whole.map((one) => ({ ...one, isUnpacked: false }));
    expect(judgePackedFiles(inside, target).join(' ')).toContain('cannot be loaded from within');
    expect(judgePackedFiles([...whole, file('out/main/big.js', 15_000_001)], target).join(' ')).toContain(
      'are allowed',
    );
  });
});

describe('the packing', () => {
  it('[E12] that finds a problem fails: nothing of electron-builder takes its exit code back', () => {
    const hook = join(import.meta.dirname, '..', 'node_modules', 'async-exit-hook');
    const endsWith = (end: string) =>
      spawnSync(process.execPath, ['-e', `require(${JSON.stringify(hook)})(() => {}); ${end}`]).status;
    // Why the script does not set the code and return.
    expect([endsWith('process.exitCode = 1'), endsWith('process.exit(1)')]).toEqual([0, 1]);
    const script = readFileSync(join(import.meta.dirname, 'pack-application.ts'), 'utf8');
    expect(script.trimEnd().endsWith('process.exit(await check());')).toBe(true);
  });

  it('[E12] has every fuse as it is to be', () => {
    expect(config.electronFuses).toEqual({
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
    });
  });

  it('[E12] keeps conversations where the application is removed, and publishes nothing by itself', () => {
    expect(config.nsis?.deleteAppDataOnUninstall).toBe(false);
    expect(config.publish).toBeNull();
    expect(config.mac?.hardenedRuntime).toBe(true);
  });

  it('[E12] claims its own kind of file and no other, and names packages so that none hides another', () => {
    expect(config.fileAssociations).toMatchObject([{ ext: 'sluice', role: 'Viewer' }]);
    for (const part of ['version', 'os', 'arch', 'ext']) expect(config.artifactName).toContain(`\${${part}}`);
  });
});
