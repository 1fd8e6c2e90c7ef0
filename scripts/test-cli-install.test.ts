import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'sluice-clis-'));

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

it.skipIf(process.platform === 'win32')(
  '[E11-07] an installation that was ended in the middle is made again',
  async () => {
    // What npm leaves behind when it is killed: the folders, without the programs.
    for (const name of ['@anthropic-ai/claude-code', '@openai/codex'])
      mkdirSync(join(folder, 'node_modules', name), { recursive: true });
    const npm = join(folder, 'npm');
    writeFileSync(npm, '#!/bin/sh\ntouch "$(dirname "$0")/asked"\n');
    chmodSync(npm, 0o755);
    vi.stubEnv('SLUICE_CLI_DIR', folder);
    vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH'] ?? ''}`);
    const { installClis } = await import('./clis/programs.mjs');
    await installClis();
    expect(existsSync(join(folder, 'asked'))).toBe(true);
  },
);
