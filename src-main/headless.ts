import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Entry of the headless host. better-sqlite3 needs Node-API 10 (Node 22.14) and crashes the process on less, so an older
 * Node hands over to the one that came with the packages before anything native is loaded.
 */
const NODE_API = 10;

if (Number(process.versions['napi']) >= NODE_API) {
  const { runHeadless } = await import('./headless-host.ts');
  await runHeadless(import.meta.url);
} else {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const newer = fileURLToPath(new URL(`../../node_modules/node/bin/${name}`, import.meta.url));
  if (!existsSync(newer)) {
    process.stderr.write(
      `Sluice needs Node 22.14 or newer; this is ${process.version}. Start it with "npm start", which brings its own.\n`,
    );
    process.exit(1);
  }
  // The channel lets the new process end with this one, even when this one is killed.
  const child = spawn(newer, process.argv.slice(1), { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
}
