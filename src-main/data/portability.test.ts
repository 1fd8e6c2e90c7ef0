import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DataJob } from '#contract/data';
import { emptyMessage, type Message } from '#contract/message';
import { createAttachments } from '../attachments/attachments.ts';
import { ManualClock } from '../platform/clock.ts';
import { silentLogger } from '../platform/logger.ts';
import { dataPaths } from '../platform/paths.ts';
import type { PortableConversation } from '../store/portable-rows.ts';
import { openStore, type Store } from '../store/store.ts';
import { layStore } from '../testing/lay-store.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { openZip } from './open-zip.ts';
import { Portability } from './portability.ts';
import type { OpenImport } from './read-import.ts';
import { taskRunner } from './run-task.ts';
import { unpackAttachments } from './unpack-attachments.ts';

const WORKER = new URL('./data-worker.ts', import.meta.url);
const CANARY = 'sk-canary-4f9Q2xkTz81LmPq0';

interface Scene {
  store: Store;
  portability: Portability;
  dir: string;
  attachmentsDir: string;
  jobs: DataJob[];
  addFile(sessionId: string, name: string, bytes: Buffer): Promise<string>;
  addConversation(id: string, messages: Partial<Message>[], title?: string): Promise<void>;
}

/** A store of its own, with everything that goes in and out of it. */
async function scene(secrets: string[] = []): Promise<Scene> {
  const dir = tempDir();
  const clock = new ManualClock();
  layStore(dir);
  const store = openStore(dataPaths(dir), { clock });
  let ids = 0;
  const newId = () => `id-${createHash('sha256').update(dir).digest('hex').slice(0, 6)}-${ids++}`;
  const attachments = createAttachments({
    dataDir: dir,
    store,
    limits: { maxBytes: 1e7, chunkBytes: 1e6 },
    clock,
    logger: silentLogger,
    newId,
  });
  const jobs: DataJob[] = [];
  const portability = new Portability({
    paths: dataPaths(dir),
    attachmentsDir: attachments.folderPath,
    store,
    runTask: taskRunner(WORKER),
    clock,
    logger: silentLogger,
    newId,
    secrets: () => secrets,
    version: '1.0.0',
    tell: (job) => jobs.push(job),
    added: () => undefined,
  });
  onTestFinished(async () => {
    await portability.close();
    await attachments.close();
    store.close();
  });
  return {
    store,
    portability,
    dir,
    attachmentsDir: attachments.folderPath,
    jobs,
    async addFile(sessionId, name, bytes) {
      const record = await attachments.uploads.receive({ name, sizeBytes: bytes.length }, once(bytes));
      await store.committer.commit(() => store.attachments.use(record.id, sessionId));
      return record.path;
    },
    async addConversation(id, messages, title = id) {
      await store.committer.commit(() => {
        store.sessions.insert({
          id,
          title,
          title_source: 'user',
          profile: null,
          model: null,
          workspace: null,
          created_at_ms: 1000,
          updated_at_ms: 2000,
        });
        store.messages.append(
          id,
          messages.map((message, index) => ({
            ...emptyMessage({
              id: `${id}-m${index}`,
              session_id: id,
              run_id: null,
              role: 'user',
              created_at_ms: 1000 + index,
            }),
            status: 'final' as const,
            ...message,
          })),
        );
        store.sessions.setMessageCount(id, messages.length);
      });
    },
  };
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function ended(portability: Portability, job: DataJob): Promise<DataJob> {
  for (let turn = 0; turn < 3000; turn++) {
    const now = portability.job(job.jobId);
    if (now.state !== 'working') return now;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('The job did not end.');
}

async function exportAll({ portability }: Scene): Promise<Buffer> {
  const job = await ended(portability, portability.export(null));
  expect(job).toMatchObject({ state: 'done' });
  const parts: Buffer[] = [];
  for (let offset = 0; ; ) {
    const { data } = await portability.readExport(job.jobId, offset);
    const part = Buffer.from(data, 'base64');
    if (part.length === 0) return Buffer.concat(parts);
    parts.push(part);
    offset += part.length;
  }
}

async function upload({ portability }: Scene, bytes: Buffer, name = 'file.zip'): Promise<string> {
  const { importId } = await portability.files.begin(name, bytes.length);
  for (let at = 0; at < bytes.length; at += 1_000_000)
    await portability.files.append(importId, at, bytes.subarray(at, at + 1_000_000));
  return importId;
}

async function importBytes(into: Scene, bytes: Buffer, name?: string): Promise<DataJob> {
  return ended(into.portability, into.portability.import(await upload(into, bytes, name)));
}

const titles = ({ store }: Scene) =>
  store.sessions
    .list(1000, 0)
    .map((row) => row.title)
    .sort();

/** Nothing of a conversation that is not there: rows, index, files. */
function assertNothingLeft({ store, attachmentsDir }: Scene): void {
  expect(store.sessions.allIds()).toEqual([]);
  for (const table of ['messages', 'runs', 'attachment_uses', 'compactions', 'message_versions'])
    expect(store.db.prepare(`select count(*) from ${table}`).pluck().get(), table).toBe(0);
  expect(store.db.prepare("select count(*) from messages_fts where body match 'hello OR word'").pluck().get()).toBe(0);
  expect(existsSync(attachmentsDir) ? readdirSync(attachmentsDir) : []).toEqual([]);
}

describe('files that are handed in', () => {
  it('[BUG-A31] are four at most, also when all are asked for in the same moment', async () => {
    const { portability } = await scene();
    const asked = await Promise.allSettled(Array.from({ length: 9 }, () => portability.files.begin('x.zip', 5)));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
  });

  it('[BUG-A29] are known by a name that hides nothing', async () => {
    const { portability } = await scene();
    const { importId } = await portability.files.begin('../../x/\u202egpj.sluice', 5);
    expect(() => portability.import(importId)).toThrow('“gpj.sluice” is not complete');
  });
});

describe('leaving and coming back', () => {
  it('[E8-28] [E12] what is exported, imported elsewhere and exported again is the same file, byte for byte', async () => {
    const first = await scene();
    await first.addConversation(
      's1',
      [{ content: 'hello Grüße 你好 👩‍👩‍👧' }, { role: 'assistant', content: 'word', reasoning: 'hm' }],
      'One',
    );
    const path = await first.addFile('s1', 'photo “1”.txt', Buffer.from('some text\n'));
    await first.addConversation('s2/../x', [
      {
        content: 'with a file',
        content_blocks: [{ type: 'file', name: 'photo “1”.txt', path, media_type: 'text/plain' }],
      },
      {
        role: 'tool',
        content: 'out',
        tool_name: 't',
        tool_arguments: '{"a":1}',
        tool_state: 'done',
        tool_duration: 0.5,
        status: 'error',
      },
      {
        role: 'assistant',
        content: '',
        tool_calls: [{ id: 'c', type: 'function', function: { name: 't', arguments: '{}' } }],
        pinned: true,
      },
    ]);
    await first.store.committer.commit(() => {
      first.store.runs.insert({
        id: 'r1',
        sessionId: 's1',
        status: 'success',
        options: { profile: 'p', model: 'm', instructions: null, reasoningEffort: 'high' },
        queueId: 'q',
        idempotencyKey: 'k',
        followUpToRunId: null,
        stateBefore: null,
        createdAtMs: 5,
        endedAtMs: 9,
      });
      first.store.messages.setAside('s1', 's1-m1', insertVersion(first.store));
      first.store.compactions.insert({
        id: 'c1',
        sessionId: 's1',
        summary: 'Short.',
        lastMessageId: 's1-m0',
        messageCount: 1,
        sourceHash: 'h',
        tokens: 1,
        beforeTokens: 9,
        afterTokens: 3,
        trigger: 'manual',
        profile: null,
        model: null,
        usage: null,
        callId: null,
        createdAtMs: 7,
      });
    });
    const exported = await exportAll(first);
    const second = await scene();
    const job = await importBytes(second, exported);
    expect(job.imported?.counts).toEqual({ imported: 2, present: 0, copied: 0, failed: 0 });
    expect((await exportAll(second)).equals(exported)).toBe(true);
    // The file is there, under the path that this store gives it.
    const block = second.store.messages.all('s2/../x')[0]?.content_blocks?.[0];
    expect(block?.type === 'file' && block.path.startsWith(second.attachmentsDir)).toBe(true);
    expect(block?.type === 'file' && readFileSync(block.path, 'utf8')).toBe('some text\n');
    // Once more changes nothing.
    const again = await importBytes(second, exported);
    expect(again.imported?.counts).toEqual({ imported: 0, present: 2, copied: 0, failed: 0 });
    expect((await exportAll(second)).equals(exported)).toBe(true);
  }, 60_000);

  it('[E8-28] [E12] the same for whatever people write', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 60 });
    const message = fc.record({
      role: fc.constantFrom('user' as const, 'assistant' as const, 'tool' as const),
      content: text,
      reasoning: fc.option(text),
      tool_arguments: fc.option(fc.json()),
      status: fc.constantFrom('final' as const, 'aborted' as const, 'error' as const),
    });
    const conversations = fc.array(fc.tuple(text, fc.array(message, { maxLength: 6 })), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(conversations, async (made) => {
        const first = await scene();
        for (const [index, [title, messages]] of made.entries())
          await first.addConversation(`s${index}`, messages, title);
        const exported = await exportAll(first);
        const second = await scene();
        const { imported } = await importBytes(second, exported);
        expect(imported?.counts).toMatchObject({ imported: made.length, failed: 0 });
        expect((await exportAll(second)).equals(exported)).toBe(true);
      }),
      { numRuns: 8 },
    );
  }, 120_000);

  it('[E8-28] another state of a conversation that is here comes beside it', async () => {
    const first = await scene();
    await first.addConversation('s1', [{ content: 'hello' }], 'One');
    const exported = await exportAll(first);
    await first.store.committer.commit(() => first.store.messages.extend('s1', 's1-m0', ' and more'));
    const { imported } = await importBytes(first, exported);
    expect(imported?.counts).toEqual({ imported: 0, present: 0, copied: 1, failed: 0 });
    expect(titles(first)).toEqual(['One', 'One']);
  }, 30_000);

  it('[E10-02] [E12] known keys are in no export, however they stand in a conversation', async () => {
    const from = await scene([CANARY]);
    const forms = [CANARY, Buffer.from(CANARY).toString('base64'), encodeURIComponent(CANARY), CANARY.slice(0, 14)];
    await from.addConversation(
      's1',
      forms.map((form) => ({ content: `see ${form} here`, tool_arguments: form })),
      CANARY,
    );
    const exported = await exportAll(from);
    const path = join(tempDir(), 'x.zip');
    writeFileSync(path, exported);
    const zip = await openZip(path);
    for (const name of zip.names) {
      const content = await zip.text(name);
      for (const form of forms) expect(content, name).not.toContain(form);
    }
    zip.close();
  }, 30_000);
});

