import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { estimateTokens } from '#contract/token-estimate';
import { AbortReason } from '../platform/app-failure.ts';
import { batchesOf } from './token-batches.ts';
import { TokenCounter } from './token-client.ts';

const WORKER = new URL('./token-worker.ts', import.meta.url);
const dir = mkdtempSync(join(tmpdir(), 'sluice-tokens-'));
const counters: TokenCounter[] = [];

function counterOf(url: URL, onTrouble?: (cause: unknown) => void): TokenCounter {
  const counter = new TokenCounter(url, onTrouble);
  counters.push(counter);
  return counter;
}

/** A worker of a few lines, for what the real one never does. */
function scripted(name: string, source: string): URL {
  const file = join(dir, name);
  writeFileSync(file, source);
  return pathToFileURL(file);
}

const counter = new TokenCounter(WORKER);
afterEach(async () => {
  for (const one of counters.splice(0)) await one.close();
});
afterAll(async () => {
  await counter.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('counting', () => {
  it('[E7-14] counts by the model’s tokenizer, one figure a text, in order', async () => {
    const texts = ['hello world', '', '你好，世界', '😀'];
    expect(await counter.count(texts, 'gpt-4o')).toEqual([2, 0, 3, 1]);
    expect(await counter.count(texts, 'gpt-4')).toEqual([2, 0, 6, 2]);
    expect(await counter.count(texts, null)).toEqual([2, 0, 3, 1]);
    expect(await counter.count([], 'gpt-4o')).toEqual([]);
  });

  it('[E7-14] null, lone halves of pairs, NUL and control tokens are text like any other', async () => {
    const [nothing, lone, nul, control] = await counter.count([null, '\ud800x\udc00', '\0', '<|endoftext|>'], null);
    expect(nothing).toBe(0);
    for (const tokens of [lone, nul]) expect(tokens).toBeGreaterThan(0);
    expect(control).toBeGreaterThan(1);
  });

  it('[E7-14] any texts have their figures, and none depends on its neighbours', async () => {
    const any = fc.array(fc.string({ unit: 'binary', maxLength: 60 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(any, async (texts) => {
        const alone = texts.map((text) => countTokens(text, { disallowedSpecial: new Set() }));
        expect(await counter.count(texts, null)).toEqual(alone);
      }),
      { numRuns: 50 },
    );
  });

  const million = 1_000_000;
  it.each([
    ['one letter', 'a'.repeat(million), 125_000],
    ['blanks', ' '.repeat(million), 7_813],
    ['one Chinese character', '的'.repeat(million), million],
    ['Chinese without a full stop', '中文没有标点'.repeat(million / 8), null],
    ['emoji', '😀'.repeat(million / 2), million / 2],
    ['lone first halves', '\ud800'.repeat(million), null],
    ['lone second halves', '\udc00'.repeat(million), null],
  ])('[E7-14] a megabyte of %s is counted in seconds', { timeout: 30_000 }, async (_name, text, tokens) => {
    const startMs = performance.now();
    const [count = 0] = await counter.count([text], 'gpt-4o');
    // Uncut it takes minutes to hours.
    expect(performance.now() - startMs).toBeLessThan(10_000);
    if (tokens === null) expect(count).toBeGreaterThan(100_000);
    else expect(Math.abs(count - tokens)).toBeLessThanOrEqual(tokens / 100);
  });

  it('[E7-13] [BUG-D16] five thousand messages are counted without holding up the main loop', {
    timeout: 60_000,
  }, async () => {
    const texts = Array.from(
      { length: 5_000 },
      (_, at) => `Message ${at}: ${'some words and código 中文 '.repeat(20)}`,
    );
    const fresh = counterOf(WORKER);
    let turns = 0;
    let isCounting = true;
    const turn = () => {
      turns++;
      if (isCounting) setImmediate(turn);
    };
    setImmediate(turn);
    const counts = await fresh.count(texts, 'gpt-4o');
    isCounting = false;
    expect(counts).toHaveLength(5_000);
    // Counted here, each batch would be a turn or two; how long a turn takes is measured by the bench.
    expect(turns).toBeGreaterThan(10 * [...batchesOf(texts)].length);
  });
});

describe('what is under way', () => {
  it('[BUG-A16] the texts of a question are cut into batches that together are the texts', () => {
    const long = fc
      .tuple(fc.constantFrom('ab ', '的', '😀', 'x'), fc.nat(200_000))
      .map(([part, times]) => part.repeat(times));
    const any = fc.array(fc.oneof(fc.constant(null), fc.string({ maxLength: 5 }), long), { maxLength: 8 });
    fc.assert(
      fc.property(any, (texts) => {
        const joined = texts.map(() => '');
        for (const batch of batchesOf(texts)) {
          expect(batch.texts.length).toBeGreaterThan(0);
          expect(batch.texts.reduce((units, text) => units + text.length, 0)).toBeLessThanOrEqual(256 * 1024);
          for (const [at, index] of batch.indexes.entries()) joined[index] += batch.texts[at] ?? '';
        }
        expect(joined).toEqual(texts.map((text) => text ?? ''));
      }),
      { numRuns: 60 },
    );
    expect([...batchesOf(new Array<string>(4_500).fill('x'))].map(({ texts }) => texts.length)).toEqual([
      2000, 2000, 500,
    ]);
  });

  it('[E7-13] a short question is answered while a long one is being counted', { timeout: 60_000 }, async () => {
    let isLongDone = false;
    const long = counter.count([`${'words of a long conversation '.repeat(10_000)}`.repeat(10)], null).then(() => {
      isLongDone = true;
    });
    expect(await counter.count(['short'], null)).toEqual([1]);
    expect(isLongDone).toBe(false);
    await long;
  });

  it('[E7-13] an abort rejects at once with its reason, and the next question is answered', async () => {
    const silent = counterOf(
      scripted('silent.mjs', `import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => {});`),
    );
    const stop = new AbortController();
    const asked = silent.count(['text'], null, stop.signal);
    const reason = new AbortReason('user');
    stop.abort(reason);
    await expect(asked).rejects.toBe(reason);
    await expect(counter.count(['text'], null, stop.signal)).rejects.toBe(reason);
    expect(await counter.count(['text'], null)).toEqual([1]);
  });

  it('[E7-13] closing ends what is being counted, and nothing starts after it', async () => {
    const silent = counterOf(
      scripted('silent.mjs', `import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => {});`),
    );
    const asked = silent.count(['text'], null);
    const ended = expect(asked).rejects.toMatchObject({ kind: 'shutdown' });
    await silent.close();
    await ended;
    await expect(silent.count(['text'], null)).rejects.toMatchObject({ kind: 'shutdown' });
  });
});

describe('a worker that fails', () => {
  it('[E7-14] is estimated for, told of once, and started anew for the next question', async () => {
    const troubles: unknown[] = [];
    const mark = join(dir, 'died');
    const dying = counterOf(
      scripted(
        'dies-once.mjs',
        `import { parentPort } from 'node:worker_threads'; import { existsSync, writeFileSync } from 'node:fs';
         parentPort.on('message', ({ id, texts }) => {
           if (existsSync(${JSON.stringify(mark)})) return parentPort.postMessage({ id, ok: true, counts: texts.map(() => 77) });
           writeFileSync(${JSON.stringify(mark)}, ''); process.exit(3);
         });`,
      ),
      (cause) => troubles.push(cause),
    );
    const texts = ['a text', 'x'.repeat(300_000)];
    expect(await dying.count(texts, null)).toEqual(texts.map(estimateTokens));
    expect(troubles).toHaveLength(1);
    expect(await dying.count(['a text'], null)).toEqual([77]);
  });

  it('[E7-14] a worker that is not there costs exactness only', async () => {
    const troubles: unknown[] = [];
    const missing = counterOf(pathToFileURL(join(dir, 'missing.js')), (cause) => troubles.push(cause));
    expect(await missing.count(['abcdefgh'], null)).toEqual([2]);
    expect(troubles).toHaveLength(1);
  });

  it('[E7-14] a tokenizer’s own failure is told with its message', async () => {
    const troubles: unknown[] = [];
    const throwing = counterOf(
      scripted(
        'throws.mjs',
        `import { parentPort } from 'node:worker_threads'; parentPort.on('message', ({ id }) => parentPort.postMessage({ id, ok: false, message: 'no table' }));`,
      ),
      (cause) => troubles.push(cause),
    );
    expect(await throwing.count(['abcd'], null)).toEqual([1]);
    expect(troubles).toEqual([new Error('no table')]);
  });
});
