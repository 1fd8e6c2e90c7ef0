import { ArrowUp, CornerUpRight, ListPlus, Square } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppError } from '#contract/errors';
import { useCore } from '../../ipc/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { useChatStore } from './chat-store.ts';
import { type ComposerButton, composerState, keyIntent } from './composer-state.ts';
import { draftOf, useDraftStore } from './draft-store.ts';
import { sendMessage } from './send-message.ts';

export interface ComposerHandle {
  focus: () => void;
  /** Sends what is typed, as its button would. */
  submit: () => void;
  /** Sends this text, whatever is typed. */
  send: (text: string) => void;
  /** Puts text into the field and selects it. */
  offer: (text: string) => void;
}

interface ComposerProps {
  sessionId: string;
  /** Another view of this page already has its one filled button. */
  quiet?: boolean;
  picker: ReactNode;
  /** The line below: where things stand, what Enter does. */
  strip: ReactNode;
  placeholder: string;
  ref: Ref<ComposerHandle>;
}

type Note = { kind: 'error'; error: AppError; kept: boolean } | { kind: 'hint'; key: string };

export function Composer({ sessionId, quiet = false, picker, strip, placeholder, ref }: ComposerProps) {
  const { t } = useTranslation();
  const core = useCore();
  const text = useDraftStore((state) => draftOf(state.texts, sessionId));
  const setDraft = useDraftStore((state) => state.setDraft);
  const durable = useDraftStore((state) => state.durable);
  const run = useChatStore((state) => state.views[sessionId]?.run ?? null);
  const stop = useChatStore((state) => state.stops[sessionId]);
  const field = useRef<HTMLTextAreaElement>(null);
  const [note, setNote] = useState<Note | null>(null);
  const inFlight = useRef<{ text: string; done: Promise<void> } | null>(null);
  const { mode, stopping, unconfirmed } = composerState(run, stop);
  const empty = text.trim() === '';

  const deliver = async (
    message: string,
    strategy: 'enqueue' | 'interrupt',
    isDraft: boolean,
    before: Promise<void> | undefined,
  ): Promise<void> => {
    await before;
    setNote(null);
    const answer = await sendMessage(core.api, sessionId, message, strategy);
    if (!answer.ok) {
      setNote({ kind: 'error', error: answer.error, kept: true });
      return;
    }
    if (!isDraft) return;
    // What was typed meanwhile stays.
    const now = draftOf(useDraftStore.getState().texts, sessionId);
    if (now.startsWith(message)) setDraft(sessionId, now.slice(message.length));
  };

  const send = async (message: string, strategy: 'enqueue' | 'interrupt', isDraft: boolean) => {
    // Enter twice in the time of one answer is one message; another message goes out behind the first.
    if (inFlight.current?.text === message) return;
    const before = inFlight.current?.done;
    const turn = { text: message, done: deliver(message, strategy, isDraft, before) };
    inFlight.current = turn;
    await turn.done;
    if (inFlight.current === turn) inFlight.current = null;
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
    await send(text, button === 'interrupt' ? 'interrupt' : 'enqueue', true);
  };

  useImperativeHandle(ref, () => ({
    focus: () => field.current?.focus(),
    submit: () => void act(mode === 'idle' ? 'send' : 'queue'),
    send: (message) => void send(message, 'enqueue', false),
    offer: (message) => {
      setDraft(sessionId, message);
      requestAnimationFrame(() => field.current?.select());
    },
  }));

  useEffect(() => {
    field.current?.focus();
  }, [sessionId]);

  useEffect(() => {
    if (mode === 'idle') return;
    const onEscape = (event: globalThis.KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || event.isComposing) return;
      void core.bridge.stop(sessionId);
    };
    window.addEventListener('keydown', onEscape);
    return () => window.removeEventListener('keydown', onEscape);
  }, [mode, sessionId, core]);

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const { key, shiftKey, ctrlKey, metaKey } = event;
    const intent = keyIntent({ key, shiftKey, ctrlKey, metaKey, isComposing: event.nativeEvent.isComposing }, mode);
    // Escape is heard by the window, so that it also stops from elsewhere.
    if (intent === null || intent === 'stop') return;
    event.preventDefault();
    void act(intent);
  };

  return (
    <>
      <form
        aria-label={t('composer.label')}
        onSubmit={(event) => event.preventDefault()}
        className="relative rounded-lg border border-line-control bg-raised shadow-lift-1 focus-within:border-focus focus-within:shadow-[0_0_0_1px_var(--focus)]"
      >
        <textarea
          ref={field}
          data-testid="composer-input"
          aria-label={t('composer.label')}
          rows={1}
          value={text}
          placeholder={placeholder}
          onChange={(event) => {
            setDraft(sessionId, event.target.value);
            if (note !== null) setNote(null);
          }}
          onKeyDown={onKeyDown}
          className="composer-text thin-scroll block w-full resize-none bg-transparent px-3 pt-2.5 pb-0.5 text-md outline-none"
        />
        <div className="flex items-center gap-0.5 px-1.5 pt-1 pb-1.5">
          {picker}
          <span className="ml-auto flex flex-none items-center gap-1.5">
            {mode === 'idle' ? (
              <Button
                data-testid="send"
                look={quiet || empty ? 'edge' : 'go'}
                icon={ArrowUp}
                title={t('composer.sendKey')}
                onClick={() => void act('send')}
              >
                {t('composer.send')}
              </Button>
            ) : (
              <>
                <Button
                  data-testid="stop"
                  icon={Square}
                  title={t('composer.stopKey')}
                  aria-disabled={stopping}
                  onClick={() => void act('stop')}
                >
                  {stopping ? t('composer.stopping') : t('composer.stop')}
                </Button>
                <Button
                  data-testid="interrupt"
                  icon={CornerUpRight}
                  shrinks
                  title={t('composer.interruptKey')}
                  aria-label={t('composer.interrupt')}
                  onClick={() => void act('interrupt')}
                >
                  {t('composer.interrupt')}
                </Button>
                <Button
                  data-testid="queue"
                  look="hold"
                  icon={ListPlus}
                  title={t('composer.queueKey')}
                  onClick={() => void act('queue')}
                >
                  {t('composer.queue')}
                </Button>
              </>
            )}
          </span>
        </div>
      </form>
      <div className="num flex min-h-6.5 items-center gap-3 px-3 text-xs text-ink-3">
        {note?.kind === 'error' ? (
          <p role="alert" data-testid="composer-error" className="py-1 text-stop-ink">
            {note.error.message} {note.kept && t('composer.kept')}
          </p>
        ) : note?.kind === 'hint' ? (
          <p role="status">{t(note.key)}</p>
        ) : unconfirmed ? (
          <p role="status">{t('composer.unconfirmed')}</p>
        ) : durable || empty ? (
          strip
        ) : (
          <p role="status">{t('composer.notDurable')}</p>
        )}
      </div>
    </>
  );
}
