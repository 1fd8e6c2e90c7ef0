import { assertNever } from '#contract/assert-never';
import type { SlashCommand } from '#contract/slash-commands';
import { AppFailure } from '../../platform/app-failure.ts';
import type { RunRequest } from '../../runs/run-options.ts';
import type { RunService } from '../../runs/run-service.ts';
import type { Store } from '../../store/store.ts';

/** What a command did, for the one who typed it. */
export interface CommandOutcome {
  ok: boolean;
  /** What the window may do now: `export` begins a download, the others are done. */
  action: 'none' | 'stopped' | 'queued' | 'changed' | 'export';
  message: string;
}

function waitingWords(count: number): string {
  if (count === 0) return 'Nothing waits in this conversation.';
  return count === 1 ? 'One message waits.' : `${count} messages wait.`;
}

/**
 * Carries a command out. What cannot be done is an outcome, too: a command never becomes a message to a model.
 *
 * @param request the message that the command stood in, for what it queues.
 * @param connectionProfile the profile that the caller's connection named, if any.
 */
export async function runSlashCommand(
  parts: { runs: RunService; store: Store; now: () => number },
  request: RunRequest & { sessionId: string },
  { command, argument }: { command: SlashCommand; argument: string },
  connectionProfile: string | null,
): Promise<CommandOutcome> {
  const { runs, store, now } = parts;
  const { sessionId } = request;
  const session = store.sessions.get(sessionId);
  const missing: CommandOutcome = { ok: false, action: 'none', message: 'This conversation has no messages yet.' };
  try {
    switch (command) {
      case 'stop': {
        const ack = await runs.abort(sessionId);
        return ack.status === 'aborted'
          ? { ok: true, action: 'stopped', message: 'The answer was stopped.' }
          : { ok: false, action: 'none', message: 'Nothing is running, so there is nothing to stop.' };
      }
      case 'queue': {
        if (argument === '') return { ok: true, action: 'none', message: waitingWords(store.queue.count(sessionId)) };
        const ack = await runs.submit({ ...request, input: argument, strategy: 'enqueue' }, connectionProfile);
        const message =
          ack.status === 'started' ? 'Nothing was running, so it was sent.' : `Queued at ${ack.position}.`;
        return { ok: true, action: 'queued', message };
      }
      case 'model': {
        if (session === null) return missing;
        if (argument === '') {
          return { ok: true, action: 'none', message: `The model is ${session.model ?? 'the profile’s own'}.` };
        }
        const model = argument === 'default' ? null : argument;
        await store.committer.commit(() => store.sessions.change(sessionId, { model }));
        return {
          ok: true,
          action: 'changed',
          message: `The next answer comes from ${model ?? 'the profile’s own model'}.`,
        };
      }
      case 'title':
        if (session === null) return missing;
        if (argument === '') return { ok: false, action: 'none', message: 'Write the title after /title.' };
        await store.committer.commit(() => store.sessions.rename(sessionId, argument.slice(0, 200), now()));
        return { ok: true, action: 'changed', message: 'The title was changed.' };
      case 'export':
        if (session === null) return missing;
        return { ok: true, action: 'export', message: 'The conversation is being exported.' };
      case 'compact': {
        if (session === null) return missing;
        const figures = await runs.compactions.compact(sessionId);
        if (figures === null) return { ok: true, action: 'none', message: 'There is nothing to compact yet.' };
        if (!figures.compressed) return { ok: false, action: 'none', message: `Not compacted: ${figures.error ?? ''}` };
        const message = `Compacted: about ${figures.beforeTokens} tokens became ${figures.afterTokens}.`;
        return { ok: true, action: 'changed', message };
      }
      default:
        return assertNever(command);
    }
  } catch (thrown) {
    if (!(thrown instanceof AppFailure)) throw thrown;
    return { ok: false, action: 'none', message: thrown.message };
  }
}
