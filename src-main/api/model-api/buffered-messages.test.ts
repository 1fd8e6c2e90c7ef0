import { type IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { expect, it } from 'vitest';
import type { RelayReply } from '../../gateway/relay/relay-port.ts';
import { ManualClock } from '../../platform/clock.ts';
import { deferred } from '../../platform/deferred.ts';
import { type ModelApiParts, modelRoutes } from './model-routes.ts';
import { RecentCalls } from './recent-calls.ts';

const START = `event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":0}}}\n\n`;
const END = `event: message_delta\ndata: {"type":"message_delta","usage":{"input_tokens":4711}}\n\n`;
const PING = 'event: ping\ndata: {"type": "ping"}\n\n';

/** A held call, as far as the door would bring it, before an upstream that waits in the middle of its answer. */
function heldCall(path: string) {
  const clock = new ManualClock();
  const goOn = deferred<void>();
  async function* frames(): AsyncGenerator<Buffer, void, undefined> {
    yield Buffer.from(START);
    await goOn.promise;
    yield Buffer.from(END);
  }
  const answerer = { credentialId: null, model: 'm' };
  const headers = { 'content-type': 'text/event-stream' };
  const reply: RelayReply = {
    status: 200,
    headers,
    answerer,
    body: { kind: 'frames', frames: frames(), failure: () => null, isComplete: () => true },
  };
  const settings = { defaultProfile: 'claude', messagesProfile: '', completionsProfile: '', responsesProfile: '' };
  const parts = {
    relay: { ask: () => Promise.resolve(reply) },
    caps: { enter: () => () => undefined },
    underWay: { enter: () => new AbortController().signal },
    recent: new RecentCalls({ clock, labelOf: () => null, scrub: (text) => text }),
    profiles: () => [],
    settings: () => ({ ...settings, modelAliases: {} }),
    clock,
    newId: () => 'call',
    scrub: (text: string) => text,
  } as unknown as ModelApiParts;
  const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'x' }] });
  const request = Object.assign(Readable.from([Buffer.from(body)]), { headers: {}, url: path, method: 'POST' });
  const response = new ServerResponse(request as unknown as IncomingMessage);
  const line = new PassThrough();
  let said = '';
  line.on('data', (part: Buffer) => {
    said += part.toString();
  });
  response.assignSocket(line as never);
  const route = modelRoutes(parts).find((each) => each.path === path);
  const caller = { kind: 'owner' } as const;
  const call = { params: {}, query: {}, body: {}, caller, request: request as unknown as IncomingMessage, response };
  const over = route?.answer(call);
  return { clock, goOn, over, said: () => said };
}

const turns = async () => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
};

it('[E11-01] a held stream says a sign of life each 25 s and nothing else, then all of it with its figures', async () => {
  const { clock, goOn, over, said } = heldCall('/cc/v1/messages');
  await turns();
  clock.advance(24_999);
  await turns();
  expect(said()).not.toContain('event:');
  clock.advance(1);
  await turns();
  expect(said()).toContain(PING);
  clock.advance(25_000);
  await turns();
  expect(said().split('event: ping')).toHaveLength(3);
  expect(said()).not.toContain('message_start');
  goOn.resolve();
  await over;
  await turns();
  expect(said()).toContain('"input_tokens":4711}}');
  expect(said().indexOf('message_start')).toBeGreaterThan(said().lastIndexOf('event: ping'));
  expect(clock.pending).toBe(0);
});
