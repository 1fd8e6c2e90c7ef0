import { Check, OctagonX } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { AppError } from '#contract/errors';
import type { CommandResult } from '../../ipc/event-bridge.ts';
import { useCore } from '../../ipc/use-api.ts';
import { failureSentence } from '../../locales/failure-language.ts';
import { Icon } from '../../ui/icons.tsx';
import { saveFile } from '../../ui/save-file.ts';
import { useChatStore } from './chat-store.ts';

/** What the last slash command did, until the next message. An export is handed over as a file. */
export function CommandLine({ sessionId }: { sessionId: string }) {
  const { api } = useCore();
  const result = useChatStore((state) => state.commands[sessionId]);
  const [failure, setFailure] = useState<{ of: CommandResult; error: AppError } | null>(null);

  useEffect(() => {
    if (result?.action !== 'export' || !result.ok) return;
    let left = false;
    void api.request('sessions.export', { sessionId, format: 'markdown' }).then((answer) => {
      if (left) return;
      if (answer.ok) saveFile(answer.data.fileName, answer.data.content, 'text/markdown');
      else setFailure({ of: result, error: answer.error });
    });
    return () => {
      left = true;
    };
  }, [api, result, sessionId]);

  if (result === undefined) return null;
  const problem = failure?.of === result ? failure.error : null;
  const ok = result.ok && problem === null;
  return (
    <p
      role={ok ? 'status' : 'alert'}
      data-testid="command-line"
      data-ok={ok}
      className={`mt-6 flex items-start gap-2 px-3 text-xs ${ok ? 'text-ink-3' : 'text-stop-ink'}`}
    >
      <Icon of={ok ? Check : OctagonX} size={14} className="mt-0.5" />
      <span className="min-w-0 wrap-anywhere">
        <span className="font-mono">/{result.command.replace(/^\//, '')}</span>{' '}
        {problem?.message ?? failureSentence(result.message, result.said)}
      </span>
    </p>
  );
}
