import { useShallow } from 'zustand/react/shallow';
import { useChatStore } from './features/chat/chat-store.ts';

/** When the runs began that this page follows, by session. Deltas leave it as it is. */
export function useRunStarts(): Record<string, number> {
  return useChatStore(
    useShallow((state) => {
      const starts: Record<string, number> = {};
      for (const [sessionId, view] of Object.entries(state.views)) {
        if (view.run !== null) starts[sessionId] = view.run.startedAtMs;
      }
      return starts;
    }),
  );
}
