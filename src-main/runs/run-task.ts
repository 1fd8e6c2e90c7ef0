import type { RunInput } from '#contract/message';
import type { RunParameters } from '#contract/model-parameters';
import type { RunOptions } from '../store/run-repository.ts';
import type { ToolRow } from './tool-rows.ts';

/** The part of an answer that is stored already. */
export interface WrittenAnswer {
  /** All text of the run. */
  whole: string;
  /** The text after the last tool call. */
  segment: string;
  /** The row that more text goes into; null where a tool call came last. */
  openMessageId: string | null;
  hasTools: boolean;
  /** Approvals that still wait, oldest first. */
  approvalIds: readonly string[];
  /** Questions that still wait, oldest first. */
  clarifyIds: readonly string[];
  /** The tool rows, for what is still told of their calls. */
  tools: readonly ToolRow[];
}

/** A run that is to be made, or taken up. */
export interface RunTask {
  runId: string;
  sessionId: string | null;
  input: RunInput;
  options: RunOptions;
  /** Set for a run that an earlier process started: it is taken up instead of begun. */
  upstreamRunId: string | null;
  /** What an earlier process had of the answer; it goes on from there. */
  written?: WrittenAnswer;
}

/** What an upstream said when it took a run. */
export interface AcceptedRun {
  upstreamRunId: string | null;
  status: string;
  model: string | null;
  credentialId: string | null;
  upstreamSessionId: string | null;
  /** What became of the parameters; null where none were chosen. */
  parameters: RunParameters | null;
}
