import { SseParser } from '../../sse-parser.ts';
import type { StreamTranslator, WireFrame, WireProtocol } from '../translation.ts';

/** Frames of a stream as text, however it is cut. */
export function framesOf(text: string, cuts: readonly number[] = []): WireFrame[] {
  const bytes = new TextEncoder().encode(text);
  const parser = new SseParser();
  const at = [...cuts.map((cut) => cut % (bytes.length + 1)).sort((one, other) => one - other), bytes.length];
  let from = 0;
  return at.flatMap((to) => parser.push(bytes.subarray(from, (from = to))).frames);
}

/** The JSON of every frame; `[DONE]` stays text. */
export function eventsOf(text: string): Record<string, unknown>[] {
  return framesOf(text).map(({ data }) =>
    data === '[DONE]' ? { done: true } : (JSON.parse(data) as Record<string, unknown>),
  );
}

/** A frame as an upstream sends it, with the event's name where the protocol has names. */
export function upstreamFrame(protocol: WireProtocol, data: object): WireFrame {
  const type = (data as { type?: string }).type;
  return { event: protocol === 'openai-chat' ? null : (type ?? null), data: JSON.stringify(data) };
}

/** A whole stream through a translator. */
export function throughStream(
  translator: StreamTranslator,
  frames: readonly WireFrame[],
): { text: string; cut: boolean } {
  let text = '';
  for (const frame of frames) text += translator.push(frame);
  const end = translator.end();
  return { text: text + end.text, cut: end.cut };
}

export function sseText(protocol: WireProtocol, events: readonly object[]): string {
  const frames = events.map((event) => {
    const { event: name, data } = upstreamFrame(protocol, event);
    return name === null ? `data: ${data}\n\n` : `event: ${name}\ndata: ${data}\n\n`;
  });
  return frames.join('') + (protocol === 'openai-chat' ? 'data: [DONE]\n\n' : '');
}
