import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SearchHit } from '#contract/records';
import { dataPaths } from '../src-main/platform/paths.ts';
import { ReadClient } from '../src-main/store/read-client.ts';
import { startCore } from './core-process.ts';
import { median, percentile, round } from './processes.ts';
import { seedSession, seedStore, settledRow } from './seed.ts';

// Searching a hundred thousand messages, half of them English and half Chinese, with words that are known to stand in a
// few of them. Timed at the worker's client and at a caller over HTTP. The floor of each is the same way with a word that
// stands nowhere.

const MESSAGES = 100_000;
const SESSIONS = 200;
const GOAL_P95_MS = 10;
const TIMES = 12;
const LIMIT = 50;
/** Each planted word stands in so many messages, spread over the whole. */
const PLANTED_EACH = 20;

const ENGLISH =
  'the a of and to in river stone paper garden window morning letter bridge simple music winter copper engine valley harbour lantern ticket ladder marble orchard pencil quiet ribbon saddle timber velvet wagon anchor basket candle desert feather glacier hammer island jacket kettle lemon mirror needle orange pillow quarry rocket silver tunnel umbrella village whistle yellow zipper branch circle dragon eagle forest granite hollow iron jungle kitchen library meadow notebook ocean planet question railway summer theatre universe voyage weather'.split(
    ' ',
  );
const CHINESE = Array.from(
  '的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指',
);
const PLANTED_ENGLISH = ['xylograph', 'quokkaburra', 'vermiculate'];
/** Characters that the list above does not hold, so that their pair stands only where it was planted. */
const PLANTED_CHINESE = ['鲸鱼', '琥珀', '螺旋'];

/** The same numbers each time. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const random = numbers(7);
/** Frequent ones are far more frequent than rare ones, as in any language. */
const pick = (list: readonly string[]) => list[Math.floor((random(1000) / 1000) ** 2 * list.length)] ?? '';

const planted = new Map<string, string[]>();

function textOf(index: number): string {
  const isChinese = index % 2 === 1;
  const length = 20 + random(60);
  const list = isChinese ? CHINESE : ENGLISH;
  const words = Array.from({ length }, (_, at) => pick(list) + (isChinese && at % 11 === 10 ? '，' : ''));
  const rare = isChinese ? PLANTED_CHINESE : PLANTED_ENGLISH;
  const every = Math.floor(MESSAGES / 2 / (PLANTED_EACH * rare.length));
  const place = Math.floor(index / 2);
  const word = place % every === 0 ? rare[(place / every) % rare.length] : undefined;
  if (word !== undefined) {
    words.splice(random(length), 0, word);
    planted.set(word, [...(planted.get(word) ?? []), `m${index}`]);
  }
  return words.join(isChinese ? '' : ' ');
}

const QUERIES: Record<string, string[]> = {
  'planted word': PLANTED_ENGLISH,
  'planted pair of characters': PLANTED_CHINESE,
  'beginning of a planted word': ['xylo', 'quokk', 'vermi'],
  'frequent word': ['the', 'river', 'stone', 'paper'],
  'two frequent words': ['river stone', 'the music', 'simple lantern'],
  'three words, the last unfinished': ['the river win', 'a stone pap', 'of and gar'],
  'two frequent characters': ['中国', '人们', '时间', '发展'],
  'four characters': ['中国人民', '天气很好', '问题解决'],
  'one character': ['的', '人', '鲸', '间'],
  'one letter': ['a', 't', 'q'],
  'two letters': ['th', 'ri', 'xy'],
  'both languages': ['river', '中国 的', '鲸鱼 人'],
};
const ABSENT = 'zzyzxabsent';

const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const seedStartMs = performance.now();
await seedStore(dir, async (store) => {
  for (let session = 0; session < SESSIONS; session++) await seedSession(store, `s${session}`);
  const each = MESSAGES / SESSIONS;
  // In turn, so that neighbours in the index belong to different conversations.
  for (let from = 0; from < MESSAGES; from += each) {
    const session = from / each;
    await store.committer.commit(() =>
      store.messages.append(
        `s${session}`,
        Array.from({ length: each }, (_, at) =>
          settledRow({
            id: `m${from + at}`,
            sessionId: `s${session}`,
            runId: null,
            role: 'user',
            content: textOf(from + at),
            atMs: from + at,
          }),
        ),
      ),
    );
  }
});
const seedMs = performance.now() - seedStartMs;
const paths = dataPaths(dir);
const core = await startCore(dir);
const reads = new ReadClient(new URL('../src-main/store/read-worker.ts', import.meta.url), paths.database);

