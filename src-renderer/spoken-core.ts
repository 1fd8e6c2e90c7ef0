import type { Transport } from './ipc/transport.ts';
import { failureSentence } from './locales/failure-language.ts';

/** The same way to the core, with failures said in the language of the page before anybody shows them. */
export function spokenCore(core: Transport): Transport {
  return {
    onEvent: (listener) => core.onEvent(listener),
    onConnection: (listener) => core.onConnection(listener),
    request: async (route, input) => {
      const answer = await core.request(route, input);
      if (answer.ok) return answer;
      const { error } = answer;
      return { ok: false, error: { ...error, message: failureSentence(error.message, error.details?.['said']) } };
    },
  };
}
