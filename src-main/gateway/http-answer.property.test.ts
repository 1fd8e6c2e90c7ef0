import fc from 'fast-check';
import type { Dispatcher } from 'undici';
import { expect, it } from 'vitest';
import { ManualClock } from '../platform/clock.ts';
import { HttpAnswer } from './http-answer.ts';
import { HttpExchange } from './http-exchange.ts';

const CONTROLLER: Dispatcher.DispatchController = {
  aborted: false,
  paused: false,
  reason: null,
  abort: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
};

async function readAll(answer: HttpAnswer): Promise<string> {
  const parts: Buffer[] = [];
  for (let bytes = await answer.read(); bytes !== null; bytes = await answer.read()) parts.push(bytes);
  return Buffer.concat(parts).toString('utf8');
}

/** Answers whose server calls them plain text, by what they are. */
const EVENTS = [
  'data: {"a":1}\n\n',
  ': hello\n\ndata: 1\n\n',
  '\uFEFFevent: x\ndata: 1\n\n',
  '\n\nid: 7\ndata:1\n\n',
  'retry:9\n\n',
];
const OTHERS = [
  '{"data": 1}',
  ' [1]',
  '<html>data: 1</html>',
  'null',
  'data',
  '',
  'database: closed',
  'Event: x',
  '\uFEFF{}',
];

it('[E11-02] what a stream is called does not matter, however small the pieces are in which it begins', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...EVENTS, ...OTHERS), fc.array(fc.nat({ max: 12 })), async (text, cuts) => {
      const exchange = new HttpExchange();
      exchange.onRequestStart(CONTROLLER);
      const headers = { 'content-type': 'text/plain' };
      exchange.onResponseStart(CONTROLLER, 200, headers);
      const parts = {
        upstream: 'u',
        clock: new ManualClock(),
        exchange,
        idleTimeoutMs: 1000,
        maxBytes: 1e6,
        release: () => undefined,
      };
      const answer = new HttpAnswer({ statusCode: 200, headers }, parts);
      const asked = answer.isEventStream();
      const bytes = Buffer.from(text);
      let from = 0;
      for (const cut of cuts) {
        const to = Math.min(bytes.length, from + cut);
        if (to > from) exchange.onResponseData(CONTROLLER, bytes.subarray(from, to));
        from = to;
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (from < bytes.length) exchange.onResponseData(CONTROLLER, bytes.subarray(from));
      exchange.onResponseEnd();
      expect(await asked).toBe(EVENTS.includes(text));
      expect(await answer.isEventStream()).toBe(EVENTS.includes(text));
      expect(await readAll(answer)).toBe(text);
    }),
  );
});
