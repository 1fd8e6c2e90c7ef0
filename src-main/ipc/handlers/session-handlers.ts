import type { Message } from '#contract/message';
import { changedParameters } from '#contract/model-parameters';
import { isTerminalStatus } from '#contract/records';
import { conversationJson } from '../../data/portable-format.ts';
import { toMarkdown } from '../../data/session-markdown.ts';
import { failureOf } from '../../platform/app-failure.ts';
import { toAuditLine } from '../../runs/event-categories.ts';
import type { RunLog } from '../../runs/run-log.ts';
import { NEW_SESSION_TITLE } from '../../runs/run-rows.ts';
import type { RunService } from '../../runs/run-service.ts';
import { runsOf, toSessionRecord } from '../../runs/snapshot.ts';
import type { ReadClient } from '../../store/read-client.ts';
import type { SessionChange } from '../../store/session-repository.ts';
import type { Store } from '../../store/store.ts';
import type { EventPublisher } from '../event-publisher.ts';
import type { Handlers } from '../router.ts';
import { checkedFolder } from './checked-folder.ts';

/** Events of one piece of an export: some hundreds of kilobytes of a usual run. */
const EXPORT_EVENTS = 2000;

type SessionHandlers = Pick<
  Handlers,
  Exclude<Extract<keyof Handlers, `sessions.${string}` | `runs.${string}`>, 'sessions.fit'>
>;

