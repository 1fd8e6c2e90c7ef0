import { fitParameters } from '../../fit-parameters.ts';
import type { UpstreamRequest } from '../../upstream-adapter.ts';
import { dataUrl, sendableParts, textOfContent } from '../../user-content.ts';
import { toHermesHistory } from './build-request.ts';

/**
 * The body of `POST /v1/responses`. The history is ours and explicit, as with runs, and nothing is kept at the agent: no
 * answer of ours is ever continued there (E9-05).
 */
export function buildResponseRequest(request: UpstreamRequest): Record<string, unknown> {
  const parts = sendableParts(request.input);
  const { reasoningEffort: effort } = fitParameters('hermes', request.model, request.parameters).sent;
  return {
    input:
      parts === null
        ? textOfContent(request.input)
        : [
            {
              role: 'user',
              content: parts.map((part) =>
                part.type === 'text'
                  ? { type: 'input_text', text: part.text }
                  : { type: 'input_image', image_url: dataUrl(part) },
              ),
            },
          ],
    conversation_history: request.history.flatMap(toHermesHistory),
    ...(request.instructions === null || request.instructions === '' ? {} : { instructions: request.instructions }),
    ...(request.model === null ? {} : { model: request.model }),
    ...(effort === undefined ? {} : { reasoning: { effort } }),
    store: false,
    stream: true,
  };
}
