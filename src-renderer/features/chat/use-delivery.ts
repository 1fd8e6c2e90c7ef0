import { useCallback, useRef } from 'react';
import type { Result } from '#contract/errors';
import type { RunInput } from '#contract/message';
import type { RunAck } from '#contract/routes';
import { useCore } from '../../ipc/use-api.ts';
import { type SendStrategy, sendMessage } from './send-message.ts';

/**
 * Sends the messages of a conversation one behind the other. Enter twice in the time of one answer is one message: the
 * second call answers null.
 */
export function useDelivery(
  sessionId: string,
): (message: RunInput, strategy: SendStrategy) => Promise<Result<RunAck> | null> {
  const { api } = useCore();
  const inFlight = useRef<{ what: string; done: Promise<unknown> } | null>(null);
  return useCallback(
    async (message, strategy) => {
      const what = JSON.stringify(message);
      if (inFlight.current?.what === what) return null;
      const before = inFlight.current?.done;
      const deliver = async () => {
        await before;
        return sendMessage(api, sessionId, message, strategy);
      };
      const done = deliver();
      const turn = { what, done };
      inFlight.current = turn;
      const answer = await done;
      if (inFlight.current === turn) inFlight.current = null;
      return answer;
    },
    [api, sessionId],
  );
}
