import type { ApprovalChoice, Usage } from '#contract/events';
import { AbortReason, failureOf } from '../../../platform/app-failure.ts';
import { delay } from '../../../platform/clock.ts';
import { terminalOfThrow } from '../../stream-events.ts';
import { toolPreview } from '../../tool-preview.ts';
import type { UpstreamContext, UpstreamRun } from '../../upstream-adapter.ts';
import { isUpstreamTerminal, type UpstreamEvent } from '../../upstream-event.ts';
import { type DemoScript, type DemoStep, isAllowed } from './demo-step.ts';
import { demoTexts, quoted } from './demo-texts.ts';
import { countWords, wordPieces } from './demo-words.ts';

/** How often words are sent; more often than the eye sees would only cost. */
const TICK_MS = 33;

/** A question that waits for a person. */
interface Pending<Answer> {
  id: string;
  answer: (answer: Answer) => void;
}

/** Paces a script by the clock. Stop and abort take effect at once, also in the middle of a pause. */
export class DemoRun implements UpstreamRun {
  readonly upstreamRunId = null;
  readonly status = 'started';
  readonly model = 'demo';
  readonly events: AsyncIterable<readonly UpstreamEvent[]>;
  readonly #context: UpstreamContext;
  readonly #script: DemoScript;
  readonly #inputWords: number;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  #outputWords = 0;
  #questions = 0;
  /** What a person is asked just now. */
  #approval: Pending<ApprovalChoice> | null = null;
  #clarification: Pending<string> | null = null;
  /** Messages for this answer that it has not come to; null once it takes none any more. */
  #steers: string[] | null = [];

  constructor(script: DemoScript, inputWords: number, context: UpstreamContext) {
    this.#script = script;
    this.#inputWords = inputWords;
    this.#context = context;
    this.#signal = AbortSignal.any([context.signal, this.#stop.signal]);
    this.events = this.#events();
  }

  async stop(): Promise<'stopped'> {
    this.#stop.abort(new AbortReason('user'));
    return 'stopped';
  }

  async approve(approvalId: string, choice: ApprovalChoice): Promise<{ resolved: number }> {
    const pending = this.#approval;
    if (pending === null || pending.id !== approvalId) {
      throw failureOf('conflict', { word: 'waits_no_decision' });
    }
    this.#approval = null;
    pending.answer(choice);
    return { resolved: 1 };
  }

  async clarify(clarifyId: string, response: string): Promise<void> {
    const pending = this.#clarification;
    if (pending === null || pending.id !== clarifyId) {
      throw failureOf('conflict', { word: 'waits_no_answer' });
    }
    this.#clarification = null;
    pending.answer(response);
  }