function insertVersion(store: Store): string {
  store.versions.insert({
    id: 'v1',
    session_id: 's1',
    anchor_run_id: null,
    replaced_by_run_id: 'r1',
    preview: 'word',
    message_count: 1,
    created_at_ms: 6,
  });
  return 'v1';
}

describe('an import that is refused', () => {
  it('[E12] [BUG-A31] a truncated, foreign or hostile file is told in a sentence, and nothing of it is kept', async () => {
    const from = await scene();
    await from.addConversation('s1', [{ content: 'hello' }]);
    const good = await exportAll(from);
    const text = (value: string) => Buffer.from(value);
    // Within the packed text of the conversation, behind its name.
    const inside = good.indexOf('conversations/000001') + 60;
    const refused: [string, Buffer, RegExp][] = [
      ['cut short', good.subarray(0, good.length - 40), /zip file is refused/],
      [
        'damaged in its middle',
        Buffer.concat([good.subarray(0, inside), Buffer.alloc(40, 7), good.subarray(inside + 40)]),
        /refused|cannot be read|is damaged/,
      ],
      ['no JSON', text('{"mapping": '), /cut short/],
      ['nothing known', text('{"a": 1}'), /no export that Sluice knows/],
      ['a prototype', text('[{"mapping": {"__proto__": {"polluted": 1}}}]'), /“__proto__”/],
      ['too deep', text(`[{"mapping": ${'['.repeat(3000)}${']'.repeat(3000)}}]`), /nested too deeply/],
      ['a newer format', text(JSON.stringify({ format: 'sluice-conversation', version: 99 })), /nothing|newer Sluice/],
    ];
    for (const [name, bytes, words] of refused) {
      const into = await scene();
      const importId = await upload(into, bytes, 'file.json');
      const told = await into.portability.preview(importId).then(
        (preview) => preview.items[0]?.reason ?? '',
        (thrown: unknown) => (thrown instanceof Error ? thrown.message : ''),
      );
      expect(told, name).toMatch(words);
      await ended(into.portability, into.portability.import(importId));
      assertNothingLeft(into);
      // The file itself is gone, too.
      expect(existsSync(dataPaths(into.dir).passing) ? readdirSync(dataPaths(into.dir).passing) : []).toEqual([]);
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  }, 60_000);

  it('[E12] [BUG-A31] a zip that leads out of its folder, or unfolds to a multiple, is refused before it is unfolded', async () => {
    const good = await (async () => {
      const from = await scene();
      await from.addConversation('s1', [{ content: 'hello' }]);
      return exportAll(from);
    })();
    const dir = tempDir();
    const path = join(dir, 'x.zip');
    // The names in the table and before each file; as long as the real one, so that every offset holds.
    const evil = Buffer.from(good.toString('latin1').replaceAll('README.txt', '../../x.tx'), 'latin1');
    writeFileSync(path, evil);
    await expect(openZip(path)).rejects.toThrow(/refused/);
    const { ZipFile } = await import('yazl');
    const bomb = new ZipFile();
    bomb.addBuffer(Buffer.alloc(30_000_000), 'conversations.json');
    bomb.end();
    const parts: Buffer[] = [];
    for await (const part of bomb.outputStream) parts.push(part as Buffer);
    expect(Buffer.concat(parts).length).toBeLessThan(100_000);
    const into = await scene();
    const importId = await upload(into, Buffer.concat(parts));
    await expect(into.portability.preview(importId)).rejects.toThrow(/as only a trap does/);
    // A table of contents that understates a file is held to what it said.
    writeFileSync(path, Buffer.concat(parts));
    const lying = readFileSync(path);
    const at = lying.lastIndexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]));
    lying.writeUInt32LE(1000, at + 24);
    writeFileSync(path, lying);
    const zip = await openZip(path);
    await expect(zip.text('conversations.json')).rejects.toThrow(/damaged/);
    zip.close();
    expect(existsSync(join(dir, '..', '..', 'x.tx'))).toBe(false);
  }, 60_000);

  /** A conversation as a file may say it. */
  const said = (session: object, rest: object = {}) => ({
    format: 'sluice-conversation',
    version: 2,
    session: {
      id: 's1',
      title: 'T',
      title_source: 'user',
      message_count: 0,
      created_at_ms: 1,
      updated_at_ms: 1,
      ...session,
    },
    runs: [],
    versions: [],
    messages: [],
    compactions: [],
    attachments: [],
    ...rest,
  });
  const importJson = (into: Scene, value: object) => importBytes(into, Buffer.from(JSON.stringify(value)), 'one.json');

  it('[E12] [E1-01] a file chooses no working folder: what lies in one is shown and sent to models', async () => {
    const into = await scene();
    expect((await importJson(into, said({ workspace: '/etc' }))).imported).toMatchObject({
      counts: { imported: 1 },
      items: [{ outcome: 'imported', reasonSaid: { word: 'folder_left_out', with: { path: '/etc' } } }],
    });
    expect(into.store.attachments.workspaces()).toEqual([]);
    // Once more is the same conversation still; and a folder that a person chose here stays.
    expect((await importJson(into, said({ workspace: '/etc' }))).imported?.counts).toMatchObject({ present: 1 });
    await into.store.committer.commit(() => into.store.sessions.change('s1', { workspace: '/srv/own' }));
    await importJson(into, said({ id: 's2', workspace: '/srv/own' }));
    expect(into.store.sessions.get('s2')?.workspace).toBe('/srv/own');
  }, 30_000);

  it.each(['__proto__', 'constructor', 'a\nb', '\u202eabc', '\ud800'])(
    '[E12] [E1-01] a conversation that calls itself %j is refused',
    async (id) => {
      const into = await scene();
      expect((await importJson(into, said({ id }))).imported?.counts).toMatchObject({ imported: 0, failed: 1 });
    },
    30_000,
  );

  it('[E12] names that lists show are cut, however long a file has them', async () => {
    const into = await scene();
    await importJson(
      into,
      said({ title: 'x'.repeat(5_000_000), preview: 'y'.repeat(5_000_000), tags: ['z'.repeat(9000)] }),
    );
    const row = into.store.sessions.get('s1');
    expect([row?.title.length, row?.preview.length, row?.tags.length]).toEqual([1000, 1000, 204]);
  }, 30_000);

  it('[E12] a file that is named a thousand times is written once; two that differ by their endings stay two', async () => {
    const into = await scene();
    const stem = '0123456789abcdef0123456789abcdef';
    const row = (id: string, fileName: string) => ({
      id,
      file_name: fileName,
      name: fileName,
      media_type: 'text/plain',
      size_bytes: 3,
      created_at_ms: 1,
    });
    const attachments = [
      ...Array.from({ length: 1000 }, (_, at) => row(`a${at}`, `${stem}.txt`)),
      row('b', `${stem}.md`),
    ];
    const read: string[] = [];
    const source: OpenImport = {
      source: 'sluice',
      count: 1,
      items: () => {
        throw new Error('Nobody asks for items here.');
      },
      attachment: (fileName) => {
        read.push(fileName);
        return Promise.resolve(once(Buffer.from(fileName.slice(32))));
      },
      attachmentSize: () => 3,
      close: () => undefined,
    };
    const conversation = { attachments } as unknown as PortableConversation;
    const files = await unpackAttachments(source, conversation, into.attachmentsDir);
    expect(read).toEqual([`${stem}.txt`, `${stem}.md`]);
    expect(files.map(({ partName }) => readFileSync(join(into.attachmentsDir, partName), 'utf8'))).toEqual([
      '.txt',
      '.md',
    ]);
  }, 30_000);

  it('[E12] JSON with a mark of byte order in front is read', async () => {
    const into = await scene();
    const bytes = Buffer.from(`\ufeff${JSON.stringify(said({}))}`);
    expect((await importBytes(into, bytes, 'one.json')).imported?.counts).toMatchObject({ imported: 1 });
  }, 30_000);

  it('[E12] one damaged conversation costs itself, and the others come', async () => {
    const into = await scene();
    const list = [
      chatGpt('c1', 'Good'),
      { conversation_id: 'c2', title: 'Empty', mapping: {} },
      chatGpt('c3', 'Also good'),
    ];
    const { imported } = await importBytes(into, Buffer.from(JSON.stringify(list)), 'conversations.json');
    expect(imported?.counts).toEqual({ imported: 2, present: 0, copied: 0, failed: 1 });
    expect(imported?.items[0]).toEqual({
      title: 'Empty',
      outcome: 'failed',
      reason: 'It has no message that could be read.',
      reasonSaid: { word: 'item_no_message' },
    });
    expect(titles(into)).toEqual(['Also good', 'Good']);
  }, 30_000);

  it('[E12] stopped in the middle, what is there is whole and what was half there is gone', async () => {
    const into = await scene();
    const list = Array.from({ length: 400 }, (_, index) => chatGpt(`c${index}`, `T${index}`, 120));
    const importId = await upload(into, Buffer.from(JSON.stringify(list)), 'conversations.json');
    const job = into.portability.import(importId);
    for (let turn = 0; turn < 3000 && into.portability.job(job.jobId).done < 25; turn++)
      await new Promise((resolve) => setTimeout(resolve, 5));
    const end = await into.portability.cancel(job.jobId);
    expect(end).toMatchObject({ state: 'cancelled' });
    const ids = into.store.sessions.allIds();
    expect(ids.length).toBeGreaterThanOrEqual(25);
    expect(ids.length).toBeLessThan(400);
    for (const id of ids) expect(into.store.messages.all(id)).toHaveLength(120);
    expect(into.store.sessions.hidden()).toEqual([]);
    expect(into.store.db.prepare('select count(*) from messages').pluck().get()).toBe(ids.length * 120);
    expect(end.imported?.counts.imported).toBe(ids.length);
  }, 60_000);
});

