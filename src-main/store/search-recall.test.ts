import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyMessage } from '#contract/message';
import { ManualClock } from '../platform/clock.ts';
import { dataPaths } from '../platform/paths.ts';
import { createReadQueries } from './read-queries.ts';
import { openStore, type Store } from './store.ts';

/** Texts with what must find each of them. Every query of a text must bring that text among its hits. */
const PLANTED: { what: string; text: string; queries: string[] }[] = [
  { what: 'percent', text: 'We reached 73% of the quota', queries: ['73%', '73% of', 'quota'] },
  {
    what: 'underscore',
    text: 'set max_queue_length in the file',
    queries: ['max_queue_length', 'max_queue', 'queue_length', 'queue'],
  },
  {
    what: 'quotes',
    text: 'she said "marmalade sky" twice',
    queries: ['"marmalade sky"', '"marmalade', 'marmalade" sky'],
  },
  {
    what: 'operators',
    text: 'zebra AND NOT walrus OR NEAR(heron)',
    queries: ['zebra AND', 'NOT walrus', 'OR NEAR(heron)', 'zebra OR', 'walrus*', '-heron', '^zebra'],
  },
  {
    what: 'brackets and a colon',
    text: 'note: {"kestrel": [1, 2]}',
    queries: ['note:', '{"kestrel"', '"kestrel": [1', 'kestrel'],
  },
  { what: 'an apostrophe', text: "it doesn't concern O'Hara", queries: ["doesn't", "O'Hara", 'hara'] },
  {
    what: 'Chinese',
    text: '今天天气很好，我们去公园散步',
    queries: ['天气', '公园', '散步', '今天天气很好', '我们去公园', '很好，我们', '气', '步', '今'],
  },
  { what: 'Chinese in short runs', text: '他说：“好。” 我 笑了', queries: ['好', '我', '笑了', '他说', '我 笑'] },
  { what: 'traditional Chinese', text: '這個資料庫需要備份', queries: ['資料庫', '備份', '庫'] },
  { what: 'rare Chinese', text: '上野の𠮷野家で会いましょう', queries: ['𠮷野家', '𠮷', '野家', '上野'] },
  {
    what: 'Japanese',
    text: 'ひらがなとカタカナの文章を検索する',
    queries: ['ひらがな', 'カタカナ', '検索', 'を検', 'ナの', '検索する'],
  },
  { what: 'a long vowel', text: 'サーバーのエラーメッセージ', queries: ['サーバー', 'エラー', 'メッセージ', 'バー'] },
  { what: 'an iteration mark', text: '佐々木さんと人々の話', queries: ['佐々木', '人々', '々', '木さん'] },
  {
    what: 'Korean',
    text: '한국어 문장도 찾아야 한다',
    queries: ['한국', '한국어', '국어', '문장', '문장도', '찾아야', '다'],
  },
  {
    what: 'mixed scripts',
    text: '用iPhone手机打开React页面v2版本',
    queries: ['iPhone', '手机', 'iPhone手机', 'React页面', '页面v2', 'v2版本', 'react', '机'],
  },
  {
    what: 'accents',
    text: 'Das Café in der Straße ist naïve Crème brûlée, piñata',
    queries: ['café', 'cafe', 'CAFÉ', 'Straße', 'naive', 'naïve', 'creme brulee', 'pinata'],
  },
  {
    what: 'accents in two characters',
    text: 'Le caf\u00e9 n\u0303o\u0308',
    queries: ['cafe\u0301', 'caf\u00e9', 'cafe'],
  },
  {
    what: 'an emoji between',
    text: 'ship🚀rocket 好👍极了 done✅',
    queries: ['ship', 'rocket', 'ship🚀rocket', '好', '极了', '极了 done', 'done✅'],
  },
  {
    what: 'an emoji with a joiner',
    text: 'the 👩‍💻 programmer',
    queries: ['programmer', '👩‍💻 programmer', 'the 👩‍💻'],
  },
  {
    what: 'camelCase',
    text: 'call getUserNameById(userId) here',
    queries: ['getUserNameById', 'getusernamebyid', 'getUser', 'getUserNameById(userId)', 'userId'],
  },
  {
    what: 'a path',
    text: 'see src/store/search-terms.ts:42',
    queries: ['src/store/search-terms.ts', 'search-terms', 'search-terms.ts:42', 'terms.ts'],
  },
  { what: 'kebab-case', text: 'use data-testid attributes', queries: ['data-testid', 'testid', 'data-'] },
  {
    what: 'a private name',
    text: 'the field #mailbox and __proto__ and $scope',
    queries: ['#mailbox', '__proto__', '$scope', 'mailbox'],
  },
  { what: 'C++', text: 'written in C++ and F#', queries: ['C++', 'F#', 'in C++'] },
  {
    what: 'numbers',
    text: 'on 2026-11-21 we paid 1,234.56 for build 0xDEADBEEF',
    queries: ['2026-11-21', '2026', '1,234.56', '1,234', '0xdeadbeef', '0xDEAD'],
  },
  {
    what: 'an address',
    text: 'mail ada.byron@example.org or https://example.org/a?b=c',
    queries: ['ada.byron@example.org', 'https://example.org/a?b=c', 'byron'],
  },
  {
    what: 'Cyrillic and Greek',
    text: 'Привет мир, καλημέρα κόσμε',
    queries: ['привет', 'МИР', 'καλημέρα', 'κόσμε', 'прив'],
  },
  { what: 'Arabic and Hebrew', text: 'مرحبا بالعالم שלום עולם', queries: ['مرحبا', 'שלום', 'עולם'] },
  { what: 'Hindi', text: 'यह हिन्दी का वाक्य है', queries: ['हिन्दी', 'वाक्य'] },
  {
    what: 'lines and tabs',
    text: 'first\tcolumn\nsecond   line',
    queries: ['column second', 'first column', 'second line'],
  },
  {
    what: 'a word in capitals',
    text: 'ERROR: ECONNREFUSED at step 3',
    queries: ['econnrefused', 'Econn', 'error: ECONNREFUSED'],
  },
];

