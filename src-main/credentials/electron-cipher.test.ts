import { describe, expect, it, vi } from 'vitest';
import { createElectronStub } from '../testing/electron-stub.ts';
import type { openElectronCipher as Open } from './electron-cipher.ts';

async function load(keyring: string): Promise<typeof Open> {
  vi.resetModules();
  const stub = createElectronStub({ keyring });
  vi.doMock('electron', () => stub.module);
  return (await import('./electron-cipher.ts')).openElectronCipher;
}

describe('the keyring’s cipher', () => {
  it('[E10-01] seals and opens', async () => {
    const cipher = await (await load('gnome_libsecret'))('linux');
    const sealed = (await cipher?.seal('sk-schlüssel', 'row 1')) ?? new Uint8Array();
    expect(Buffer.from(sealed).toString()).not.toContain('sk-');
    expect(await cipher?.open(sealed, 'row 1')).toBe('sk-schlüssel');
  });

  it('[E10-01] what was sealed for one row does not open in another', async () => {
    const cipher = await (await load('gnome_libsecret'))('linux');
    const sealed = (await cipher?.seal('sk-schlüssel', 'row 1')) ?? new Uint8Array();
    await expect(cipher?.open(sealed, 'row 2')).rejects.toMatchObject({ code: 'secrets_locked' });
  });

  it('[E10-01] a key that was sealed before there were bindings still opens', async () => {
    vi.resetModules();
    const stub = createElectronStub({ keyring: 'gnome_libsecret' });
    vi.doMock('electron', () => stub.module);
    const { openElectronCipher } = await import('./electron-cipher.ts');
    const cipher = await openElectronCipher('linux');
    const bare = await stub.module.safeStorage.encryptStringAsync('sk-older-key');
    expect(await cipher?.open(new Uint8Array(bare), 'row 1')).toBe('sk-older-key');
  });

  it.each([
    ['basic_text', 'linux'],
    ['unknown', 'linux'],
    ['none', 'linux'],
    ['none', 'darwin'],
  ] as const)('[E10-01] the backend %s on %s is no keyring', async (keyring, platform) => {
    expect(await (await load(keyring))(platform)).toBeNull();
  });

  it('[E10-01] macOS and Windows are not asked for a Linux backend', async () => {
    expect(await (await load('unknown'))('darwin')).not.toBeNull();
    expect(await (await load('unknown'))('win32')).not.toBeNull();
  });

  it('[E10-01] what cannot be opened is locked, with its remedy', async () => {
    const cipher = await (await load('gnome_libsecret'))('linux');
    await expect(cipher?.open(new Uint8Array(), 'row 1')).rejects.toMatchObject({
      code: 'secrets_locked',
      retry: { kind: 'user-action', action: 'unlock-keys' },
    });
  });
});
