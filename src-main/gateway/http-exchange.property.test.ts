import fc from 'fast-check';
import type { Dispatcher } from 'undici';
import { describe, expect, it } from 'vitest';
import { HttpExchange } from './http-exchange.ts';

/** What undici gives a handler, with what the handler did to it. */
class FakeController implements Dispatcher.DispatchController {
  aborted = false;
  paused = false;
  reason: Error | null = null;
  abort(reason: Error): void {
    this.aborted = true;
    this.reason = reason;
  }
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
  }
}

async function readAll(exchange: HttpExchange): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let bytes = await exchange.read(); bytes !== null; bytes = await exchange.read()) parts.push(bytes);
  return Buffer.concat(parts);
}

const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('data' as const), bytes: fc.uint8Array({ minLength: 1, maxLength: 40_000 }) }),
    fc.record({ do: fc.constant('turn' as const) }),
  ),
  { maxLength: 12 },
);

describe('an exchange with an upstream', () => {
  it('[E11-02] gives every byte once and in order, however they come and whenever they are read', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (script, readsLate) => {
        const exchange = new HttpExchange();
        const controller = new FakeController();
        exchange.onRequestStart(controller);
        exchange.onResponseStart(controller, 200, {});
        const early = readsLate ? null : readAll(exchange);
        const sent: Buffer[] = [];
        for (const step of script) {
          if (step.do === 'turn') await new Promise((resolve) => setImmediate(resolve));
          else {
            sent.push(Buffer.from(step.bytes));
            exchange.onResponseData(controller, Buffer.from(step.bytes));
          }
        }
        exchange.onResponseEnd();
        const read = await (early ?? readAll(exchange));
        expect(read.equals(Buffer.concat(sent))).toBe(true);
        expect(controller.paused).toBe(false);
      }),
    );
  });

  it('[E11-02] holds the upstream back while nobody reads, and lets it go on with the next read', async () => {
    const exchange = new HttpExchange();
    const controller = new FakeController();
    exchange.onRequestStart(controller);
    exchange.onResponseStart(controller, 200, {});
    exchange.onResponseData(controller, Buffer.alloc(32 * 1024));
    expect(controller.paused).toBe(false);
    exchange.onResponseData(controller, Buffer.alloc(32 * 1024));
    expect(controller.paused).toBe(true);
    expect((await exchange.read())?.length).toBe(64 * 1024);
    expect(controller.paused).toBe(false);
  });

  it('[E11-02] gives what arrived before a connection broke, then tells of the break', async () => {
    const exchange = new HttpExchange();
    const controller = new FakeController();
    exchange.onRequestStart(controller);
    exchange.onResponseStart(controller, 200, {});
    exchange.onResponseData(controller, Buffer.from('half'));
    exchange.onResponseError(controller, new Error('cut'));
    expect(String(await exchange.read())).toBe('half');
    await expect(exchange.read()).rejects.toThrow('cut');
  });

  it('[E11-02] an abort ends the wait for a head and for bytes, also where no connection stood yet', async () => {
    const waiting = new HttpExchange();
    const reason = new Error('left');
    waiting.abort(reason);
    await expect(waiting.head).rejects.toBe(reason);
    // The connection comes all the same, and is closed at once.
    const late = new FakeController();
    waiting.onRequestStart(late);
    expect(late.reason).toBe(reason);

    const reading = new HttpExchange();
    const controller = new FakeController();
    reading.onRequestStart(controller);
    reading.onResponseStart(controller, 200, {});
    const read = reading.read();
    reading.abort(reason);
    await expect(read).rejects.toBe(reason);
    expect(controller.reason).toBe(reason);
  });

  it('[E11-02] an interim answer is no head', async () => {
    const exchange = new HttpExchange();
    const controller = new FakeController();
    exchange.onRequestStart(controller);
    exchange.onResponseStart(controller, 103, { link: 'x' });
    exchange.onResponseStart(controller, 201, { a: 'b' });
    expect(await exchange.head).toEqual({ statusCode: 201, headers: { a: 'b' } });
  });
});
