import { failureOf } from '../../platform/app-failure.ts';
import type { Store } from '../../store/store.ts';
import type { Handlers } from '../router.ts';

type PromptHandlers = Pick<Handlers, Extract<keyof Handlers, `prompts.${string}`>>;

/** The library of prompts. Every change answers with the whole of it: it is small, and the page shows it at once. */
export function createPromptHandlers(parts: {
  store: Pick<Store, 'prompts' | 'committer'>;
  now: () => number;
  newId: () => string;
}): PromptHandlers {
  const { store, now, newId } = parts;
  const { prompts, committer } = store;
  return {
    'prompts.list': () => ({ prompts: prompts.list() }),
    'prompts.save': async ({ id, name, body }) => {
      const savedId = id ?? newId();
      await committer.commit(() => {
        const holder = prompts.idOf(name);
        if (holder !== null && holder !== savedId) {
          throw failureOf('conflict', { word: 'prompt_name_taken', with: { name } });
        }
        prompts.put({ id: savedId, name, body }, now());
      });
      return { prompts: prompts.list(), id: savedId };
    },
    'prompts.delete': async ({ id }) => {
      await committer.commit(() => prompts.remove(id));
      return { prompts: prompts.list() };
    },
    'prompts.import': async ({ prompts: brought }) => {
      let replaced = 0;
      const before = prompts.list().length;
      await committer.commit(() => {
        replaced = 0;
        for (const { name, body } of brought) {
          const holder = prompts.idOf(name);
          if (holder !== null) replaced += 1;
          prompts.put({ id: holder ?? newId(), name, body }, now());
        }
      });
      return { prompts: prompts.list(), added: prompts.list().length - before, replaced };
    },
  };
}
