import { describeThrown, type Logger } from './logger.ts';

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

/**
 * Collects everything that can be, as V8 does where a system has no more memory, and gives the empty pages back. The loop
 * stands still for some 50 to 80 ms. An ordinary collection keeps the pages.
 *
 * Node and Electron let flags of V8 be set while it runs, and a context that is made then has `gc`. (The inspector's
 * `HeapProfiler.collectGarbage` needs no flag, but Node 24 stands still for good where its session is closed from its answer.)
 * Never throws.
 */
export function collectGarbage(logger: Pick<Logger, 'warn'>): void {
  try {
    const { setFlagsFromString } = process.getBuiltinModule('node:v8');
    const { runInNewContext } = process.getBuiltinModule('node:vm');
    setFlagsFromString('--expose-gc');
    const collect: unknown = runInNewContext('globalThis.gc');
    setFlagsFromString('--no-expose-gc');
    if (typeof collect === 'function')
      (collect as Collect)({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  } catch (thrown) {
    logger.warn({ ...describeThrown(thrown) }, 'memory could not be given back');
  }
}
