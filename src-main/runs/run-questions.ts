import type { ApprovalChoice, EventDraft } from '#contract/events';
import type { UpstreamRun } from '../gateway/upstream-adapter.ts';
import { AppFailure, failureOf } from '../platform/app-failure.ts';
import type { UpstreamFolder } from './fold-upstream.ts';

export interface RunQuestionsParts {
  /** The run at its upstream; null before that accepted it. */
  run: () => UpstreamRun | null;
  folder: Pick<UpstreamFolder, 'awaitsApproval' | 'fold'>;
  /** After its end nothing may speak in a run. */
  isEnded: () => boolean;
  push: (draft: EventDraft) => void;
}

/**
 * What an agent asks a person in the middle of its answer, and the person's replies: each reply goes to the upstream at most
 * once, and into the log of a run that is still open. One object a run.
 */
export class RunQuestions {
  readonly #parts: RunQuestionsParts;
  /** Approvals whose answer is on its way. */
  readonly #answering = new Set<string>();

  constructor(parts: RunQuestionsParts) {
    this.#parts = parts;
  }

  /** Answers a question of the agent. @throws AppFailure `conflict` when nothing waits for it. */
  async clarify(clarifyId: string, response: string): Promise<void> {
    const run = this.#parts.run();
    if (run?.clarify === undefined || this.#parts.isEnded()) {
      throw failureOf('conflict', { word: 'waits_no_reply' });
    }
    await run.clarify(clarifyId, response);
    this.#fold({ type: 'clarify-resolved', clarifyId, response });
  }

  /**
   * Answers a pending approval.
   *
   * @param all the answer is for every one that waits.
   * @returns how many the upstream says were answered.
   * @throws AppFailure `conflict` when nothing waits for it.
   */
  async approve(approvalId: string, choice: ApprovalChoice, all: boolean): Promise<number> {
    const run = this.#parts.run();
    // An upstream that does not name its questions would take a second answer for the next one, which nobody has read.
    const isOpen = this.#parts.folder.awaitsApproval(approvalId) && !this.#answering.has(approvalId);
    if (run?.approve === undefined || !isOpen) {
      throw failureOf('conflict', { word: 'waits_no_decision' });
    }
    this.#answering.add(approvalId);
    try {
      const { resolved } = await run.approve(approvalId, choice, all);
      this.#fold({ type: 'approval-resolved', approvalId, choice, resolved });
      // The one answer was for every question that waits: each of them is told to be answered.
      for (let more = all; more; )
        more = this.#fold({ type: 'approval-resolved', approvalId: null, choice, resolved }) > 0;
      return resolved;
    } catch (thrown) {
      // The upstream waits no longer: neither does anybody here.
      if (thrown instanceof AppFailure && thrown.code === 'conflict')
        this.#fold({ type: 'approval-resolved', approvalId, choice, resolved: 0 });
      throw thrown;
    } finally {
      this.#answering.delete(approvalId);
    }
  }

  /** @returns how much there was to tell. The run may have ended while the upstream answered; its log is closed then. */
  #fold(event: Parameters<UpstreamFolder['fold']>[0]): number {
    if (this.#parts.isEnded()) return 0;
    const drafts = this.#parts.folder.fold(event);
    for (const draft of drafts) this.#parts.push(draft);
    return drafts.length;
  }
}
