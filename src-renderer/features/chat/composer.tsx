import { Paperclip } from 'lucide-react';
import {
  type ClipboardEvent,
  type KeyboardEvent,
  type ReactNode,
  type Ref,
  useEffect,
  useId,
  useImperativeHandle,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import type { RunAck } from '#contract/routes';
import { fixedKeyText } from '../../commands/use-shortcuts.ts';
import { isMediaKept } from '../../ipc/media-access.ts';
import { useCore } from '../../ipc/use-api.ts';
import { failureSentence } from '../../locales/failure-language.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { isComposing } from '../../ui/is-composing.ts';
import { AttachmentChips } from './attachment-chips.tsx';
import { filesOf, useAttachmentStore } from './attachment-store.ts';
import { useChatStore } from './chat-store.ts';
import { ComposerButtons } from './composer-buttons.tsx';
import { type ComposerButton, composerState, keyIntent } from './composer-state.ts';
import { type ComposerNote, ComposerStrip } from './composer-strip.tsx';
import { draftOf, gapBefore, keepText, useDraftStore } from './draft-store.ts';
import { expectLongText } from './expect-long-text.ts';
import { blockOf, messageInput } from './message-input.ts';
import { pastedFiles } from './pasted-files.ts';
import { asksForText, isFilePaste, isLongText, pastedName } from './pasted-text.ts';
import type { SendStrategy } from './send-message.ts';
import { isWhole, matchingCommands, matchingPrompts, type SlashPrompt, writtenOut } from './slash-commands.ts';
import { entryKey, type SlashEntry, SlashMenu } from './slash-menu.tsx';
import { typeText } from './type-text.ts';
import { useDelivery } from './use-delivery.ts';

export interface ComposerHandle {
  focus: () => void;
  /** Sends what is typed, as its button would. */
  submit: () => void;
  /** Sends this text, whatever is typed. */
  send: (text: string) => void;
  /** Puts text into the field and selects it. */
  offer: (text: string) => void;
  /** Adds text below what is typed, and the keyboard goes there. Undo takes it out again. */
  add: (text: string) => void;
  attach: (files: readonly File[]) => void;
  /** Says beside the composer what failed elsewhere in the conversation. */
  report: (error: AppError) => void;
  /** The same for what is no failure; a key of the locale. */
  hint: (key: string) => void;
}

interface ComposerProps {
  sessionId: string;
  /** Another view of this page already has its one filled button. */
  quiet?: boolean;
  picker: ReactNode;
  /** The line below: where things stand, what Enter does. */
  strip: ReactNode;
  placeholder: string;
  canSteer: boolean;
  /** The library, offered after a slash. */
  prompts: readonly SlashPrompt[];
  onPrompt: (promptId: string) => void;
  /** A message of the reader's own is answered now: it is to be seen. */
  onStarted: () => void;
  /** ↑ in an empty composer: edits what was sent last. */
  onEditLast: () => boolean;
  ref: Ref<ComposerHandle>;
}

const STRATEGY: Record<Exclude<ComposerButton, 'stop'>, SendStrategy> = {
  send: 'enqueue',
  queue: 'enqueue',
  interrupt: 'interrupt',
  steer: 'steer',
};

export function Composer(props: ComposerProps) {
  const {
    sessionId,
    quiet = false,
    picker,
    strip,
    placeholder,
    canSteer,
    prompts,
    onPrompt,
    onStarted,
    onEditLast,
    ref,
  } = props;
  const { t } = useTranslation();
  const core = useCore();
  const deliver = useDelivery(sessionId);
  const text = useDraftStore((state) => draftOf(state.texts, sessionId));
  const setDraft = useDraftStore((state) => state.setDraft);
  const durable = useDraftStore((state) => state.durable);
  const files = useAttachmentStore((state) => filesOf(state.files, sessionId));
  const run = useChatStore((state) => state.views[sessionId]?.run ?? null);
  const stop = useChatStore((state) => state.stops[sessionId]);
  const field = useRef<HTMLTextAreaElement>(null);
  const picked = useRef<HTMLInputElement>(null);
  /** The keys that were pressed last ask for a paste as text. */
  const pastesText = useRef(false);
  const menuId = useId();
  const [note, setNote] = useState<ComposerNote | null>(null);
  /** Sent by the reader, and waiting for its files. */
  const [held, setHeld] = useState<SendStrategy | null>(null);
  const [active, setActive] = useState(0);
  const [closedFor, setClosedFor] = useState<string | null>(null);
  const state = composerState(run, stop);
  const { mode, stopping, unconfirmed } = state;
  const ready = files.flatMap((file) => (file.state.kind === 'ready' ? [file.state.record] : []));
  const failedFile = files.find((file) => file.state.kind === 'failed');
  const underWay = files.length - ready.length - (failedFile === undefined ? 0 : 1);
  const isLong = isLongText(text);
  const empty = text.trim() === '' && files.length === 0;
  const entries: SlashEntry[] =
    closedFor === text
      ? []
      : [
          ...matchingCommands(text).map((command) => ({ kind: 'command' as const, command })),
          ...matchingPrompts(text, prompts).map((prompt) => ({ kind: 'prompt' as const, prompt })),
        ];
  const chosen = entries[Math.min(active, entries.length - 1)];

  const say = (ack: RunAck, strategy: SendStrategy) => {
    // Where something was said already, the command's outcome stands there.
    if (ack.status === 'command') {
      if (useChatStore.getState().isNew) setNote({ kind: 'said', text: failureSentence(ack.message ?? '', ack.said) });
    } else if (strategy === 'steer') {
      setNote({ kind: 'hint', key: ack.status === 'steered' ? 'composer.steered' : 'composer.steerQueued' });
    }
  };

  const dispatch = async (strategy: SendStrategy): Promise<void> => {
    setNote(null);
    const keys = files.filter((file) => file.state.kind === 'ready').map((file) => file.key);
    const answer = await deliver(messageInput(text, ready.map(blockOf)), strategy);
    if (answer === null) return;
    if (!answer.ok) {
      setNote({ kind: 'error', error: answer.error, kept: true });
      return;
    }
    if (answer.data.status === 'started') onStarted();
    // What was typed meanwhile stays.
    const now = draftOf(useDraftStore.getState().texts, sessionId);
    if (now.startsWith(text)) setDraft(sessionId, now.slice(text.length));
    useAttachmentStore.getState().drop(sessionId, keys);
    // Its menu is gone; whoever used it goes on writing.
    if (strategy === 'steer') field.current?.focus();
    say(answer.data, strategy);
  };

  const act = async (button: ComposerButton) => {
    if (button === 'stop') {
      if (stopping) return;
      setNote(null);
      const answer = await core.bridge.stop(sessionId);
      if (!answer.ok) setNote({ kind: 'error', error: answer.error, kept: false });
      return;
    }
    if (empty) {
      setNote({ kind: 'hint', key: 'composer.writeFirst' });
      field.current?.focus();
      return;
    }
    if (failedFile !== undefined) {
      setNote({ kind: 'hint', key: 'attach.mendFirst', values: { name: failedFile.name } });
      return;
    }
    if (underWay > 0) setHeld(STRATEGY[button]);
    else await dispatch(STRATEGY[button]);
  };

  // A message that waited for its files goes out with the last of them, and stays where one of them failed.
  const settled = held !== null && underWay === 0;
  const release = useRef<() => void>(() => undefined);
  useEffect(() => {
    release.current = () => {
      const strategy = held;
      setHeld(null);
      if (strategy === null) return;
      if (failedFile !== undefined)
        setNote({ kind: 'hint', key: 'attach.mendFirst', values: { name: failedFile.name } });
      else if (!empty) void dispatch(strategy);
    };
  });
  useEffect(() => {
    if (settled) release.current();
  }, [settled]);

  const attach = (added: readonly File[]) => {
    if (added.length === 0) return;
    setNote(null);
    useAttachmentStore.getState().add(core.api, sessionId, added);
    field.current?.focus();
  };

  useImperativeHandle(ref, () => ({
    focus: () => field.current?.focus(),
    submit: () => void act(mode === 'idle' ? 'send' : 'queue'),
    send: (message) => {
      setNote(null);
      void deliver(message, 'enqueue').then((answer) => {
        if (answer?.ok === false) setNote({ kind: 'error', error: answer.error, kept: false });
      });
    },
    offer: (message) => {
      setDraft(sessionId, message);
      requestAnimationFrame(() => field.current?.select());
    },
    add: (added) => {
      const element = field.current;
      if (element === null) return keepText(sessionId, added);
      const now = element.value;
      const gap = gapBefore(now);
      if (!typeText(element, gap + added, gap === '' ? 0 : now.length)) keepText(sessionId, added);
      element.scrollTop = element.scrollHeight;
    },
    attach,
    report: (error) => setNote({ kind: 'error', error, kept: false }),
    hint: (key) => setNote({ kind: 'hint', key }),
  }));

  useEffect(() => {
    field.current?.focus();
  }, [sessionId]);

  const goneWords = t('attach.gone');
  useEffect(() => {
    const check = () => void useAttachmentStore.getState().checkKept(sessionId, isMediaKept, goneWords);
    check();
    window.addEventListener('focus', check);
    return () => window.removeEventListener('focus', check);
  }, [sessionId, goneWords]);

  useEffect(() => {
    if (mode === 'idle') return;
    const onEscape = (event: globalThis.KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || isComposing(event)) return;
      void core.bridge.stop(sessionId);
    };
    window.addEventListener('keydown', onEscape);
    return () => window.removeEventListener('keydown', onEscape);
  }, [mode, sessionId, core]);

  const take = (entry: SlashEntry) => {
    // The slash and what was typed after it stood for the prompt.
    const written = entry.kind === 'prompt' ? '' : writtenOut(entry.command);
    if (field.current === null || !typeText(field.current, written, 0)) setDraft(sessionId, written);
    if (entry.kind === 'prompt') onPrompt(entry.prompt.id);
    else setClosedFor(written);
  };

  /** @returns whether the open list took the key. */
  const onMenuKey = (event: KeyboardEvent): boolean => {
    if (chosen === undefined || isComposing(event.nativeEvent)) return false;
    const count = entries.length;
    if (event.key === 'ArrowDown') setActive((Math.min(active, count - 1) + 1) % count);
    else if (event.key === 'ArrowUp') setActive((Math.min(active, count - 1) - 1 + count) % count);
    else if (event.key === 'Escape') setClosedFor(text);
    else if (event.key === 'Tab' && !event.shiftKey) take(chosen);
    else if (event.key === 'Enter' && !event.shiftKey && !(chosen.kind === 'command' && isWhole(text, chosen.command)))
      take(chosen);
    else return false;
    event.preventDefault();
    return true;
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    pastesText.current = asksForText(event);
    if (onMenuKey(event)) return;
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
    if (key === 'ArrowUp' && text === '' && !shiftKey && !ctrlKey && !metaKey && !altKey && onEditLast()) {
      event.preventDefault();
      return;
    }
    const intent = keyIntent({ key, shiftKey, ctrlKey, metaKey, isComposing: isComposing(event.nativeEvent) }, mode);
    // Escape is heard by the window, so that it also stops from elsewhere.
    if (intent === null || intent === 'stop') return;
    event.preventDefault();
    void act(intent);
  };

  const onPaste = (event: ClipboardEvent) => {
    const words = event.clipboardData.getData('text/plain');
    const pasted = pastedFiles([...event.clipboardData.files], words);
    if (pasted.length > 0) {
      event.preventDefault();
      attach(pasted);
    } else if (isFilePaste(words, pastesText.current)) {
      event.preventDefault();
      const taken = files.map((file) => file.name);
      attach([new File([words], pastedName(t('attach.pastedName'), taken), { type: 'text/plain' })]);
      setNote({ kind: 'hint', key: 'attach.pasted', values: { keys: fixedKeyText('pasteText') } });
    } else if (field.current !== null && isLongText(words)) expectLongText(field.current);
    pastesText.current = false;
  };

  /** What a file holds goes into the field after all. */
  const pasteText = (words: string) => {
    const element = field.current;
    const now = draftOf(useDraftStore.getState().texts, sessionId);
    const added = gapBefore(now) + words;
    if (isFilePaste(words, false) || element === null || !typeText(element, added, now.length))
      keepText(sessionId, words);
    element?.focus();
    setNote(null);
  };

  return (
    <div data-composer>
      <form
        aria-label={t('composer.label')}
        onSubmit={(event) => event.preventDefault()}
        className="relative rounded-lg border border-line-control bg-raised shadow-lift-1 has-[textarea:focus]:border-focus has-[textarea:focus]:shadow-[0_0_0_1px_var(--focus)]"
      >
        {chosen !== undefined && (
          <SlashMenu
            id={menuId}
            entries={entries}
            active={entries.indexOf(chosen)}
            onActive={setActive}
            onTake={take}
          />
        )}
        <AttachmentChips sessionId={sessionId} files={files} onPasteText={pasteText} />
        <textarea
          ref={field}
          data-testid="composer-input"
          aria-label={t('composer.label')}
          aria-controls={chosen === undefined ? undefined : menuId}
          aria-activedescendant={chosen === undefined ? undefined : `${menuId}-${entryKey(chosen)}`}
          rows={1}
          data-long={isLong}
          spellCheck={!isLong}
          value={text}
          placeholder={placeholder}
          onChange={(event) => {
            setDraft(sessionId, event.target.value);
            setActive(0);
            if (note !== null) setNote(null);
          }}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
          className="composer-text thin-scroll block w-full resize-none bg-transparent px-3 pt-2.5 pb-0.5 text-md outline-none"
        />
        {/* Where text is large and the window narrow, the buttons have a line of their own. */}
        <div className="flex flex-wrap items-center gap-x-0.5 gap-y-1 px-1.5 pt-1 pb-1.5">
          <IconButton
            data-testid="attach"
            icon={Paperclip}
            label={t('attach.pick')}
            onClick={() => picked.current?.click()}
          />
          <input
            ref={picked}
            type="file"
            multiple
            hidden
            data-testid="attach-input"
            onChange={(event) => {
              attach([...(event.target.files ?? [])]);
              event.target.value = '';
            }}
          />
          <span className="flex min-w-0 flex-[1_1_4rem] items-center gap-0.5">{picker}</span>
          <span className="ml-auto flex flex-none items-center gap-1.5">
            <ComposerButtons
              state={state}
              quiet={quiet || empty}
              canSteer={canSteer && files.length === 0}
              onAct={(button) => void act(button)}
            />
          </span>
        </div>
      </form>
      <ComposerStrip
        note={note}
        waitingFor={held === null ? 0 : underWay}
        onCancelHeld={() => setHeld(null)}
        unconfirmed={unconfirmed}
        durable={durable || empty}
        strip={strip}
      />
    </div>
  );
}
