import type { ChatEvent, EventDraft } from '#contract/events';
import { instructionsOf, type LoadParts, prepareRequest } from './prepare-request.ts';
import { type ExecutorParts, RunExecutor } from './run-executor.ts';
import { terminalDraft } from './run-outcome.ts';
import type { RunTask } from './run-task.ts';
import { NOTHING_SPENT, withReport } from './session-tokens.ts';

/**
 * A run without a session (E2-03): nothing is stored, only its caller hears of it, and it ends when the caller leaves.
 */
export class OneShotRun {
  readonly runId: string;
  readonly #executor: RunExecutor;
  readonly #parts: ExecutorParts;
  readonly #tell: (event: ChatEvent) => void;
  #seq = 0;

  constructor(
    parts: ExecutorParts & { loadParts: LoadParts; basePrompt: () => string },
    task: RunTask,
    tell: (event: ChatEvent) => void,
  ) {
    this.runId = task.runId;
    this.#parts = parts;
    this.#tell = tell;
    this.#executor = new RunExecutor(parts, task, {
      write: (drafts) => {
        this.#emit(drafts);
        return Promise.resolve();
      },
      prepared: () => undefined,
      reported: (usage) => [{ event: 'usage.updated', run_id: task.runId, ...withReport(NOTHING_SPENT, usage) }],
      attached: () => undefined,
      request: async (signal) => {
        const source = {
          workspace: null,
          sessionInstructions: null,
          basePrompt: parts.basePrompt(),
          actsOnFiles: false,
        };
        const instructions = await instructionsOf(task.options, source);
        return prepareRequest(task, { rows: [], workspace: null, instructions }, parts.loadParts, signal);
      },
      accepted: (fields) => {
        this.#emit([
          {
            event: 'run.started',
            run_id: task.runId,
            status: fields.status,
            queue_length: 0,
            upstream_run_id: fields.upstreamRunId,
            model: fields.model ?? task.options.model,
            profile: task.options.profile,
            ...(fields.parameters === null ? {} : { parameters: fields.parameters }),
          },
        ]);
        return Promise.resolve();
      },
    });
  }

  /** Runs to the end and tells it. Never rejects. */
  async execute(): Promise<void> {
    const outcome = await this.#executor.execute();
    this.#parts.calls.bookNow(this.#executor.calls);
    const spent = outcome?.usage ?? null;
    if (spent !== null)
      this.#emit([{ event: 'usage.updated', run_id: this.runId, ...withReport(NOTHING_SPENT, spent) }]);
    if (outcome !== null) this.#emit([terminalDraft(this.runId, outcome, 0, this.#parts.newId())]);
  }

  stop(): void {
    this.#executor.stop();
  }

  #emit(drafts: EventDraft[]): void {
    for (const draft of drafts) {
      this.#seq++;
      this.#tell({ v: 1, session_id: null, seq: this.#seq, ts: this.#parts.clock.now(), ...draft });
    }
  }
}