/** As the export of ChatGPT has it; the field names' source stands in formats/chatgpt.ts. */
function chatGpt(id: string, title: string, messages = 2): unknown {
  const mapping: Record<string, unknown> = { root: { id: 'root', message: null, parent: null, children: ['n0'] } };
  for (let at = 0; at < messages; at++) {
    mapping[`n${at}`] = {
      id: `n${at}`,
      parent: at === 0 ? 'root' : `n${at - 1}`,
      children: at === messages - 1 ? [] : [`n${at + 1}`],
      message: {
        id: `${id}-${at}`,
        author: { role: at % 2 === 0 ? 'user' : 'assistant', name: null, metadata: {} },
        create_time: 1_700_000_000.25 + at,
        content: { content_type: 'text', parts: [`hello ${at}`] },
        status: 'finished_successfully',
        metadata: {},
      },
    };
  }
  return {
    conversation_id: id,
    id,
    title,
    create_time: 1_700_000_000.25,
    update_time: 1_700_000_100,
    mapping,
    current_node: `n${messages - 1}`,
  };
}

describe('what is deleted', () => {
  it('[E8-28] leaves no byte of its text in the database once it is shrunk', async () => {
    const into = await scene();
    await into.addConversation('s1', [{ content: 'the unmistakable xylograph of 4711' }]);
    await into.store.committer.commit(() => {
      into.store.messages.unindexSession('s1');
      into.store.sessions.remove('s1');
    });
    const { database } = dataPaths(into.dir);
    await taskRunner(WORKER)('shrink', { database });
    for (const file of [database, `${database}-wal`]) {
      if (!existsSync(file)) continue;
      const bytes = readFileSync(file).toString('latin1');
      expect(bytes, file).not.toContain('unmistakable');
      expect(bytes, file).not.toContain('xylograph');
    }
    expect(statSync(database).size).toBeGreaterThan(0);
  }, 30_000);
});

