import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImportOutcome, ImportResult, ImportResultItem } from '#contract/data';
import type { FailureFact } from '#contract/failure-saying';
import { factOf, toAppFailure } from '../platform/app-failure.ts';
import type { PortableConversation, PortableRows } from '../store/portable-rows.ts';
import type { Store } from '../store/store.ts';
import type { ImportedItem } from './data-task.ts';
import { conversationJson } from './portable-format.ts';
import { reasonOf } from './reason-of.ts';
import type { UnpackedFile } from './unpack-attachments.ts';
import { withNewIds } from './with-new-ids.ts';

/** Rows that one transaction takes: a few milliseconds of work. */
const SLICE_ROWS = 50;
const SHOWN_ITEMS = 1000;

export interface ImportParts {
  store: Store;
  rows: PortableRows;
  attachmentsDir: string;
  newId: () => string;
}

/**
 * Takes conversations in, one after the other. Each is hidden until all of it is stored, and removed when it cannot be: it is
 * there whole or not at all, whatever happens. One that is here already, exactly so, is left alone; another state of one
 * that is here comes beside it.
 */
export class ConversationImport {
  readonly #parts: ImportParts;
  readonly #counts: Record<ImportOutcome, number> = { imported: 0, present: 0, copied: 0, failed: 0 };
  readonly #notable: ImportResultItem[] = [];
  readonly #ordinary: ImportResultItem[] = [];
  readonly sessionIds: string[] = [];

  constructor(parts: ImportParts) {
    this.#parts = parts;
  }

  get result(): ImportResult {
    const items = [...this.#notable, ...this.#ordinary].slice(0, SHOWN_ITEMS);
    return { counts: { ...this.#counts }, items };
  }

  /** Takes one item in. Never rejects but for what stops everything: a store that cannot be written. */
  async take(item: ImportedItem, signal: AbortSignal): Promise<void> {
    if (item.conversation === null) {
      this.#note(item.title, 'failed', item.reason);
      return;
    }
    try {
      const conversation = this.#withoutForeignFolder(item.conversation);
      const outcome = await this.#store(conversation, item.files, signal);
      const folder = item.conversation.session['workspace'];
      const isLeftOut = conversation !== item.conversation && outcome !== 'present';
      this.#note(item.title, outcome, isLeftOut ? { word: 'folder_left_out', with: { path: String(folder) } } : null);
    } catch (thrown) {
      const failure = toAppFailure(thrown);
      if (failure.code === 'storage_full' || failure.code === 'shutting_down' || signal.aborted) throw thrown;
      this.#note(item.title, 'failed', failure.code === 'internal' ? { word: 'item_not_stored' } : factOf(failure));
    } finally {
      // Those that were not taken.
      for (const { partName } of item.files) await rm(join(this.#parts.attachmentsDir, partName), { force: true });
    }
  }

  /**
   * A file chooses no working folder: what lies in one is shown on the page and sent to models. One that a person has chosen
   * here already stays.
   */
  #withoutForeignFolder(conversation: PortableConversation): PortableConversation {
    const { workspace } = conversation.session;
    if (workspace === null || this.#parts.store.attachments.workspaces().includes(String(workspace)))
      return conversation;
    return { ...conversation, session: { ...conversation.session, workspace: null } };
  }

  async #store(
    conversation: PortableConversation,
    files: readonly UnpackedFile[],
    signal: AbortSignal,
  ): Promise<ImportOutcome> {
    const { rows, newId } = this.#parts;
    const own = rows.read(String(conversation.session['id']));
    if (own !== null && conversationJson(own) === conversationJson(conversation)) return 'present';
    if (own === null) {
      try {
        await this.#storeAs(conversation, files, signal);
        return 'imported';
      } catch (thrown) {
        // Rows of it stand in another conversation: it comes with ids of its own.
        if (!isConstraint(thrown)) throw thrown;
      }
    }
    await this.#storeAs(withNewIds(conversation, newId), files, signal);
    return 'copied';
  }

  /** Whole or not at all. */
  async #storeAs(
    conversation: PortableConversation,
    files: readonly UnpackedFile[],
    signal: AbortSignal,
  ): Promise<void> {
    const { store, rows } = this.#parts;
    const sessionId = String(conversation.session['id']);
    await store.committer.commit(() => this.#begin(conversation));
    try {
      for (let at = 0; at < conversation.messages.length; at += SLICE_ROWS) {
        signal.throwIfAborted();
        const slice = conversation.messages.slice(at, at + SLICE_ROWS);
        await store.committer.commit(() => rows.addMessages(sessionId, slice));
      }
      await this.#keepFiles(conversation, files);
      await store.committer.commit(() => rows.finish(conversation));
    } catch (thrown) {
      await store.committer.commit(() => {
        store.messages.unindexSession(sessionId);
        store.sessions.remove(sessionId);
      });
      throw thrown;
    }
    this.sessionIds.push(sessionId);
  }

  #begin(conversation: PortableConversation): void {
    const { store, rows } = this.#parts;
    rows.begin(conversation);
    const sessionId = String(conversation.session['id']);
    for (const row of conversation.attachments) {
      const fileName = String(row['file_name']);
      if (store.attachments.byFileName(fileName) === null) rows.insertAttachment(row);
      const known = store.attachments.byFileName(fileName);
      if (known !== null) store.attachments.use(known.id, sessionId);
    }
  }

  /** A file's row is there before its name, as with every attachment. */
  async #keepFiles(conversation: PortableConversation, files: readonly UnpackedFile[]): Promise<void> {
    const { attachmentsDir } = this.#parts;
    const wanted = new Set(conversation.attachments.map((row) => String(row['file_name'])));
    for (const { fileName, partName } of files) {
      if (wanted.has(fileName)) await rename(join(attachmentsDir, partName), join(attachmentsDir, fileName));
    }
  }

  #note(title: string, outcome: ImportOutcome, why: FailureFact | null): void {
    this.#counts[outcome]++;
    const list = why !== null || outcome === 'copied' ? this.#notable : this.#ordinary;
    if (list.length < SHOWN_ITEMS) list.push({ title, outcome, ...reasonOf(why) });
  }
}

function isConstraint(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && String(thrown.code).startsWith('SQLITE_CONSTRAINT');
}
