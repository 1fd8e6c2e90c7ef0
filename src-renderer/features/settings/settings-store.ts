import { create } from 'zustand';
import type { AppError } from '#contract/errors';
import type { AppInfo } from '#contract/records';
import type { SluiceApi } from '#contract/routes';
import { DEFAULT_SETTINGS, type Settings } from '#contract/settings';
import { InTheirOrder } from './in-their-order.ts';

interface SettingsState {
  settings: Settings;
  /** False while `settings` are what they come with and nothing is known yet. */
  known: boolean;
  info: AppInfo | null;
  storage: AppInfo['storage'];
  problem: AppError | null;
  /** The conversations cannot be opened: the rescue takes the place of everything. */
  hasTrouble: boolean;
  load(api: SluiceApi): Promise<void>;
  /** Shows the change at once and takes it back when the core refuses it. */
  change(api: SluiceApi, values: Partial<Settings>): Promise<AppError | null>;
  /** What the core says holds now, also where another window changed it. */
  put(settings: Settings): void;
  setStorage(storage: AppInfo['storage']): void;
}

/**
 * Changes that were made, and those of them that the core has answered. An answer that is not the last one is old news, and
 * news that comes while one is awaited may be older or newer than it: then the core is asked once more.
 */
const changes = { made: 0, answered: 0, missedNews: false };
const requests = new InTheirOrder();

export const useSettingsStore = create<SettingsState>()((set, get) => {
  const askAgain = async (api: SluiceApi): Promise<void> => {
    while (changes.missedNews && changes.answered === changes.made) {
      changes.missedNews = false;
      changes.made += 1;
      const answer = await api.request('settings.get', {});
      changes.answered += 1;
      if (answer.ok && changes.answered === changes.made) set({ settings: answer.data });
    }
  };
  return {
    settings: DEFAULT_SETTINGS,
    known: false,
    info: null,
    storage: { state: 'writable', message: null },
    problem: null,
    hasTrouble: false,
    async load(api) {
      const [settings, info] = await Promise.all([api.request('settings.get', {}), api.request('app.info', {})]);
      set({
        ...(settings.ok ? { settings: settings.data, known: true } : {}),
        ...(info.ok ? { info: info.data, storage: info.data.storage } : {}),
        hasTrouble: !info.ok && info.error.details?.['trouble'] !== undefined,
        problem: settings.ok ? (info.ok ? null : info.error) : settings.error,
      });
    },
    async change(api, values) {
      changes.made += 1;
      const before = get().settings;
      set({ settings: { ...before, ...values } });
      const answer = await requests.send(Object.keys(values), () => api.request('settings.set', { values }));
      changes.answered += 1;
      const isLast = changes.answered === changes.made;
      if (answer.ok) set({ ...(isLast ? { settings: answer.data } : {}), problem: null });
      else {
        // Only what was refused goes back: another change may have been made meanwhile.
        const back = Object.fromEntries(Object.keys(values).map((key) => [key, before[key as keyof Settings]]));
        set((state) => ({ settings: { ...state.settings, ...back }, problem: answer.error }));
      }
      await askAgain(api);
      return answer.ok ? null : answer.error;
    },
    put(settings) {
      if (changes.answered === changes.made) set({ settings, known: true });
      else changes.missedNews = true;
    },
    setStorage: (storage) => set({ storage }),
  };
});
