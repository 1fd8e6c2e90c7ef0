import { assertNever } from '#contract/assert-never';
import type { FailureSaying, Told } from '#contract/failure-saying';
import type { SlashCommand } from '#contract/slash-commands';
import { AppFailure, factOf, told } from '../../platform/app-failure.ts';
import type { RunRequest } from '../../runs/run-options.ts';
import type { RunService } from '../../runs/run-service.ts';
import type { Store } from '../../store/store.ts';

/** What a command did, for the one who typed it. */
export interface CommandOutcome extends Told {
  ok: boolean;
  /** What the window may do now: `export` begins a download, the others are done. */
  action: 'none' | 'stopped' | 'queued' | 'changed' | 'export';
}

function waitingWords(count: number): Told {
  if (count === 0) return told({ word: 'command_none_waits' });
  return told(count === 1 ? { word: 'command_one_waits' } : { word: 'command_some_wait', with: { count } });
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
  const missing: CommandOutcome = { ok: false, action: 'none', ...told({ word: 'command_no_messages' }) };
  try {
    switch (command) {
      case 'stop': {
        const ack = await runs.abort(sessionId);
        return ack.status === 'aborted'
          ? { ok: true, action: 'stopped', ...told({ word: 'command_stopped' }) }
          : { ok: false, action: 'none', ...told({ word: 'command_nothing_to_stop' }) };
      }
      case 'queue': {
        if (argument === '') return { ok: true, action: 'none', ...waitingWords(store.queue.count(sessionId)) };
        const ack = await runs.submit({ ...request, input: argument, strategy: 'enqueue' }, connectionProfile);
        const said: FailureSaying =
          ack.status === 'started'
            ? { word: 'command_sent' }
            : { word: 'command_queued', with: { position: ack.position } };
        return { ok: true, action: 'queued', ...told(said) };
      }
      case 'model': {
        if (session === null) return missing;
        if (argument === '') {
          const said: FailureSaying =
            session.model === null
              ? { word: 'command_own_model' }
              : { word: 'command_model', with: { model: session.model } };
          return { ok: true, action: 'none', ...told(said) };
        }
        const model = argument === 'default' ? null : argument;
        await store.committer.commit(() => store.sessions.change(sessionId, { model }));
        return {
          ok: true,
          action: 'changed',
          ...told(
            model === null ? { word: 'command_next_own_model' } : { word: 'command_next_model', with: { model } },
          ),
        };
      }
      case 'title':
        if (session === null) return missing;
        if (argument === '') return { ok: false, action: 'none', ...told({ word: 'command_write_title' }) };
        await store.committer.commit(() => store.sessions.rename(sessionId, argument.slice(0, 200), now()));
        return { ok: true, action: 'changed', ...told({ word: 'command_titled' }) };
      case 'export':
        if (session === null) return missing;
        return { ok: true, action: 'export', ...told({ word: 'command_exporting' }) };
      case 'compact': {
        if (session === null) return missing;
        const figures = await runs.compactions.compact(sessionId);
        if (figures === null) return { ok: true, action: 'none', ...told({ word: 'command_nothing_to_compact' }) };
        if (!figures.compressed) {
          const reason = figures.errorSaid ?? figures.error ?? '';
          return { ok: false, action: 'none', ...told({ word: 'command_not_compacted', with: { reason } }) };
        }
        const { beforeTokens: before, afterTokens: after } = figures;
        return { ok: true, action: 'changed', ...told({ word: 'command_compacted', with: { before, after } }) };
      }
      default:
        return assertNever(command);
    }
  } catch (thrown) {
    if (!(thrown instanceof AppFailure)) throw thrown;
    return { ok: false, action: 'none', ...told(factOf(thrown)) };
  }
}
