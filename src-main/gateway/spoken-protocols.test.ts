import { describe, expect, it } from 'vitest';
import { AppFailure } from '../platform/app-failure.ts';
import { askEither, SpokenProtocols, type SpokenTo } from './spoken-protocols.ts';
import type { WireProtocol } from './translate/wire-protocol.ts';

const MINUTE_MS = 60_000;
const to: SpokenTo = { kind: 'openai-chat', baseUrl: 'http://a', model: 'm' };
const refusal = (status: number | null, missing?: 'address' | 'model') =>
  new AppFailure('upstream_rejected', `${status} ${missing}`, {
    details: { ...(status === null ? {} : { status }), ...(missing === undefined ? {} : { missing }) },
  });

/** Asks once, with what each protocol answers: a text, or a refusal. Tells the protocols that were asked. */
async function ask(
  spoken: SpokenProtocols,
  answers: Partial<Record<WireProtocol, string | AppFailure>>,
  nowMs = 0,
  of = to,
) {
  const asked: WireProtocol[] = [];
  const first = spoken.choose('openai-chat', of, nowMs) ?? 'openai-chat';
  const value = await askEither(
    spoken,
    first,
    of,
    () => nowMs,
    async (protocol) => {
      asked.push(protocol);
      const answer = answers[protocol];
      if (answer instanceof AppFailure) throw answer;
      return answer;
    },
  ).catch((thrown: unknown) => (thrown as AppFailure).message);
  return { asked, value };
}

const CHAT = 'openai-chat';
const RESPONSES = 'openai-responses';

describe('[E11-07] which of two protocols an upstream has', () => {
  it('is learned once the other one has answered, with an answer or a refusal, and not by a silence', async () => {
    for (const [other, learns] of [
      ['yes', true],
      [refusal(400), true],
      [refusal(429), true],
      [refusal(null), false],
      [refusal(404, 'address'), false],
    ] as const) {
      const spoken = new SpokenProtocols();
      const { asked, value } = await ask(spoken, { [CHAT]: refusal(404, 'address'), [RESPONSES]: other });
      expect(asked).toEqual([CHAT, RESPONSES]);
      // What neither has is told in the words of the one that was meant.
      const words = other === 'yes' ? 'yes' : other.details?.['missing'] === undefined ? other.message : '404 address';
      expect(value).toBe(words);
      expect(spoken.choose(CHAT, to, 0)).toBe(learns ? RESPONSES : CHAT);
    }
  });

  it('is nothing that another refusal or an abort could tell', async () => {
    for (const thrown of [refusal(404), refusal(500), refusal(null)]) {
      const spoken = new SpokenProtocols();
      expect((await ask(spoken, { [CHAT]: thrown, [RESPONSES]: 'yes' })).asked).toEqual([CHAT]);
    }
    const spoken = new SpokenProtocols();
    const aborted = new Error('left');
    const asking = askEither(
      spoken,
      CHAT,
      to,
      () => 0,
      () => Promise.reject(aborted),
    );
    await expect(asking).rejects.toBe(aborted);
  });

  it('holds for its address, or its model there, until its time is over', async () => {
    const spoken = new SpokenProtocols();
    await ask(spoken, { [CHAT]: refusal(404, 'address'), [RESPONSES]: 'yes' });
    await ask(spoken, { [CHAT]: refusal(404, 'model'), [RESPONSES]: 'yes' }, 0, { ...to, baseUrl: 'http://b' });
    const chosen = (more: Partial<SpokenTo>, nowMs = 0) => spoken.choose(CHAT, { ...to, ...more }, nowMs);
    expect(chosen({ model: 'other' })).toBe(RESPONSES);
    expect(chosen({ baseUrl: 'http://c' })).toBe(CHAT);
    expect(chosen({ baseUrl: 'http://b' })).toBe(RESPONSES);
    expect(chosen({ baseUrl: 'http://b', model: 'other' })).toBe(CHAT);
    expect(chosen({}, 24 * 60 * MINUTE_MS - 1)).toBe(RESPONSES);
    expect(chosen({}, 24 * 60 * MINUTE_MS)).toBe(CHAT);
    // Whatever was learned, these speak one protocol, or none.
    expect(chosen({ kind: 'anthropic' })).toBe('anthropic-messages');
    expect(chosen({ kind: 'demo' })).toBeNull();
    expect(spoken.other('anthropic-messages', { kind: 'anthropic' })).toBeNull();
  });

  it('turns around where it was the other way, and is never that both are missing', async () => {
    const spoken = new SpokenProtocols();
    await ask(spoken, { [CHAT]: refusal(404, 'address'), [RESPONSES]: 'yes' });
    const turned = await ask(spoken, { [CHAT]: 'yes', [RESPONSES]: refusal(405, 'address') });
    expect(turned).toEqual({ asked: [RESPONSES, CHAT], value: 'yes' });
    expect(spoken.choose(CHAT, to, 0)).toBe(CHAT);
    expect(spoken.choose(RESPONSES, to, 0)).toBe(CHAT);
    expect(spoken.choose(RESPONSES, to, 10 * MINUTE_MS)).toBe(RESPONSES);
  });

  it('is kept of a bounded number of addresses', async () => {
    const spoken = new SpokenProtocols();
    for (let number = 0; number < 600; number++) {
      await ask(spoken, { [CHAT]: refusal(404, 'address'), [RESPONSES]: 'yes' }, 0, {
        ...to,
        baseUrl: `http://${number}`,
      });
    }
    expect(spoken.choose(CHAT, { ...to, baseUrl: 'http://0' }, 0)).toBe(CHAT);
    expect(spoken.choose(CHAT, { ...to, baseUrl: 'http://599' }, 0)).toBe(RESPONSES);
  });
});
