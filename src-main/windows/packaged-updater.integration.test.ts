import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { tempDir } from '../testing/temp-dir.ts';

const DRIVE = join(import.meta.dirname, '..', 'testing', 'updater-drive.ts');
const NEW = Buffer.from('the new application');
const linux = process.platform === 'linux' && process.arch === 'x64';

// The real electron-updater over a real socket, as an AppImage runs it; what it replaces is a real file.
it.runIf(linux)(
  '[E12] a published version is found, staged, fetched, checked and put in place, and nobody is named',
  async () => {
    const folder = tempDir();
    const asked: { url: string; headers: string }[] = [];
    const release = { version: '0.2.0', stagingPercentage: undefined as number | undefined, body: NEW };
    const server = createServer((request, response) => {
      asked.push({ url: request.url ?? '', headers: JSON.stringify(request.headers) });
      if (request.url?.startsWith('/latest-linux.yml') === true) {
        const { version, stagingPercentage } = release;
        const sha512 = createHash('sha512').update(NEW).digest('base64');
        const files = [{ url: `Sluice-${version}-linux-x64.AppImage`, sha512, size: NEW.length }];
        // JSON is YAML.
        response.end(JSON.stringify({ version, files, stagingPercentage, releaseDate: '2026-11-20T00:00:00.000Z' }));
      } else if (request.url?.endsWith('.AppImage') === true) {
        response.writeHead(200, { 'content-length': release.body.length }).end(release.body);
      } else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    for (const name of ['resources', 'own', 'cache']) mkdirSync(join(folder, name));
    const program = join(folder, 'Sluice.AppImage');
    writeFileSync(program, 'the old application');
    writeFileSync(
      join(folder, 'resources', 'app-update.yml'),
      `provider: generic\nurl: http://127.0.0.1:${port}/\nupdaterCacheDirName: sluice-updater\n`,
    );
    const child = spawn(process.execPath, [DRIVE, JSON.stringify([join(folder, 'resources'), join(folder, 'own')])], {
      env: { ...process.env, APPIMAGE: program, XDG_CACHE_HOME: join(folder, 'cache') },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill());
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const ask = async (word: string): Promise<unknown> => {
      child.stdin.write(`${word}\n`);
      const { value } = await lines.next();
      return JSON.parse(String(value));
    };

    expect(await ask('beta')).toMatchObject({ kind: 'missing' });
    release.stagingPercentage = 0;
    expect(await ask('look')).toMatchObject({ found: { version: '0.2.0' }, isOffered: false });
    release.stagingPercentage = undefined;
    release.version = '0.0.9';
    expect(await ask('look')).toMatchObject({ found: { version: '0.0.9' }, isOffered: false });
    expect(await ask('older')).toMatchObject({ found: { version: '0.0.9' }, isOffered: true });
    release.version = '0.2.0';
    expect(await ask('look')).toEqual({
      found: { version: '0.2.0', sizeBytes: NEW.length, releasedAtMs: Date.UTC(2026, 10, 20) },
      isOffered: true,
    });
    // Other bytes than those that were published are thrown away.
    release.body = Buffer.from('xxx new application');
    expect(await ask('download')).toMatchObject({ kind: 'damaged' });
    expect(readFileSync(program, 'utf8')).toBe('the old application');
    release.body = NEW;
    expect(await ask('download')).toBe('done');
    // Fetched is not installed.
    expect(readFileSync(program, 'utf8')).toBe('the old application');
    expect(await ask('install')).toBe('done');
    expect(readFileSync(program, 'utf8')).toBe('the new application');

    const { headers } = asked[0] ?? { headers: '' };
    expect(headers).toContain('"x-user-staging-id":"none"');
    const id = readFileSync(join(folder, 'own', '.updaterId'), 'utf8').trim();
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.stringify(asked)).not.toContain(id);
    child.stdin.end();
    await once(child, 'close');
  },
  60_000,
);
