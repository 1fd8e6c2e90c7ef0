import { registerHooks } from 'node:module';

// A program of its own: the real electron-updater, as an AppImage would run it, on as much of Electron as it asks for.
// Its last argument is JSON, [folder of resources, folder for its own files]; what came of each step is a line of JSON.

const [resources = '', own = ''] = JSON.parse(process.argv.at(-1) ?? '[]') as string[];
const ELECTRON = `
  const { EventEmitter } = require('node:events');
  const http = require('node:http');
  const app = Object.assign(new EventEmitter(), {
    getVersion: () => '0.1.0', getName: () => 'Sluice', isPackaged: true, getPath: () => ${JSON.stringify(own)},
    getAppPath: () => '/', whenReady: () => Promise.resolve(), quit: () => undefined, relaunch: () => undefined,
  });
  const request = ({ session, ...options }) => Object.assign(http.request(options), { followRedirect() {} });
  module.exports = { app, net: { request }, session: { fromPartition: () => ({}) }, autoUpdater: new EventEmitter() };
`;
registerHooks({
  resolve: (name, context, next) =>
    name === 'electron' ? { url: 'stub:electron', format: 'commonjs', shortCircuit: true } : next(name, context),
  load: (url, context, next) =>
    url === 'stub:electron' ? { format: 'commonjs', source: ELECTRON, shortCircuit: true } : next(url, context),
});
Object.defineProperty(process, 'resourcesPath', { value: resources });

const { openPackagedUpdater } = await import('../windows/packaged-updater.ts');
const { readUpdateFailure } = await import('../windows/read-update-failure.ts');
const updater = openPackagedUpdater();
const say = (line: unknown) => void process.stdout.write(`${JSON.stringify(line)}\n`);
const attempt = (task: Promise<unknown>, during: 'check' | 'download') =>
  task.then(
    (value) => say(value ?? 'done'),
    (thrown: unknown) => say(readUpdateFailure(thrown, during)),
  );

for await (const chunk of process.stdin) {
  for (const word of String(chunk).trim().split('\n')) {
    if (word === 'look') await attempt(updater.look('stable', false), 'check');
    if (word === 'older') await attempt(updater.look('stable', true), 'check');
    if (word === 'beta') await attempt(updater.look('beta', false), 'check');
    if (word === 'download')
      await attempt(
        updater.download(() => undefined, new AbortController().signal),
        'download',
      );
    if (word === 'install') {
      updater.install((thrown) => say(String(thrown)));
      say('done');
    }
  }
}