  async steer(text: string): Promise<boolean> {
    if (this.#steers === null || this.#signal.aborted) return false;
    this.#steers.push(text);
    return true;
  }

  async *#events(): AsyncGenerator<readonly UpstreamEvent[], void, undefined> {
    try {
      for await (const batch of this.#play(this.#script.steps)) {
        yield batch;
        if (batch.some(isUpstreamTerminal)) return;
      }
      yield* this.#saySteers();
      this.#steers = null;
      const usage = this.#usage();
      const { details } = this.#script;
      yield [
        { type: 'usage', usage },
        ...(details.length === 0 ? [] : [{ type: 'tool-details' as const, calls: details }]),
        { type: 'completed', output: null, finishReason: 'stop', usage },
      ];
    } catch (thrown) {
      yield [terminalOfThrow(thrown, this.#signal, this.#usage())];
    } finally {
      this.#approval = null;
      this.#clarification = null;
      this.#steers = null;
    }
  }

  async *#play(steps: readonly DemoStep[]): AsyncGenerator<readonly UpstreamEvent[], void, undefined> {
    const { clock } = this.#context;
    for (const step of steps) {
      this.#signal.throwIfAborted();
      switch (step.do) {
        case 'say':
          yield* this.#pace(step.text, 'text');
          break;
        case 'think':
          yield* this.#pace(step.text, 'reasoning');
          yield [{ type: 'reasoning-end', text: '' }];
          break;
        case 'pause':
          await delay(clock, step.ms, this.#signal);
          break;
        case 'tool-start': {
          const { callId, name } = step;
          const preview = step.arguments === null ? null : toolPreview(step.arguments);
          yield [{ type: 'tool-start', callId, name, preview, arguments: step.arguments }];
          break;
        }
        case 'tool-end': {
          const { callId, name, durationSeconds, output } = step;
          yield [{ type: 'tool-end', callId, name, durationSeconds, isError: false, output }];
          break;
        }
        case 'ask': {
          const approvalId = `demo-approval-${++this.#questions}`;
          const { command, description } = step;
          const answered = this.#ask<ApprovalChoice>(approvalId, (pending) => {
            this.#approval = pending;
          });
          yield [
            {
              type: 'approval-request',
              approvalId,
              command,
              description,
              choices: ['once', 'session', 'always', 'deny'],
            },
          ];
          const choice = await answered;
          yield [{ type: 'approval-resolved', approvalId, choice, resolved: 1 }];
          yield* this.#play(step.then[isAllowed(choice) ? 'allowed' : 'denied']);
          break;
        }
        case 'clarify': {
          const clarifyId = `demo-clarify-${++this.#questions}`;
          const { question, choices } = step;
          const answered = this.#ask<string>(clarifyId, (pending) => {
            this.#clarification = pending;
          });
          yield [{ type: 'clarify-request', clarifyId, question, choices }];
          const response = await answered;
          yield [{ type: 'clarify-resolved', clarifyId, response }];
          yield* this.#pace(
            step.reply.replace('{answer}', () => response),
            'text',
          );
          break;
        }
        case 'fail':
          yield [{ type: 'failed', error: step.error, usage: this.#usage() }];
          return;
      }
    }
  }

  /** Sends a text's words at the script's pace, catching up after a late timer. */
  async *#pace(text: string, type: 'text' | 'reasoning'): AsyncGenerator<readonly UpstreamEvent[], void, undefined> {
    const { clock } = this.#context;
    const words = wordPieces(text);
    const startMs = clock.now();
    const perSecond = this.#script.wordsPerSecond;
    for (let sent = 0; sent < words.length; ) {
      const due = Math.min(words.length, 1 + Math.floor(((clock.now() - startMs) / 1000) * perSecond));
      if (due > sent) {
        const part = words.slice(sent, due).join('');
        this.#outputWords += due - sent;
        sent = due;
        yield [{ type, text: part }];
      }
      this.#signal.throwIfAborted();
      if (type === 'text') yield* this.#saySteers();
      if (sent < words.length) await delay(clock, Math.max(TICK_MS, 1000 / perSecond), this.#signal);
    }
  }

  /** What was put into this answer meanwhile, all of it at once. */
  *#saySteers(): Generator<readonly UpstreamEvent[], void, undefined> {
    for (const message of this.#steers?.splice(0) ?? []) {
      const text = demoTexts(this.#script.language).steered(quoted(message));
      this.#outputWords += countWords(text);
      yield [{ type: 'text', text }];
    }
  }

  #ask<Answer>(id: string, hold: (pending: Pending<Answer>) => void): Promise<Answer> {
    const answered = new Promise<Answer>((resolve, reject) => {
      const onAbort = () => reject(this.#signal.reason);
      this.#signal.addEventListener('abort', onAbort, { once: true });
      hold({
        id,
        answer: (answer) => {
          this.#signal.removeEventListener('abort', onAbort);
          resolve(answer);
        },
      });
    });
    // The reader may be gone before it comes to wait for the answer.
    answered.catch(() => undefined);
    return answered;
  }

  /** Demo units: words, of this conversation going in and of this answer coming out. */
  #usage(): Usage {
    return {
      input_tokens: this.#inputWords,
      output_tokens: this.#outputWords,
      total_tokens: this.#inputWords + this.#outputWords,
      cache_read_tokens: null,
      cache_write_tokens: null,
      reasoning_tokens: null,
    };
  }
}