const FILLER_WORDS = 'river stone paper garden window morning letter bridge simple music'.split(' ');
const FILLER_CHINESE = ['学习编程语言', '昨日下雨', '喝茶读书', '城市道路'];

const FILLER_ROWS = 2000;

let dir: string;
let store: Store;

/** The planted texts, each in the middle of others, so that a hit is a find and not the only row. */
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  store = openStore(dataPaths(dir), { clock: new ManualClock() });
  const row = (id: string, content: string, atMs: number) => ({
    ...emptyMessage({ id, session_id: 's', run_id: null, role: 'user', created_at_ms: atMs }),
    content,
    status: 'final' as const,
  });
  await store.committer.commit(() => {
    store.sessions.insert({
      id: 's',
      title: 's',
      title_source: 'user',
      profile: null,
      model: null,
      workspace: null,
      created_at_ms: 1,
      updated_at_ms: 1,
    });
    const filler = Array.from({ length: FILLER_ROWS }, (_, index) =>
      row(
        `filler${index}`,
        `${FILLER_WORDS[index % FILLER_WORDS.length]} ${FILLER_CHINESE[index % FILLER_CHINESE.length]} ${FILLER_WORDS[(index * 7) % FILLER_WORDS.length]}`,
        index,
      ),
    );
    const step = Math.floor(FILLER_ROWS / PLANTED.length);
    const mixed = filler.flatMap((one, index) => {
      const planted = index % step === 0 ? PLANTED[index / step] : undefined;
      return planted === undefined ? [one] : [one, row(`planted${index / step}`, planted.text, index)];
    });
    store.messages.append('s', mixed);
  });
});

afterAll(() => {
  store.close();
  rmSync(dir, { recursive: true, force: true });
});

const idsOf = (query: string, limit = 200): string[] =>
  createReadQueries(store.db)
    .search({ query, limit })
    .flatMap((hit) => hit.messageId ?? []);

describe('search finds everything that was written', () => {
  for (const [index, { what, text, queries }] of PLANTED.entries()) {
    it.each(queries)(
      `[E8-28] [decision 30] ${what}: “%s” finds “${text.slice(0, 30).replaceAll('%', '%%')}”`,
      (query) => {
        expect(idsOf(query)).toContain(`planted${index}`);
      },
    );
  }

  it('[E8-28] [decision 30] every pair of neighbouring characters of a Chinese text finds it', () => {
    const text = Array.from('今天天气很好');
    for (const [index, character] of text.slice(0, -1).entries()) {
      const pair = character + (text[index + 1] ?? '');
      expect(idsOf(pair), pair).toEqual([`planted${PLANTED.findIndex(({ what }) => what === 'Chinese')}`]);
    }
  });

  it('[E8-28] the beginning of the last word finds the word, from its first letter', () => {
    const at = `planted${PLANTED.findIndex(({ what }) => what === 'quotes')}`;
    for (let length = 1; length <= 'marmalade'.length; length++) {
      expect(idsOf('marmalade'.slice(0, length), FILLER_ROWS), 'marmalade'.slice(0, length)).toContain(at);
    }
  });

  it('[E8-28] [decision 30] a pair that stands nowhere finds nothing, even where both characters do', () => {
    expect(idsOf('气今')).toEqual([]);
    expect(idsOf('river absentword')).toEqual([]);
  });

  it('[E8-28] the newest matches come first, and a limit keeps those', () => {
    const hits = createReadQueries(store.db).search({ query: 'river', limit: 50 });
    const times = hits.map((hit) => hit.createdAtMs);
    expect(times).toHaveLength(50);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(times[0]).toBeGreaterThan(FILLER_ROWS - 20);
  });
});
