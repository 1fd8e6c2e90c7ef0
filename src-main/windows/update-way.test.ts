import { describe, expect, it } from 'vitest';
import { readUpdateFailure } from './read-update-failure.ts';
import { type InstalledAs, updateWay } from './update-way.ts';

const installed: InstalledAs = { platform: 'win32', isPackaged: true, hasFeed: true, packageType: null, env: {} };

describe('how a copy is updated', () => {
  it.each<[string, Partial<InstalledAs>, string]>([
    ['an installed Windows program', {}, 'self'],
    ['a portable Windows program', { env: { PORTABLE_EXECUTABLE_FILE: 'D:\\Sluice.exe' } }, 'portable'],
    ['a macOS application', { platform: 'darwin' }, 'self'],
    ['an AppImage', { platform: 'linux', env: { APPIMAGE: '/home/ada/Sluice.AppImage' } }, 'self'],
    ['a package of Debian', { platform: 'linux', packageType: 'deb' }, 'deb'],
    ['an archive', { platform: 'linux' }, 'archive'],
    ['a build that knows no place', { hasFeed: false }, 'unnamed'],
    ['the sources', { isPackaged: false }, 'sources'],
  ])('[E12] %s', (_name, change, way) => {
    expect(updateWay({ ...installed, ...change })).toBe(way);
  });
});

describe('what a failed update means', () => {
  const coded = (code: string, message = 'x') => Object.assign(new Error(message), { code });

  it.each([
    [coded('ERR_UPDATER_CHANNEL_FILE_NOT_FOUND'), 'missing'],
    [coded('ERR_UPDATER_LATEST_VERSION_NOT_FOUND', 'Unable to find latest version: net::ERR_X'), 'missing'],
    [coded('HTTP_ERROR_404'), 'missing'],
    [coded('HTTP_ERROR_503'), 'offline'],
    [new Error('net::ERR_INTERNET_DISCONNECTED'), 'offline'],
    [coded('ENOTFOUND'), 'offline'],
    [new Error('sha512 checksum mismatch, expected a, got b'), 'damaged'],
    [coded('ERR_UPDATER_INVALID_SIGNATURE'), 'unsigned'],
    [new Error('Could not get code signature for running application'), 'unsigned'],
    [coded('ENOSPC'), 'full'],
    [new Error('Cannot update while running on a read-only volume.'), 'denied'],
  ])('[E12] %s is %s', (thrown, kind) => {
    expect(readUpdateFailure(thrown, 'download')).toEqual({ during: 'download', kind, message: null });
  });

  it('[E12] [BUG-A29] what is not known keeps its first line, short and without hidden characters', () => {
    const { kind, message } = readUpdateFailure(new Error(`odd \u202e${'x'.repeat(900)}\nat stack`), 'check');
    expect([kind, message?.length, message?.startsWith('odd xx')]).toEqual(['other', 240, true]);
  });
});