describe('what a damaged database still holds', () => {
  it('[E8-27] comes out as an export that can be imported elsewhere, and the file is not touched', async () => {
    const from = await scene();
    for (let index = 0; index < 60; index++)
      await from.addConversation(
        `s${String(index).padStart(2, '0')}`,
        Array.from({ length: 10 }, (_, at) => ({ content: `hello ${index}/${at} ${'x'.repeat(300)}` })),
      );
    const { database } = dataPaths(from.dir);
    from.store.db.pragma('wal_checkpoint(TRUNCATE)');
    const copy = join(tempDir(), 'damaged.db');
    const bytes = readFileSync(database);
    // A stretch in the middle, as a bad sector leaves it.
    bytes.fill(0xa5, Math.floor(bytes.length / 2 / 4096) * 4096, Math.floor(bytes.length / 2 / 4096) * 4096 + 3 * 4096);
    writeFileSync(copy, bytes);
    const path = join(tempDir(), 'salvaged.zip');
    const result = await taskRunner(WORKER)('salvage', {
      database: copy,
      attachmentsDir: from.attachmentsDir,
      path,
      secrets: [],
      version: '1',
    });
    expect(result.conversations).toBeGreaterThan(30);
    expect(readFileSync(copy).equals(bytes)).toBe(true);
    const into = await scene();
    const { imported } = await importBytes(into, readFileSync(path));
    expect(imported?.counts.imported).toBe(result.conversations);
    expect(imported?.counts.failed).toBe(0);
  }, 60_000);
});
