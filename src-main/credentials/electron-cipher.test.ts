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
    const sealed = await cipher?.seal('sk-schlüssel');
    expect(Buffer.from(sealed ?? []).toString()).not.toContain('sk-');
    expect(await cipher?.open(sealed ?? new Uint8Array())).toBe('sk-schlüssel');
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
    await expect(cipher?.open(new Uint8Array())).rejects.toMatchObject({
      code: 'secrets_locked',
      retry: { kind: 'user-action', action: 'unlock-keys' },
    });
  });
});
