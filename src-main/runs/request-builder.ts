import type { Settings } from '#contract/settings';
import type { UpstreamRequest } from '../gateway/upstream-adapter.ts';
import type { RunOptions } from '../store/run-repository.ts';
import type { Store } from '../store/store.ts';
import type { CompressionNews, ContextKeeper } from './context-keeper.ts';
import { instructionsOf, type LoadParts, prepareRequest } from './prepare-request.ts';
import { readTranscript } from './read-transcript.ts';
import type { RunTask } from './run-task.ts';
import type { UpstreamPort } from './upstream-port.ts';

export interface RequestBuilderParts {
  store: Store;
  settings: () => Pick<Settings, 'systemPrompt'>;
  upstream: Pick<UpstreamPort, 'stopStyle'>;
  keeper: ContextKeeper;
  loadParts: LoadParts;
}

/** Puts together what an upstream is asked for a run of a conversation, from the store as it is now. Changes no message. */
export class RequestBuilder {
  readonly #parts: RequestBuilderParts;

  constructor(parts: RequestBuilderParts) {
    this.#parts = parts;
  }

  /** What a model is told before the conversation. A conversation that does not exist yet has nothing of its own to say. */
  instructions(sessionId: string, options: RunOptions): Promise<string | null> {
    const { store, settings, upstream } = this.#parts;
    const session = store.sessions.get(sessionId);
    return instructionsOf(options, {
      workspace: session?.workspace ?? null,
      sessionInstructions: session?.instructions ?? null,
      basePrompt: settings().systemPrompt,
      actsOnFiles: upstream.stopStyle(options.profile) === 'stop-request',
    });
  }

  /**
   * The request of a run, fitted into its model's window.
   *
   * @throws AppFailure `context_window_too_small`; the signal's reason.
   */
  async build(sessionId: string, task: RunTask, news: CompressionNews, signal: AbortSignal): Promise<UpstreamRequest> {
    const { store, keeper, loadParts } = this.#parts;
    const { runId, options, input } = task;
    const readAll = async () => {
      const all = await readTranscript(store.messages, sessionId, signal);
      return all.filter((row) => row.run_id !== runId);
    };
    const instructions = await this.instructions(sessionId, options);
    const fitting = await keeper.fit(sessionId, readAll, { runId, options, instructions, input }, news, signal);
    const workspace = store.sessions.get(sessionId)?.workspace ?? null;
    return prepareRequest(task, { rows: fitting, workspace, instructions }, loadParts, signal);
  }
}
