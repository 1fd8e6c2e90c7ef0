import type { SessionRecord } from '#contract/records';

/** A conversation at rest, with what a test is about. */
export function sessionRecord(change: Partial<SessionRecord> & { id: string }): SessionRecord {
  return {
    title: change.id,
    profile: null,
    model: null,
    workspace: null,
    instructions: null,
    parameters: {},
    pinned: false,
    tags: [],
    archivedAtMs: null,
    forkedFromSessionId: null,
    createdAtMs: 0,
    updatedAtMs: 0,
    messageCount: 0,
    preview: '',
    state: 'idle',
    queueLength: 0,
    queuePaused: false,
    lastStatus: null,
    wasStopped: false,
    ...change,
  };
}