const inWorker = (query: string, limit = LIMIT): Promise<SearchHit[]> => reads.ask('search', { query, limit });
const overHttp = async (query: string): Promise<SearchHit[]> =>
  (await core.call<{ hits: SearchHit[] }>('sessions.search', { query, limit: LIMIT })).hits;

async function timed(ask: (query: string) => Promise<unknown>, query: string): Promise<number> {
  const startMs = performance.now();
  await ask(query);
  return performance.now() - startMs;
}

const figures = (all: readonly number[]) => ({
  median: round(median(all)),
  p95: round(percentile(all, 0.95)),
  max: round(Math.max(...all)),
});

/** Whether every planted message is found, and hits come newest first. */
async function recall() {
  let found = 0;
  let wanted = 0;
  let inOrder = true;
  for (const [word, ids] of planted) {
    const hits = await inWorker(word, 200);
    const known = new Set(hits.map((hit) => hit.messageId));
    wanted += ids.length;
    found += ids.filter((id) => known.has(id)).length;
    const times = hits.map((hit) => hit.createdAtMs);
    inOrder &&= times.every((time, index) => index === 0 || time <= (times[index - 1] ?? 0));
  }
  for (const query of ['river', '中国', '的', 'th']) {
    const times = (await inWorker(query)).map((hit) => hit.createdAtMs);
    inOrder &&= times.length > 0 && times.every((time, index) => index === 0 || time <= (times[index - 1] ?? 0));
  }
  return { planted: wanted, found, newestFirst: inOrder };
}

try {
  for (const ask of [inWorker, overHttp]) await ask('river');
  const all: Record<'worker' | 'caller' | 'workerFloor' | 'callerFloor', number[]> = {
    worker: [],
    caller: [],
    workerFloor: [],
    callerFloor: [],
  };
  const byKind: Record<string, { worker: number[]; caller: number[] }> = {};
  for (let round_ = 0; round_ < TIMES; round_++) {
    for (const [kind, queries] of Object.entries(QUERIES)) {
      const own = (byKind[kind] ??= { worker: [], caller: [] });
      for (const query of queries) {
        own.worker.push(await timed(inWorker, query));
        own.caller.push(await timed(overHttp, query));
      }
      all.workerFloor.push(await timed(inWorker, ABSENT));
      all.callerFloor.push(await timed(overHttp, ABSENT));
    }
  }
  for (const own of Object.values(byKind)) {
    all.worker.push(...own.worker);
    all.caller.push(...own.caller);
  }
  const known = await recall();
  const [worker, caller] = [figures(all.worker), figures(all.caller)];
  process.stdout.write(
    `${JSON.stringify({
      name: 'search',
      messages: MESSAGES,
      times: TIMES,
      limit: LIMIT,
      goals: { p95Ms: GOAL_P95_MS, recall: 1 },
      seed: { ms: round(seedMs, 0), storeMb: Math.round(statSync(paths.database).size / 1e6) },
      workerMs: { ...worker, met: (worker.p95 ?? Number.POSITIVE_INFINITY) <= GOAL_P95_MS },
      callerMs: { ...caller, met: (caller.p95 ?? Number.POSITIVE_INFINITY) <= GOAL_P95_MS },
      floor: { workerMs: figures(all.workerFloor), callerMs: figures(all.callerFloor) },
      byKind: Object.fromEntries(
        Object.entries(byKind).map(([kind, own]) => [
          kind,
          { worker: figures(own.worker), caller: figures(own.caller) },
        ]),
      ),
      recall: { ...known, met: known.found === known.planted && known.newestFirst },
    })}\n`,
  );
} finally {
  await reads.close();
  await core.stop();
  rmSync(dir, { recursive: true, force: true });
}
