import type { PrefixHints } from '../../gateway/prefix-hints.ts';
import type { Handlers } from '../router.ts';

/** The estimates of what a provider's cache could reuse, for their own panel. */
export function createPrefixHandlers(
  hints: PrefixHints,
): Pick<Handlers, Extract<keyof Handlers, `prefixHints.${string}`>> {
  return {
    'prefixHints.list': () => ({ hints: hints.list() }),
    'prefixHints.clear': () => {
      hints.clear();
      return { hints: hints.list() };
    },
  };
}