export function createSessionHandlers(parts: {
  store: Store;
  log: RunLog;
  reads: ReadClient;
  runs: RunService;
  /** Where attachments lie: an export names them without it. */
  attachmentsDir: string;
  publisher: EventPublisher;
  /** Takes known keys out of what leaves the store; a person may have pasted one into a message. */
  scrub: (text: string) => string;
  now: () => number;
  newId: () => string;
}): SessionHandlers {
  const { store, log, reads, runs, publisher, scrub, now, newId } = parts;

  const find = (sessionId: string) => {
    const row = store.sessions.get(sessionId);
    if (row === null) throw failureOf('not_found', { word: 'no_conversation_any_more' });
    return row;
  };
  const assertProfile = (name: string | null | undefined) => {
    if (name == null || store.profiles.byName(name) !== null) return;
    throw failureOf('not_found', { word: 'profile_unknown', with: { name } });
  };
  const record = (sessionId: string) => toSessionRecord(store, log, find(sessionId));

  return {
    'sessions.list': ({ limit, offset, archived }) => ({
      sessions: store.sessions.list(limit, offset, archived).map((row) => toSessionRecord(store, log, row)),
      total: store.sessions.total(archived),
    }),
    'sessions.create': async (payload) => {
      const id = newId();
      assertProfile(payload.profile);
      const workspace = await checkedFolder(payload.workspace);
      const nowMs = now();
      await store.committer.commit(() =>
        store.sessions.insert({
          id,
          title: payload.title ?? NEW_SESSION_TITLE,
          title_source: payload.title === undefined ? 'auto' : 'user',
          profile: payload.profile ?? null,
          model: payload.model ?? null,
          workspace: workspace ?? null,
          instructions: payload.instructions ?? null,
          ...(payload.parameters === undefined ? {} : { parameters: JSON.stringify(payload.parameters) }),
          created_at_ms: nowMs,
          updated_at_ms: nowMs,
        }),
      );
      publisher.announce('sessions.changed', { ids: [id], reason: 'created' });
      return record(id);
    },
    'sessions.get': ({ sessionId }) => record(sessionId),
    'sessions.page': ({ sessionId, beforeId, limit }) => {
      const row = find(sessionId);
      const page = store.messages.page(sessionId, limit, beforeId);
      const live = beforeId === undefined ? (log.liveView(sessionId)?.live ?? []) : [];
      const shown = new Set(page.messages.map((message) => message.id));
      const messages: Message[] = [...page.messages, ...live.filter((message) => !shown.has(message.id))];
      return {
        sessionId,
        messages,
        runs: runsOf(store, messages),
        hasMoreBefore: page.hasMoreBefore,
        messageTotal: row.message_count,
      };
    },
    'sessions.rename': async ({ sessionId, title }) => {
      const renamed = await store.committer.commit(() => store.sessions.rename(sessionId, title, now()));
      if (!renamed) find(sessionId);
      publisher.announce('sessions.changed', { ids: [sessionId], reason: 'updated' });
      return record(sessionId);
    },
    'sessions.update': async (payload) => {
      const { sessionId, pinned, archived, tags, profile, model, workspace, instructions, parameters } = payload;
      find(sessionId);
      assertProfile(profile);
      const folder = await checkedFolder(workspace);
      const changes: Partial<SessionChange> = {
        ...(archived === undefined ? {} : { archived_at_ms: archived ? now() : null }),
        ...(pinned === undefined ? {} : { pinned: Number(pinned) }),
        ...(tags === undefined ? {} : { tags: JSON.stringify([...new Set(tags)]) }),
        ...(profile === undefined ? {} : { profile }),
        ...(model === undefined ? {} : { model }),
        ...(folder === undefined ? {} : { workspace: folder }),
        ...(instructions === undefined ? {} : { instructions }),
      };
      await store.committer.commit(() => {
        // Read where it is written: two windows may change two of them at once.
        const known = toSessionRecord(store, log, find(sessionId)).parameters;
        const own =
          parameters === undefined ? {} : { parameters: JSON.stringify(changedParameters(known, parameters)) };
        return store.sessions.change(sessionId, { ...changes, ...own });
      });
      publisher.announce('sessions.changed', { ids: [sessionId], reason: 'updated' });
      return record(sessionId);
    },
    'sessions.fork': async ({ sessionId, messageId }) => {
      const forkId = await runs.fork(sessionId, messageId);
      publisher.announce('sessions.changed', { ids: [forkId], reason: 'created' });
      return record(forkId);
    },
    'sessions.compact': async ({ sessionId }) => {
      const figures = await runs.compactions.compact(sessionId);
      return { sessionId, figures, compactions: store.compactions.list(sessionId) };
    },
    'sessions.undoCompaction': async ({ sessionId }) => {
      const undone = await runs.compactions.undo(sessionId);
      return { sessionId, undone, compactions: store.compactions.list(sessionId) };
    },
    'sessions.editCompaction': async ({ sessionId, compactionId, summary }) => {
      await runs.compactions.edit(sessionId, compactionId, summary);
      return { sessionId, compactions: store.compactions.list(sessionId) };
    },
    'sessions.pinMessage': async ({ sessionId, messageId, pinned }) => {
      await runs.compactions.pin(sessionId, messageId, pinned);
      return { sessionId, messageId, pinned };
    },
    'sessions.context': ({ sessionId, files, ...choice }) => runs.compactions.contextOf(sessionId, choice, files),
    'sessions.switch_version': async ({ sessionId, versionId }) => ({
      sessionId,
      versions: await runs.switchVersion(sessionId, versionId),
    }),
    'sessions.deleteTurn': async ({ sessionId, messageId }) => {
      await runs.deleteTurn(sessionId, messageId);
      publisher.announce('sessions.changed', { ids: [sessionId], reason: 'updated' });
      return { sessionId, messageId };
    },
    'sessions.delete': async ({ sessionId }) => {
      await runs.deleteSession(sessionId);
      publisher.announce('sessions.changed', { ids: [sessionId], reason: 'deleted' });
      return { deleted: true, sessionId };
    },
    'sessions.search': async (question) => ({ hits: await reads.ask('search', question) }),
    'sessions.models': async () => ({ models: await reads.ask('models', {}) }),
    'sessions.export': async ({ sessionId, format }) => {
      const exported = await reads.ask('exportSession', { sessionId });
      if (exported === null) throw failureOf('not_found', { word: 'no_conversation_any_more' });
      const name =
        exported.session.title
          .replace(/[^\p{L}\p{N} _-]+/gu, '')
          .trim()
          .slice(0, 60) || 'conversation';
      if (format === 'markdown') {
        return {
          format,
          fileName: `${name}.md`,
          content: scrub(toMarkdown(exported.session.title, exported.messages)),
        };
      }
      const portable = await reads.ask('portable', { sessionId, attachmentsDir: parts.attachmentsDir });
      if (portable === null) throw failureOf('not_found', { word: 'no_conversation_any_more' });
      const content = conversationJson(portable);
      return { format, fileName: `${name}.json`, content: scrub(content) };
    },
    'runs.get': ({ runId }) => {
      const run = store.runs.get(runId);
      if (run !== null) return run;
      const queued = store.queue.byRunId(runId);
      if (queued === null) throw failureOf('not_found', { word: 'run_gone' });
      return {
        id: queued.runId,
        sessionId: queued.sessionId,
        status: 'pending',
        profile: queued.options.profile,
        model: queued.options.model,
        upstreamRunId: null,
        credentialId: null,
        queueId: queued.queueId,
        followUpToRunId: null,
        error: null,
        errorInfo: null,
        finishReason: null,
        usage: null,
        synced: null,
        shortened: null,
        parameters: null,
        createdAtMs: queued.createdAtMs,
        startedAtMs: null,
        endedAtMs: null,
      };
    },
    'runs.events.export': ({ runId, afterSeq }) => {
      // Looked at before the log is: what ends in between is told as the next piece, and nothing is left out.
      const run = store.runPages.run(runId);
      if (run === null) throw failureOf('not_found', { word: 'run_gone' });
      const { rows, hasMore } = store.runPages.events(runId, { after: afterSeq, limit: EXPORT_EVENTS });
      const content = rows.map((event) => `${JSON.stringify(toAuditLine(event))}\n`).join('');
      const isWhole = !hasMore && isTerminalStatus(run.status);
      return { content: scrub(content), nextSeq: isWhole ? null : (rows.at(-1)?.seq ?? afterSeq) };
    },
    'runs.list': ({ sessionId, limit }) => {
      find(sessionId);
      return { runs: store.runs.list(sessionId, limit) };
    },
  };
}
