import type { LinkRequest } from '#contract/links';
import { maskSecret } from '../../credentials/secret-text.ts';
import { failureOf, told } from '../../platform/app-failure.ts';
import type { LinkDesk } from '../link-desk.ts';
import type { LinkReading } from '../read-link.ts';
import type { Handlers } from '../router.ts';

type LinkHandlers = Pick<Handlers, Extract<keyof Handlers, `links.${string}`>>;

/** What other programs ask for with a link, and what a person says to it. */
export function createLinkHandlers(parts: {
  desk: LinkDesk;
  /** Null where there is no such conversation. */
  sessionTitle: (sessionId: string) => string | null;
  /** Adds the provider and its key, both or neither. @returns the name that it got. */
  connect: (asked: Extract<LinkReading, { kind: 'connect' }>) => Promise<string>;
}): LinkHandlers {
  const { desk, sessionTitle, connect } = parts;

  const show = (id: string, reading: LinkReading): LinkRequest => {
    switch (reading.kind) {
      case 'connect': {
        const { key, ...rest } = reading;
        const { host } = new URL(reading.baseUrl);
        return { id, ...rest, host, maskedKey: key === null ? null : maskSecret(key) };
      }
      case 'session': {
        const title = sessionTitle(reading.sessionId);
        if (title === null) return { id, kind: 'refused', ...told({ word: 'link_conversation_elsewhere' }) };
        return { id, ...reading, title };
      }
      default:
        return { id, ...reading };
    }
  };

  return {
    'links.offer': ({ address }) => ({ pending: desk.offer(address) }),
    'links.pending': () => ({ links: desk.list(show) }),
    'links.answer': async ({ id, accept }) => {
      const reading = desk.take(id);
      if (reading === null) throw failureOf('not_found', { word: 'link_answered' });
      if (!accept) return { done: 'nothing' };
      switch (reading.kind) {
        case 'new':
          return { done: 'new', text: reading.text };
        case 'session':
          if (sessionTitle(reading.sessionId) === null) return { done: 'nothing' };
          return { done: 'session', sessionId: reading.sessionId };
        case 'connect':
          return { done: 'connect', profileName: await connect(reading) };
        default:
          return { done: 'nothing' };
      }
    },
  };
}
