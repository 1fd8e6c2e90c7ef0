import { create } from 'zustand';
import type { AppError } from '#contract/errors';
import { newId } from '#contract/ids';
import type { SessionRecord } from '#contract/records';
import type { MessagePage } from '#contract/routes';
import type { RunView } from '#contract/run-view';
import type { BridgeSink, CommandResult } from '../../ipc/event-bridge.ts';
import { type Choice, keepChoice } from './kept-choice.ts';
import { keepEdit, keptEdit } from './kept-edit.ts';

/** A stop that has been asked for. `released`: it was not confirmed in time and may be asked for again. */
export interface Stop {
  runId: string;
  released: boolean;
}

export interface ChatState {
  currentId: string;
  /** Nothing was sent in it yet, so the core does not know it. */
  isNew: boolean;
  /** The conversation that is yet to begin, with its draft and its settings: *New chat* leads there, also on the way back. */
  newId: string;
  views: Record<string, RunView>;
  sessions: Record<string, SessionRecord>;
  problems: Record<string, AppError>;
  stops: Record<string, Stop>;
  choices: Record<string, Choice>;
  /** What the last slash command of a conversation did; gone with the next message. */
  commands: Record<string, CommandResult>;
  /** The message that is being written anew, if any. */
  editingMessageId: string | null;
  show(sessionId: string): void;
  startNew(): void;
  /** The first message of a new conversation was taken. */
  settleNew(sessionId: string): void;
  choose(sessionId: string, choice: Choice): void;
  editMessage(messageId: string | null): void;
  dismissCommand(sessionId: string): void;
  prependPage(page: MessagePage): void;
  forget(sessionId: string): void;
}

function without<Value>(record: Record<string, Value>, key: string): Record<string, Value> {
  if (!(key in record)) return record;
  const { [key]: _gone, ...rest } = record;
  return rest;
}

const firstId = newId();

export const useChatStore = create<ChatState>()((set) => ({
  currentId: firstId,
  isNew: true,
  newId: firstId,
  views: {},
  sessions: {},
  problems: {},
  stops: {},
  choices: {},
  commands: {},
  editingMessageId: null,
  show: (sessionId) =>
    set((state) => ({
      ...begun(state, sessionId),
      currentId: sessionId,
      isNew: false,
      editingMessageId: keptEdit(sessionId),
    })),
  startNew: () =>
    set((state) => (state.isNew ? state : { currentId: state.newId, isNew: true, editingMessageId: null })),
  settleNew: (sessionId) =>
    set((state) => {
      const next = begun(state, sessionId);
      return state.currentId === sessionId && state.isNew ? { ...next, isNew: false } : next;
    }),
  choose: (sessionId, choice) =>
    set((state) => {
      if (sessionId === state.newId) keepChoice(sessionId, choice);
      return { choices: { ...state.choices, [sessionId]: choice } };
    }),
  editMessage: (messageId) =>
    set((state) => {
      keepEdit(state.currentId, messageId);
      return { editingMessageId: messageId };
    }),
  dismissCommand: (sessionId) => set((state) => ({ commands: without(state.commands, sessionId) })),
  prependPage: (page) =>
    set((state) => {
      const view = state.views[page.sessionId];
      if (view === undefined) return state;
      const known = new Set(view.settled.map((row) => row.id));
      const older = page.messages.filter((row) => !known.has(row.id));
      const runs = Object.fromEntries(page.runs.map((run) => [run.id, run]));
      const next = {
        ...view,
        settled: [...older, ...view.settled],
        runs: { ...runs, ...view.runs },
        hasMoreBefore: page.hasMoreBefore,
      };
      return { views: { ...state.views, [page.sessionId]: next } };
    }),
  forget: (sessionId) => {
    keepEdit(sessionId, null);
    set((state) => ({
      views: without(state.views, sessionId),
      sessions: without(state.sessions, sessionId),
      problems: without(state.problems, sessionId),
      stops: without(state.stops, sessionId),
      choices: without(state.choices, sessionId),
      commands: without(state.commands, sessionId),
      ...(state.currentId === sessionId ? { currentId: state.newId, isNew: true, editingMessageId: null } : {}),
    }));
  },
}));

/** How the bridge writes into this store. */
export const chatSink: BridgeSink = {
  view: (sessionId) => useChatStore.getState().views[sessionId],
  setView: (sessionId, view) => useChatStore.setState((state) => ({ views: { ...state.views, [sessionId]: view } })),
  dropView: (sessionId) =>
    useChatStore.setState((state) => ({
      views: without(state.views, sessionId),
      problems: without(state.problems, sessionId),
    })),
  setSession: (session) =>
    useChatStore.setState((state) => ({ sessions: { ...state.sessions, [session.id]: session } })),
  setProblem: (sessionId, error) =>
    useChatStore.setState((state) => ({
      problems: error === null ? without(state.problems, sessionId) : { ...state.problems, [sessionId]: error },
    })),
  setStop: (sessionId, stop) =>
    useChatStore.setState((state) => {
      if (stop === undefined && !(sessionId in state.stops)) return state;
      return { stops: stop === undefined ? without(state.stops, sessionId) : { ...state.stops, [sessionId]: stop } };
    }),
  setCommand: (sessionId, result) =>
    useChatStore.setState((state) => ({
      commands: { ...state.commands, [sessionId]: result },
      // A command began the conversation, or changed it.
      ...(result.action === 'queued'
        ? begun(state, sessionId)
        : { choices: afterCommand(state.choices, sessionId, result) }),
      ...(result.action === 'queued' && state.currentId === sessionId ? { isNew: false } : {}),
    })),
};

/**
 * The core knows the conversation now, so the next one is another. It has settings of its own from here on, which its panel
 * changes: those of the first message would win over them.
 */
function begun(state: ChatState, sessionId: string): Partial<ChatState> {
  if (sessionId !== state.newId) return {};
  keepChoice(sessionId, {});
  const choice = state.choices[sessionId];
  if (choice === undefined) return { newId: newId() };
  const { parameters: _parameters, workspace: _workspace, instructions: _instructions, ...rest } = choice;
  return { newId: newId(), choices: { ...state.choices, [sessionId]: rest } };
}

/** The conversation has a model of its own now; what was picked on this page would hide it. */
function afterCommand(
  choices: Record<string, Choice>,
  sessionId: string,
  { command, ok, action }: CommandResult,
): Record<string, Choice> {
  const choice = choices[sessionId];
  if (choice === undefined || command.replace(/^\//, '') !== 'model' || !ok || action !== 'changed') return choices;
  const { model: _hidden, ...rest } = choice;
  return { ...choices, [sessionId]: rest };
}
