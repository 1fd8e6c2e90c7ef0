import { fromAppError } from '../../../platform/app-failure.ts';
import type { UpstreamAdapter, UpstreamCapabilities, UpstreamRequest } from '../../upstream-adapter.ts';
import { DemoRun } from './demo-run.ts';
import { languageOf } from './demo-texts.ts';
import { countWords } from './demo-words.ts';
import { BUSY, planDemo } from './plan-demo.ts';

const CAPABILITIES: UpstreamCapabilities = {
  approvals: true,
  steer: true,
  clarify: true,
  sessionMessages: false,
  sessionDelete: false,
  responses: false,
  runs: true,
  reasoning: true,
};

/** The built-in demo: no network, no key, no model. Its usage figures count words and are named demo units. */
export function createDemoAdapter(): UpstreamAdapter {
  return {
    kind: 'demo',
    stopStyle: 'close-socket',
    needsCredential: false,
    chatUrl: () => '',
    async start(request, context) {
      context.signal.throwIfAborted();
      const script = planDemo(request.input.content, languageOf(personsWords(request)));
      if (script.refusal !== null) throw fromAppError(script.refusal);
      if ((context.attempt ?? 1) <= script.busyTries) throw fromAppError(BUSY);
      return new DemoRun(script, inputWords(request), context);
    },
    capabilities: () => Promise.resolve(CAPABILITIES),
  };
}

function personsWords({ history, input }: UpstreamRequest): string[] {
  return [...history.filter(({ role }) => role === 'user').map(({ content }) => content), input.content];
}

function inputWords(request: UpstreamRequest): number {
  const texts = [
    request.instructions ?? '',
    ...request.history.map((message) => message.content),
    request.input.content,
  ];
  return texts.reduce((sum, text) => sum + countWords(text), 0);
}
