import { create } from 'zustand';

interface FoldState {
  /** Rows that the reader opened, by message. Kept while the page lives, so a row stays open when its answer ends. */
  open: Record<string, boolean>;
  setOpen(messageId: string, open: boolean): void;
}

export const useFoldStore = create<FoldState>()((set) => ({
  open: {},
  setOpen: (messageId, open) =>
    set((state) =>
      (state.open[messageId] ?? false) === open ? state : { open: { ...state.open, [messageId]: open } },
    ),
}));
