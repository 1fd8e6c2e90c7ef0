import { isObject, type JsonObject, parseJson } from '../json.ts';
import { Shelf } from './shelf.ts';

/** By characters. A signature has some thousand; that is a day's work of many conversations. */
const MAX_CHARS = 8 * 1024 * 1024;

/**
 * What a chat server hangs on a call and wants back with it (`extra_content`; Gemini signs its thinking there and refuses a
 * conversation without it, 2026-11). The other protocols have no place for it, so it waits here, in memory, for the request that
 * brings the call back: to the same program and the same server only.
 */
export class CallExtras {
  readonly #shelf = new Shelf(MAX_CHARS);

  /** Those of one program and one server. */
  of(
    owner: string,
    baseUrl: string,
  ): { put(callId: string, extra: JsonObject): void; take(callId: string): JsonObject | null } {
    const keyOf = (callId: string) => JSON.stringify([owner, baseUrl, callId]);
    return {
      put: (callId, extra) => this.#shelf.put(keyOf(callId), JSON.stringify(extra)),
      take: (callId) => {
        const extra = parseJson(this.#shelf.take(keyOf(callId)) ?? 'null');
        return isObject(extra) ? extra : null;
      },
    };
  }

  forget(): void {
    this.#shelf.clear();
  }
}
