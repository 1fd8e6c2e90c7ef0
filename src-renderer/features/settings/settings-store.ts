import { create } from 'zustand';
import type { AppError } from '#contract/errors';
import type { AppInfo } from '#contract/records';
import type { SluiceApi } from '#contract/routes';
import { DEFAULT_SETTINGS, type Settings } from '#contract/settings';

interface SettingsState {
  settings: Settings;
  /** False while `settings` are what they come with and nothing is known yet. */
  known: boolean;
  info: AppInfo | null;
  storage: AppInfo['storage'];
  problem: AppError | null;
  load(api: SluiceApi): Promise<void>;
  /** Shows the change at once and takes it back when the core refuses it. */
  change(api: SluiceApi, values: Partial<Settings>): Promise<AppError | null>;
  /** What the core says holds now, also where another window changed it. */
  put(settings: Settings): void;
  setStorage(storage: AppInfo['storage']): void;
}

export const useSettingsStore = create<SettingsState>()((set, get) => ({
  settings: DEFAULT_SETTINGS,
  known: false,
  info: null,
  storage: { state: 'writable', message: null },
  problem: null,
  async load(api) {
    const [settings, info] = await Promise.all([api.request('settings.get', {}), api.request('app.info', {})]);
    set({
      ...(settings.ok ? { settings: settings.data, known: true } : {}),
      ...(info.ok ? { info: info.data, storage: info.data.storage } : {}),
      problem: settings.ok ? (info.ok ? null : info.error) : settings.error,
    });
  },
  async change(api, values) {
    const before = get().settings;
    set({ settings: { ...before, ...values } });
    const answer = await api.request('settings.set', { values });
    if (answer.ok) set({ settings: answer.data, problem: null });
    else {
      // Only what was refused goes back: another change may have been made meanwhile.
      const back = Object.fromEntries(Object.keys(values).map((key) => [key, before[key as keyof Settings]]));
      set((state) => ({ settings: { ...state.settings, ...back }, problem: answer.error }));
    }
    return answer.ok ? null : answer.error;
  },
  put: (settings) => set({ settings, known: true }),
  setStorage: (storage) => set({ storage }),
}));
