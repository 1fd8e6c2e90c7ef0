import type { UpdateState } from '#contract/updates';
import { failureOf } from '../../platform/app-failure.ts';
import type { HostUpdates } from '../../platform/host-capabilities.ts';
import type { EventPublisher } from '../event-publisher.ts';
import type { Handlers } from '../router.ts';

type UpdateHandlers = Pick<Handlers, Extract<keyof Handlers, `updates.${string}`>>;

/** New versions, where the host has them; elsewhere the page is told who brings them. */
export function createUpdateHandlers(parts: {
  updates: HostUpdates | undefined;
  version: string;
  publisher: Pick<EventPublisher, 'announce'>;
  /** Ends with the core: the host's side lives longer. */
  signal: AbortSignal;
}): UpdateHandlers {
  const { updates, version, publisher, signal } = parts;
  updates?.follow((state) => publisher.announce('updates.changed', { state }), signal);
  const state = (): UpdateState =>
    updates?.state() ?? {
      way: 'headless',
      version,
      phase: 'idle',
      found: null,
      percent: null,
      checkedAtMs: null,
      problem: null,
    };
  const act = (step: (host: HostUpdates) => void): UpdateState => {
    if (updates === undefined) {
      throw failureOf('unsupported_option', { word: 'host_not_updated_here' });
    }
    step(updates);
    return updates.state();
  };
  return {
    'updates.state': state,
    'updates.check': () => act((host) => host.check()),
    'updates.download': ({ older }) => act((host) => host.download(older)),
    'updates.cancel': () => act((host) => host.cancel()),
    'updates.install': () => act((host) => host.install()),
  };
}
