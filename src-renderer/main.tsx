import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { CrashScreen } from './errors/crash-screen.tsx';
import { ErrorBoundary } from './errors/error-boundary.tsx';
import { filesOf, useAttachmentStore } from './features/chat/attachment-store.ts';
import { chatSink, useChatStore } from './features/chat/chat-store.ts';
import { draftOf, draftShelf, useDraftStore } from './features/chat/draft-store.ts';
import { keptChoice } from './features/chat/kept-choice.ts';
import { keptEdit } from './features/chat/kept-edit.ts';
import { loadMarkdown } from './features/chat/rich-text.tsx';
import { connectToCore } from './ipc/api-client.ts';
import { createEventBridge } from './ipc/event-bridge.ts';
import { CoreContext } from './ipc/use-api.ts';
import { startWords } from './locales/i18n.ts';
import { isReload, rememberSession } from './remember-session.ts';
import { reportFailure } from './report-failure.ts';
import { spokenCore } from './spoken-core.ts';
import { guardScripts } from './trusted-scripts.ts';
import { watchWidth } from './ui/window-width.ts';
import { UnsentSessions } from './unsent-sessions.ts';
import './styles/theme.css';

async function start(): Promise<void> {
  const root = document.getElementById('root');
  if (root === null) throw new Error('index.html has no #root.');
  watchWidth();
  guardScripts(globalThis as Parameters<typeof guardScripts>[0], window.location.href);
  // English is in the bundle; the words of another language are asked for beside the way to the core.
  const words = startWords();
  const api = spokenCore(connectToCore());
  const adopted = takeUpUnsent();
  const core = { api, bridge: createEventBridge(api, chatSink) };
  await Promise.all([words, adopted]);
  // Drawn and focused before the page counts as loaded: a key that is pressed from then on has a place to go.
  flushSync(() =>
    createRoot(root).render(
      <CoreContext value={core}>
        <ErrorBoundary
          onFailure={(failure) => reportFailure(api, 'window', failure)}
          fallback={(failure) => (
            <CrashScreen
              failure={failure}
              place="window"
              name="window"
              isDraftKept={useDraftStore.getState().durable}
            />
          )}
        >
          <App />
        </ErrorBoundary>
      </CoreContext>,
    ),
  );
  // Once the page stands and before the first answer is there; one that is there earlier waits for it.
  requestIdleCallback(() => void loadMarkdown().catch(() => undefined));
}

/** What was typed and chosen for a conversation that is yet to begin comes back, after a reload and after a restart. */
async function takeUpUnsent(): Promise<void> {
  const unsent = new UnsentSessions({ shelf: draftShelf, locks: 'locks' in navigator ? navigator.locks : undefined });
  const holdsSomething = (id: string) =>
    draftOf({}, id) !== '' || filesOf({}, id).length > 0 || keptChoice(id) !== null;
  const adopted = isReload(window.sessionStorage) ? null : await unsent.adopt(holdsSomething);
  rememberSession(useChatStore, window.sessionStorage, adopted);
  const { currentId, newId, choose } = useChatStore.getState();
  useChatStore.setState({ editingMessageId: keptEdit(currentId) });
  const choice = keptChoice(newId);
  if (choice !== null) choose(newId, choice);
  unsent.follow(useChatStore, Date.now);
  // A conversation that is open in two windows has one draft: what was sent in one must not wait in the other to be sent again.
  window.addEventListener('storage', ({ key, newValue }) => {
    useDraftStore.getState().hear(key, newValue);
    useAttachmentStore.getState().hear(key);
  });
}

void start();
