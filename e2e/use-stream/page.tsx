import { useStream } from '@langchain/langgraph-sdk/react';
import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';

// A chat as the documentation of LangGraph's client writes one: nothing in it knows of Sluice but the address.

interface Said {
  id?: string;
  type: string;
  content: string;
}

function Chat() {
  const [threadId, setThreadId] = useState<string | null>(null);
  const stream = useStream<{ messages: Said[] }>({
    apiUrl: `${location.origin}/api`,
    assistantId: 'fake',
    threadId,
    onThreadId: setThreadId,
    fetchStateHistory: true,
  });
  const messages = stream.messages as unknown as Said[];
  return (
    <main>
      <ol>
        {messages.map((message) => (
          <li key={message.id}>
            {message.type}: {message.content}
          </li>
        ))}
      </ol>
      <p role="status">{stream.isLoading ? 'working' : 'resting'}</p>
      <p data-testid="thread">{threadId}</p>
      {stream.error === undefined ? null : <p role="alert">{String(stream.error)}</p>}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          const content = String(new FormData(form).get('text'));
          form.reset();
          void stream.submit({ messages: [{ type: 'human', content }] });
        }}
      >
        <input name="text" aria-label="Message" />
        <button type="submit">Send</button>
        <button type="button" onClick={() => void stream.stop()}>
          Stop
        </button>
      </form>
    </main>
  );
}

const root = document.getElementById('root');
if (root !== null)
  createRoot(root).render(
    <StrictMode>
      <Chat />
    </StrictMode>,
  );
