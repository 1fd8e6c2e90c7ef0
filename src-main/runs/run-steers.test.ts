import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ManualClock } from '../platform/clock.ts';
import { type Deferred, deferred } from '../platform/deferred.ts';
import { RunSteers, type SteerFate } from './run-steers.ts';

/** When the upstream answers for a message, and what. */
const message = fc.record({ when: fc.constantFrom('before', 'at the end', 'too late'), isTaken: fc.boolean() });

it('[E2-18] each message is part of the answer, sent by the run’s end, or left to whoever put it: one of them, whenever the run ends', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 6 }), async (messages) => {
      const clock = new ManualClock();
      const steers = new RunSteers(clock);
      const inAnswer: string[] = [];
      const answers: Deferred<boolean>[] = messages.map(() => deferred<boolean>());
      const fates: (SteerFate | null)[] = messages.map(() => null);
      const puts = messages.map(async (_, index) => {
        const id = `q${index}`;
        const send = () => answers[index]?.promise ?? Promise.reject(new Error('No such message.'));
        fates[index] = await steers.put(`text ${index}`, id, send, () => inAnswer.push(id));
      });
      const answer = (when: string) => {
        for (const [index, each] of messages.entries()) if (each.when === when) answers[index]?.resolve(each.isTaken);
      };
      answer('before');
      for (let turn = 0; turn < 4; turn++) await Promise.resolve();
      const ended = steers.end();
      answer('at the end');
      for (let turn = 0; turn < 4; turn++) await Promise.resolve();
      clock.advance(1000);
      await ended;
      answer('too late');
      await Promise.all(puts);
      const unsent = steers.unsent.map(({ queueId }) => queueId);
      for (const [index, { when, isTaken }] of messages.entries()) {
        const id = `q${index}`;
        const places = [inAnswer.includes(id), unsent.includes(id), fates[index] === 'refused'];
        const inTime = when !== 'too late';
        expect(places).toEqual([inTime && isTaken, !inTime, inTime && !isTaken]);
      }
      expect(new Set(unsent).size).toBe(unsent.length);
    }),
  );
});

it('[E2-18] what was taken and missed the model keeps the name under which it was put; what others put there has none', async () => {
  const steers = new RunSteers(new ManualClock());
  for (const queueId of ['a', 'b'])
    await steers.put(
      'again',
      queueId,
      async () => true,
      () => undefined,
    );
  steers.missed('again');
  steers.missed('not ours');
  expect(steers.unsent).toEqual([
    { text: 'again', queueId: 'b' },
    { text: 'not ours', queueId: null },
  ]);
});

it('[E2-18] a run that is over takes none, and the upstream is not asked', async () => {
  const steers = new RunSteers(new ManualClock());
  await steers.end();
  const send = () => Promise.reject(new Error('The upstream was asked.'));
  expect(await steers.put('late', 'q', send, () => undefined)).toBe('refused');
});
