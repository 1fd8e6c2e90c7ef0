import { AppFailure } from '../../../platform/app-failure.ts';
import type { UpstreamAdapter, UpstreamRequest } from '../../upstream-adapter.ts';
import { DemoRun } from './demo-run.ts';
import { countWords } from './demo-step.ts';
import { planDemo } from './plan-demo.ts';

/** The built-in demo: no network, no key, no model. Its usage figures count words and are named demo units. */
export function createDemoAdapter(): UpstreamAdapter {
  return {
    kind: 'demo',
    stopStyle: 'close-socket',
    needsCredential: false,
    chatUrl: () => '',
    async start(request, context) {
      context.signal.throwIfAborted();
      const script = planDemo(request.input.content);
      if (script.refusal !== null) {
        const { code, message, retry, details } = script.refusal;
        throw new AppFailure(code, message, { retry, ...(details === undefined ? {} : { details }) });
      }
      return new DemoRun(script, inputWords(request), context);
    },
  };
}

function inputWords(request: UpstreamRequest): number {
  const texts = [
    request.instructions ?? '',
    ...request.history.map((message) => message.content),
    request.input.content,
  ];
  return texts.reduce((sum, text) => sum + countWords(text), 0);
}
