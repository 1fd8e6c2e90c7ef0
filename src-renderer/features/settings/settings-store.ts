import { create } from 'zustand';
import type { AppError } from '#contract/errors';
import type { AppInfo } from '#contract/records';
import type { SluiceApi } from '#contract/routes';
import { DEFAULT_SETTINGS, type Settings } from '#contract/settings';

interface SettingsState {
  settings: Settings;
  info: AppInfo | null;
  storage: AppInfo['storage'];
  problem: AppError | null;
  /** The conversations cannot be opened: the rescue takes the place of everything. */
  hasTrouble: boolean;
  load(api: SluiceApi): Promise<void>;
  /** Shows the change at once and takes it back when the core refuses it. */
  change(api: SluiceApi, values: Partial<Settings>): Promise<AppError | null>;
  setStorage(storage: AppInfo['storage']): void;
}

export const useSettingsStore = create<SettingsState>()((set, get) => ({
  settings: DEFAULT_SETTINGS,
  info: null,
  storage: { state: 'writable', message: null },
  problem: null,
  hasTrouble: false,
  async load(api) {
    const [settings, info] = await Promise.all([api.request('settings.get', {}), api.request('app.info', {})]);
    set({
      ...(settings.ok ? { settings: settings.data } : {}),
      ...(info.ok ? { info: info.data, storage: info.data.storage } : {}),
      hasTrouble: !info.ok && info.error.details?.['trouble'] !== undefined,
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
  setStorage: (storage) => set({ storage }),
}));
