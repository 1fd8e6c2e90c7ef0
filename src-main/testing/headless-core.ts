import { type ComposeOptions, type Core, compose } from '../compose.ts';

/**
 * A headless core in this process, on a port of its own. The caller starts and stops it.
 *
 * @param token the owner's.
 */
export function headlessCore(
  dataDir: string,
  token: string,
  options: Partial<Pick<ComposeOptions, 'version' | 'clock'>> = {},
): Promise<Core> {
  return compose({
    host: 'headless',
    dataDir,
    version: '0.1.0',
    capabilities: { cipher: null },
    loopback: { token, port: 0, anyPortWhenTaken: false, rendererDir: null },
    readWorkerUrl: new URL('../store/read-worker.ts', import.meta.url),
    tokenWorkerUrl: new URL('../compressor/token-worker.ts', import.meta.url),
    dataWorkerUrl: new URL('../data/data-worker.ts', import.meta.url),
    ...options,
  });
}
