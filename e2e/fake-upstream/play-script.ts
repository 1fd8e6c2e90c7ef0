import type { Gates } from './gates.ts';
import type { FakeUsage, Step } from './script.ts';
import { aborted, sleep } from './sleep.ts';

/** What one protocol makes of a step. Methods that send wait for the client to take it. */
export interface ScriptOutput {
  /** Aborts when nobody wants more: the client has gone, or the run was stopped. */
  readonly signal: AbortSignal;
  /** True where a run outlives its connection. */
  readonly survivesCut: boolean;
  text(text: string): Promise<void>;
  reasoning(text: string): Promise<void>;
  reasoningAvailable(text: string): Promise<void>;
  toolStart(step: Extract<Step, { do: 'toolStart' }>): Promise<void>;
  toolEnd(step: Extract<Step, { do: 'toolEnd' }>): Promise<void>;
  approval(step: Extract<Step, { do: 'approval' }>): Promise<void>;
  clarify(step: Extract<Step, { do: 'clarify' }>): Promise<void>;
  awaitSteer(): Promise<void>;
  frame(data: unknown, event: string | null): Promise<void>;
  raw(bytes: string | Uint8Array): Promise<void>;
  usage(usage: FakeUsage): void;
  cut(): Promise<void>;
  endStream(): Promise<void>;
  fail(step: Extract<Step, { do: 'fail' }>): Promise<void>;
  cancel(): Promise<void>;
  finish(step: Extract<Step, { do: 'finish' }>): Promise<void>;
}

/** Plays steps in order until the end, a cut that ends everything, or the signal. */
export async function playScript(steps: readonly Step[], output: ScriptOutput, gates: Gates): Promise<void> {
  for (const step of steps) {
    if (output.signal.aborted) return;
    if (await playStep(step, output, gates)) return;
  }
}

/** @returns whether the script is over. */
async function playStep(step: Step, output: ScriptOutput, gates: Gates): Promise<boolean> {
  switch (step.do) {
    case 'text':
      await output.text(step.text);
      return false;
    case 'reasoning':
      await output.reasoning(step.text);
      return false;
    case 'reasoningAvailable':
      await output.reasoningAvailable(step.text);
      return false;
    case 'toolStart':
      await output.toolStart(step);
      return false;
    case 'toolEnd':
      await output.toolEnd(step);
      return false;
    case 'approval':
      await output.approval(step);
      return false;
    case 'clarify':
      await output.clarify(step);
      return false;
    case 'awaitSteer':
      await output.awaitSteer();
      return false;
    case 'wait':
      await sleep(step.ms, output.signal);
      return false;
    case 'gate':
      await gates.pass(step.name, output.signal);
      return false;
    case 'keepalive':
      await output.raw(': keepalive\n\n');
      return false;
    case 'frame':
      await output.frame(step.data, step.event ?? null);
      return false;
    case 'raw':
      await output.raw(step.text);
      return false;
    case 'usage':
      output.usage(step.usage);
      return false;
    case 'paced':
      await pace(step.tokensPerSecond, Math.round(step.tokensPerSecond * step.seconds), output, partOf(step));
      return false;
    case 'endless':
      await pace(step.tokensPerSecond, Number.POSITIVE_INFINITY, output, word);
      return true;
    case 'stall':
      await aborted(output.signal);
      return true;
    case 'cutMidCharacter':
      // The first two of the three bytes of the euro sign.
      await output.raw(Buffer.concat([Buffer.from('data: {"half":"'), Buffer.from([0xe2, 0x82])]));
      await output.cut();
      return !output.survivesCut;
    case 'cut':
      await output.cut();
      return !output.survivesCut;
    case 'endStream':
      await output.endStream();
      return !output.survivesCut;
    case 'fail':
      await output.fail(step);
      return true;
    case 'cancel':
      await output.cancel();
      return true;
    case 'finish':
      await output.finish(step);
      return true;
  }
}

const word = (index: number): string => `word${index} `;

/** What the parts of a paced answer say: words, the time, or the pieces of a text. */
function partOf(step: Extract<Step, { do: 'paced' }>): (index: number, count: number) => string {
  const { stamped = false, text } = step;
  if (stamped) return () => `@${(performance.timeOrigin + performance.now()).toFixed(3)}|`;
  if (text === undefined) return word;
  return (index, count) =>
    text.slice(Math.round((index * text.length) / count), Math.round(((index + 1) * text.length) / count));
}

/** Sends parts at a steady rate, catching up after a late timer, so that the rate holds over the whole. */
async function pace(
  perSecond: number,
  count: number,
  output: ScriptOutput,
  part: (index: number, count: number) => string,
): Promise<void> {
  const startMs = performance.now();
  for (let sent = 0; sent < count && !output.signal.aborted; ) {
    const due = Math.min(count, 1 + Math.floor(((performance.now() - startMs) / 1000) * perSecond));
    for (; sent < due && !output.signal.aborted; sent++) await output.text(part(sent, count));
    if (sent < count) await sleep(Math.max(1, startMs + (sent * 1000) / perSecond - performance.now()), output.signal);
  }
}
