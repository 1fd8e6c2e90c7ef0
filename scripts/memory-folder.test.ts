import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isFit, keepTestFoldersInMemory } from './memory-folder.mjs';

const GIB = 2 ** 30;
const MOUNT = 'tmpfs /dev/shm tmpfs rw,relatime,size=24684096k 0 0';

describe('memory for the tests’ folders', () => {
  it('is taken where there is room, and programs may be started from it', () => {
    expect(isFit(`/dev/vda / ext4 rw 0 0\n${MOUNT}\n`, 4 * GIB)).toBe(true);
    expect(isFit(MOUNT, 64 * 2 ** 20)).toBe(false);
    expect(isFit('shm /dev/shm tmpfs rw,nosuid,nodev,noexec,relatime 0 0', 4 * GIB)).toBe(false);
    expect(isFit('tmpfs /dev/shm tmpfs ro 0 0', 4 * GIB)).toBe(false);
    expect(isFit('/dev/vda / ext4 rw 0 0', 4 * GIB)).toBe(false);
    // The last one lies over the others.
    expect(isFit(`${MOUNT}\nshm /dev/shm tmpfs rw,noexec 0 0`, 4 * GIB)).toBe(false);
  });

  it('leaves a TMPDIR that somebody chose', () => {
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = '/somewhere/else';
    try {
      keepTestFoldersInMemory();
      expect(process.env['TMPDIR']).toBe('/somewhere/else');
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
  });

  it('goes with the process, or with the next one when the process was killed', () => {
    const script = fileURLToPath(new URL('memory-folder.mjs', import.meta.url));
    const { TMPDIR: _own, ...env } = process.env;
    const start = (last: string) => {
      const body = `import { keepTestFoldersInMemory } from ${JSON.stringify(script)};
keepTestFoldersInMemory(); console.log(process.env.TMPDIR ?? ''); ${last}`;
      const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', body], {
        env,
        encoding: 'utf8',
      });
      return stdout.trim();
    };
    const ended = start('');
    const killed = start("process.kill(process.pid, 'SIGKILL');");
    // Where there is no such memory, nothing is said and nothing is left.
    if (ended === '') return expect(killed).toBe('');
    expect(existsSync(ended)).toBe(false);
    expect(existsSync(killed)).toBe(true);
    start('');
    expect(existsSync(killed)).toBe(false);
  });
});
