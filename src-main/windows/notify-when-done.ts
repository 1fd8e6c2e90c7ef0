import type { Result } from '#contract/errors';
import type { LoggedEvent } from '#contract/events';
import type { Locale } from '#contract/locale';
import type { SessionRecord } from '#contract/records';
import type { RouteOutputs } from '#contract/routes';
import { SHELL_WORDS } from '#contract/shell-words';
import type { Notice } from '../platform/host-capabilities.ts';
import { oneLine } from './one-line.ts';

/** `done`: an answer ended well. `failed`: it did not. `needs`: it waits for the person. */
export type News = 'done' | 'failed' | 'needs';

const MAX_TITLE_CHARS = 80;

/** What an event means to somebody who does not look. A stop is the person's own doing, and a restart is no news. */
function newsOf(event: LoggedEvent): News | null {
  switch (event.event) {
    case 'run.completed':
      return 'done';
    case 'run.failed':
      return event.status === 'interrupted' ? null : 'failed';
    case 'approval.requested':
    case 'clarify.requested':
      return 'needs';
    default:
      return null;
  }
}

/** What the system is to say. An answer that the next queued message follows at once is not the end of the wait. */
function noticeOf(news: News, session: Pick<SessionRecord, 'id' | 'title' | 'state'>, locale: Locale): Notice | null {
  if (news === 'done' && session.state !== 'idle') return null;
  return {
    title: oneLine(session.title, MAX_TITLE_CHARS),
    body: SHELL_WORDS[locale].news[news],
    sessionId: session.id,
  };
}

/** What is needed of the core: its events, and the routes that a page has too. */
interface NotifySource {
  onEvent(listener: (event: LoggedEvent) => void): () => void;
  router: { dispatch(route: string, payload: unknown, viewer: null): Promise<Result<unknown>> };
}

/**
 * Has the person told when an answer ends, fails or waits for them while the window is out of sight (E2-23). Of a
 * conversation only its name is told.
 *
 * @param isInSight whether the person looks at the window now.
 * @param locale the language that is spoken now.
 * @param report hears what went wrong; nobody else does, as there is nobody to tell.
 * @returns the function that ends it.
 */
export function notifyWhenDone(
  core: NotifySource,
  isInSight: () => boolean,
  tell: (notice: Notice) => void,
  locale: () => Locale,
  report: (thrown: unknown) => void,
): () => void {
  async function consider(news: News, sessionId: string): Promise<void> {
    const settings = (await core.router.dispatch('settings.get', {}, null)) as Result<RouteOutputs['settings.get']>;
    if (!settings.ok || !settings.data.notifyWhenDone) return;
    const session = (await core.router.dispatch('sessions.get', { sessionId }, null)) as Result<SessionRecord>;
    // Deleted meanwhile, or the person came back.
    if (!session.ok || isInSight()) return;
    const notice = noticeOf(news, session.data, locale());
    if (notice !== null) tell(notice);
  }

  return core.onEvent((event) => {
    const news = newsOf(event);
    if (news === null || event.session_id === null || isInSight()) return;
    // A system that refuses to show a notice costs the notice and nothing else.
    consider(news, event.session_id).catch(report);
  });
}
