import { failureOf } from '../../platform/app-failure.ts';
import type { Store } from '../../store/store.ts';
import type { EventPublisher } from '../event-publisher.ts';
import type { Handlers } from '../router.ts';

type TagHandlers = Pick<Handlers, Extract<keyof Handlers, `tags.${string}`>>;

const sameName = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

/** Tags of all conversations at once, archived ones too. A tag is nowhere but on its conversations: one that none has is gone. */
export function createTagHandlers(parts: {
  store: Pick<Store, 'sessions' | 'committer'>;
  publisher: Pick<EventPublisher, 'announce'>;
}): TagHandlers {
  const { store, publisher } = parts;
  const { sessions, committer } = store;

  const retag = async (tag: string, next: (tags: readonly string[]) => string[]) => {
    const ids = await committer.commit(() => sessions.retag(tag, next));
    if (ids.length > 0) publisher.announce('sessions.changed', { ids, reason: 'updated' });
    return { changed: ids.length, tags: sessions.tagCounts() };
  };

  return {
    'tags.list': () => ({ tags: sessions.tagCounts() }),
    'tags.rename': ({ tag, to, merge }) => {
      const other = sessions.tagCounts().find((each) => each.tag !== tag && sameName(each.tag, to));
      // A tag of the same name in other letters is the tag itself, unless both are there.
      if (other !== undefined && merge !== true) {
        throw failureOf(
          'conflict',
          { word: 'tag_name_taken', with: { tag: other.tag } },
          {
            details: { tag: other.tag, count: other.count },
          },
        );
      }
      const name = other?.tag ?? to;
      return retag(tag, (tags) => [...new Set(tags.map((each) => (each === tag ? name : each)))]);
    },
    'tags.delete': ({ tag }) => retag(tag, (tags) => tags.filter((each) => each !== tag)),
  };
}
