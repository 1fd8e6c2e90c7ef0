import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { CrashScreen } from './errors/crash-screen.tsx';
import { ErrorBoundary } from './errors/error-boundary.tsx';
import { chatSink, useChatStore } from './features/chat/chat-store.ts';
import { useDraftStore } from './features/chat/draft-store.ts';
import { loadMarkdown } from './features/chat/rich-text.tsx';
import { connectToCore } from './ipc/api-client.ts';
import { createEventBridge } from './ipc/event-bridge.ts';
import { CoreContext } from './ipc/use-api.ts';
import { startWords } from './locales/i18n.ts';
import { rememberSession } from './remember-session.ts';
import { reportFailure } from './report-failure.ts';
import { spokenCore } from './spoken-core.ts';
import { guardScripts } from './trusted-scripts.ts';
import './styles/theme.css';

async function start(): Promise<void> {
  const root = document.getElementById('root');
  if (root === null) throw new Error('index.html has no #root.');
  guardScripts(globalThis as Parameters<typeof guardScripts>[0], window.location.href);
  // English is in the bundle; the words of another language are asked for beside the way to the core.
  const words = startWords();
  const api = spokenCore(connectToCore());
  rememberSession(useChatStore, window.sessionStorage);
  const core = { api, bridge: createEventBridge(api, chatSink) };
  await words;
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

void start();
