import { describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../platform/clock.ts';
import { silentLogger } from '../../platform/logger.ts';
import { dataPaths } from '../../platform/paths.ts';
import { openStore } from '../../store/store.ts';
import { tempDir } from '../../testing/temp-dir.ts';
import { HttpFailure } from '../http-failure.ts';
import { IdempotencyDesk } from './idempotency.ts';
import { keptAnswers } from './kept-answers.ts';

const DAY_MS = 24 * 3_600_000;
const PATH = '/v1/messages';
const ANSWER = { status: 200, headers: { 'content-type': 'application/json' } };
const BODY = Buffer.from('{"model":"m"}');
const OTHER = Buffer.from('{"model":"n"}');

const clock = new ManualClock();

/** The desk on a store of its own, and the next process's desk on the same data. */
function openDesk(dir = tempDir()) {
  const store = openStore(dataPaths(dir), { clock });
  let isOpen = true;
  const close = () => {
    if (isOpen) store.close();
    isOpen = false;
  };
  onTestFinished(close);
  const desk = new IdempotencyDesk({ keeper: keptAnswers({ store, clock, logger: silentLogger }), clock });
  return {
    begin: (body: Buffer, caller = 'c1', key = 'k', path = PATH) => desk.begin(caller, path, key, body),
    restart: () => {
      close();
      return openDesk(dir);
    },
  };
}

/** Answers a request with a text. */
async function answer(request: ReturnType<IdempotencyDesk['begin']>, said: string): Promise<void> {
  expect(request.kept).toBeNull();
  request.add(Buffer.from(said.slice(0, 2)));
  request.add(Buffer.from(said.slice(2)));
  await request.keep(ANSWER);
  request.end();
}

const saidAgain = (request: ReturnType<IdempotencyDesk['begin']>) => request.kept?.body.toString();

function refusalOf(ask: () => unknown): HttpFailure {
  try {
    ask();
  } catch (thrown) {
    if (thrown instanceof HttpFailure) return thrown;
    throw thrown;
  }
  throw new Error('it was not refused');
}

describe('answers under an Idempotency-Key', () => {
  it('[E11-06] are those of one endpoint: the same key and body at another are another request', async () => {
    const desk = openDesk();
    await answer(desk.begin(BODY), 'said');
    const elsewhere = desk.begin(BODY, 'c1', 'k', '/cc/v1/messages');
    expect(elsewhere.kept).toBeNull();
    elsewhere.end();
    expect(saidAgain(desk.begin(BODY))).toBe('said');
  });

  it('[E11-06] are given again until 24 hours after them, and not a millisecond later', async () => {
    const desk = openDesk();
    await answer(desk.begin(BODY), 'first');
    clock.advance(DAY_MS - 1);
    expect(desk.begin(BODY).kept).toMatchObject({ ...ANSWER, body: Buffer.from('first') });
    // To be given again does not make it live longer.
    clock.advance(1);
    await answer(desk.begin(BODY), 'second');
    clock.advance(DAY_MS - 1);
    expect(saidAgain(desk.begin(BODY))).toBe('second');
  });

  it('[E11-06] refuse another body as long, and take it afterwards', async () => {
    const desk = openDesk();
    await answer(desk.begin(BODY), 'first');
    clock.advance(DAY_MS - 1);
    const refusal = refusalOf(() => desk.begin(OTHER));
    expect([refusal.status, refusal.message]).toEqual([409, expect.stringContaining('another request')]);
    clock.advance(1);
    await answer(desk.begin(OTHER), 'other');
    expect(refusalOf(() => desk.begin(BODY)).status).toBe(409);
    expect(saidAgain(desk.begin(OTHER))).toBe('other');
  });

  it('[E11-06] live as long over a restart; a request that was under way then is a new one', async () => {
    const before = openDesk();
    await answer(before.begin(BODY), 'first');
    expect(before.begin(BODY, 'c1', 'under way').kept).toBeNull();
    clock.advance(DAY_MS - 1);
    const desk = before.restart();
    expect(saidAgain(desk.begin(BODY))).toBe('first');
    expect(refusalOf(() => desk.begin(OTHER)).status).toBe(409);
    await answer(desk.begin(OTHER, 'c1', 'under way'), 'late');
    clock.advance(1);
    const later = desk.restart();
    await answer(later.begin(BODY), 'second');
    expect(saidAgain(later.begin(OTHER, 'c1', 'under way'))).toBe('late');
  });

  it('[E11-06] are not there while the first is under way, however long; a failure and another caller change nothing of it', async () => {
    const desk = openDesk();
    const first = desk.begin(BODY);
    clock.advance(2 * DAY_MS);
    const busy = refusalOf(() => desk.begin(BODY));
    expect([busy.status, busy.headers]).toEqual([409, { 'retry-after': '1', 'x-should-retry': 'true' }]);
    expect(refusalOf(() => desk.begin(OTHER)).headers).not.toHaveProperty('retry-after');
    await answer(desk.begin(OTHER, 'c2'), 'theirs');
    await first.keep({ ...ANSWER, status: 429 });
    first.end();
    await answer(desk.begin(OTHER), 'second');
    expect(saidAgain(desk.begin(OTHER, 'c2'))).toBe('theirs');
    expect(saidAgain(desk.begin(OTHER))).toBe('second');
  });
});
