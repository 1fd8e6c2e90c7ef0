import { create } from 'zustand';
import type { AppError } from '#contract/errors';
import type { PromptRecord } from '#contract/records';
import type { SluiceApi } from '#contract/routes';

interface PromptsState {
  /** Null until they were asked for. */
  prompts: readonly PromptRecord[] | null;
  problem: AppError | null;
  load(api: SluiceApi): Promise<void>;
  /** What the core answered after a change. */
  put(prompts: readonly PromptRecord[]): void;
}

export const usePromptsStore = create<PromptsState>()((set) => ({
  prompts: null,
  problem: null,
  async load(api) {
    const answer = await api.request('prompts.list', {});
    set(answer.ok ? { prompts: answer.data.prompts, problem: null } : { problem: answer.error });
  },
  put: (prompts) => set({ prompts, problem: null }),
}));
