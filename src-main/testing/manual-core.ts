import type { EventDraft } from '#contract/events';
import type { Message } from '#contract/message';
import type { Settings } from '#contract/settings';
import type { UpstreamEvent } from '../gateway/upstream-event.ts';
import { ManualClock } from '../platform/clock.ts';
import type { ContextPorts } from '../runs/context-meter.ts';
import type { LoadParts } from '../runs/prepare-request.ts';
import type { LeftoverUpstream } from '../runs/upstream-leftovers.ts';
import { type ManualCall, manualUpstream } from './manual-upstream.ts';
import { countingIds, openRunsHarness, type RunsHarness } from './runs-harness.ts';
import { tempDir } from './temp-dir.ts';

export const done: UpstreamEvent = { type: 'completed', output: null, finishReason: 'stop', usage: null };
export const said = (text: string): UpstreamEvent => ({ type: 'text', text });

/** The runs core with an upstream that is answered by hand. */
export interface ManualCore extends RunsHarness {
  clock: ManualClock;
  calls: ManualCall[];
  attached: ManualCall[];
  /** Lets everything that can happen happen. */
  settle(): Promise<void>;
  /** Sends a message and answers it. */
  turn(sessionId: string, input: string, answer: string): Promise<void>;
  names(): EventDraft['event'][];
  /** The conversation as `role: text`. */
  transcript(sessionId: string): string[];
  /** Kills this process and starts the next one on the same data. */
  reopen(): Promise<ManualCore>;
}

export async function manualCore(
  options: {
    style?: 'stop-request' | 'close-socket';
    settings?: Partial<Settings>;
    loadParts?: LoadParts;
    context?: ContextPorts;
    upstream?: Partial<LeftoverUpstream>;
    dir?: string;
    nextId?: () => string;
    clock?: ManualClock;
  } = {},
): Promise<ManualCore> {
  const dir = options.dir ?? tempDir();
  const nextId = options.nextId ?? countingIds();
  const clock = options.clock ?? new ManualClock();
  const { port, calls, attached } = manualUpstream(options.style ?? 'close-socket');
  const harness = await openRunsHarness({
    dir,
    upstream: { ...port, ...options.upstream },
    clock,
    nextId,
    ...(options.settings === undefined ? {} : { settings: options.settings }),
    ...(options.loadParts === undefined ? {} : { loadParts: options.loadParts }),
    ...(options.context === undefined ? {} : { context: options.context }),
  });
  const settle = async () => {
    for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const line = (row: Message) => `${row.role}: ${row.content}`;
  return {
    ...harness,
    clock,
    calls,
    attached,
    settle,
    async turn(sessionId, input, answer) {
      await harness.runs.submit({ sessionId, input }, null);
      await settle();
      calls.at(-1)?.push(said(answer), done);
      await settle();
    },
    names: () => harness.events.map((event) => event.event),
    transcript: (sessionId) => harness.store.messages.all(sessionId).map(line),
    async reopen() {
      harness.kill();
      return manualCore({ ...options, dir, nextId, clock });
    },
  };
}
