import { useEffect, useRef } from 'react';
import { create } from 'zustand';
import { COMMAND_IDS, type CommandId } from '#contract/commands';

export type CommandHandlers = Partial<Record<CommandId, () => void>>;

interface CommandState {
  /** What can be done now, by whoever can do it; of two, the one that came last. */
  holders: readonly { ids: readonly CommandId[]; run: (id: CommandId) => void }[];
}

const useCommandStore = create<CommandState>()(() => ({ holders: [] }));

function holderOf(id: CommandId) {
  return useCommandStore.getState().holders.findLast((holder) => holder.ids.includes(id));
}

/** Does it. @returns false where nobody can do it now. */
export function runCommand(id: CommandId): boolean {
  const holder = holderOf(id);
  holder?.run(id);
  return holder !== undefined;
}

/** What can be done now, in the order of the contract. */
export function useAvailableCommands(): CommandId[] {
  const holders = useCommandStore((state) => state.holders);
  return COMMAND_IDS.filter((id) => holders.some((holder) => holder.ids.includes(id)));
}

/**
 * Says what the caller can do while it is drawn. A command that is left out, or has no function, cannot be done now: the
 * palette does not list it and its keys do nothing.
 */
export function useCommands(handlers: CommandHandlers): void {
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  const able = COMMAND_IDS.filter((id) => handlers[id] !== undefined).join(' ');
  useEffect(() => {
    const holder = { ids: able.split(' ') as CommandId[], run: (id: CommandId) => latest.current[id]?.() };
    useCommandStore.setState(({ holders }) => ({ holders: [...holders, holder] }));
    return () => {
      useCommandStore.setState(({ holders }) => ({ holders: holders.filter((each) => each !== holder) }));
    };
  }, [able]);
}
