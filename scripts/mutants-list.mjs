// Planted defects, and the test that each has to turn red. `find` is text of the source as it is, short enough to survive
// changes around it, and has to occur exactly once. A defect that no longer applies fails the run like one that survives:
// then the code has moved, and the list has to follow it.

import { OPTION_MUTANTS } from './mutants-options.mjs';

/**
 * @typedef {object} Edit
 * @property {string} file
 * @property {string} find
 * @property {string} replace
 */

/**
 * @typedef {object} Mutant
 * @property {string} id
 * @property {string} why the defect in words
 * @property {Edit[]} edits
 * @property {{ file: string, name: string }} test a file, and a part of the test's name as a regular expression
 */

const GUARDS = 'src-main/runs/mutant-guards.test.ts';
const ACTOR = 'src-main/runs/session-actor.ts';
const MACHINE = 'src-main/runs/run-machine.ts';
const EXECUTOR = 'src-main/runs/run-executor.ts';
const SETTLE = 'src-main/runs/settle-rows.ts';

/** @type {Mutant[]} */
export const MUTANTS = [
  {
    id: 'BUG-A1 live',
    why: 'a message starts beside the live run',
    edits: [
      {
        file: MACHINE,
        find: "state === 'idle' ? to('preparing', 'start')",
        replace: "state !== 'aborting' ? to('preparing', 'start')",
      },
    ],
    test: { file: GUARDS, name: 'a message while a run is live waits' },
  },
  {
    id: 'BUG-A1 settling',
    why: 'a message that comes while a run settles starts at once, past the mailbox',
    edits: [
      {
        file: MACHINE,
        find: "state === 'idle' ? to('preparing', 'start')",
        replace: "state === 'idle' || state === 'settling' ? to('preparing', 'start')",
      },
      {
        file: 'src-main/platform/mailbox.ts',
        find: 'this.#tail.then(command)',
        replace: 'Promise.resolve().then(command)',
      },
    ],
    test: { file: GUARDS, name: 'messages at every turn of a run’s end' },
  },
  {
    id: 'BUG-A1 idle early',
    why: 'the session counts as idle before its end is stored',
    edits: [
      { file: ACTOR, find: "this.#step('ended');", replace: "this.#step('ended');\n    this.#step('settled-idle');" },
    ],
    test: { file: GUARDS, name: 'messages at every turn of a run’s end' },
  },
  {
    id: 'BUG-A1 index',
    why: 'the database accepts two live runs of one session',
    edits: [
      {
        file: 'src-main/store/migrations/0001-initial.ts',
        find: 'create unique index runs_one_live',
        replace: 'create index runs_one_live',
      },
    ],
    test: { file: 'src-main/store/store.test.ts', name: 'two live runs on one session' },
  },
  {
    id: 'BUG-A3 machine',
    why: 'a stop before the upstream accepted is ignored',
    edits: [
      {
        file: MACHINE,
        find: "return to('aborting', 'stop');",
        replace: "return state === 'running' ? to('aborting', 'stop') : to(state, 'ignore-stop');",
      },
    ],
    test: { file: GUARDS, name: 'a stop before the upstream accepted' },
  },
  {
    id: 'BUG-A3 late',
    why: 'an upstream that accepts after the stop is not told',
    edits: [
      {
        file: EXECUTOR,
        find: 'is told at once (E4-01).\n    if (this.#stopping)',
        replace: 'is told at once (E4-01).\n    if (this.#stopping && this.#detached)',
      },
    ],
    test: { file: GUARDS, name: 'a stop before the upstream accepted reaches it .stop-request' },
  },
  {
    id: 'BUG-A4 machine',
    why: 'a second stop does everything again',
    edits: [{ file: MACHINE, find: "to(state, 'join-stop')", replace: "to(state, 'stop')" }],
    test: { file: GUARDS, name: 'a second stop joins the first' },
  },
  {
    id: 'BUG-A4 request',
    why: 'a second stop sends a second request to the upstream',
    edits: [
      {
        file: ACTOR,
        find: 'run.stoppedByPerson ||= byPerson;',
        replace: 'run.stoppedByPerson ||= byPerson;\n      run.executor.stop();',
      },
    ],
    test: { file: GUARDS, name: 'a second stop joins the first' },
  },
  {
    id: 'BUG-C5 live',
    why: 'a run is taken back while it is still being made',
    edits: [{ file: ACTOR, find: ' || !isTerminalStatus(newest.status)) {', replace: ') {' }],
    test: { file: GUARDS, name: 'a rollback waits for the end of its run' },
  },
  {
    id: 'BUG-C5 late',
    why: 'a rollback that comes late takes back an older run',
    edits: [
      {
        file: ACTOR,
        find: 'store.messages.newestRunId(this.sessionId) === runId',
        replace: "store.messages.newestRunId(this.sessionId) !== ''",
      },
    ],
    test: { file: GUARDS, name: 'a late rollback of an older run' },
  },
  {
    id: 'BUG-C5 skipped',
    why: 'the next message starts and the rollback before it never happens',
    edits: [{ file: SETTLE, find: 'if (run.rollBack)', replace: 'if (run.rollBack && run.takesNext === null)' }],
    test: { file: GUARDS, name: 'a rollback waits for the end of its run' },
  },
  {
    id: 'sandbox',
    why: 'the window runs without a sandbox',
    edits: [{ file: 'src-main/windows/main-window.ts', find: 'sandbox: true', replace: 'sandbox: false' }],
    test: { file: 'src-main/electron-shell.test.ts', name: 'is sandboxed' },
  },
  {
    id: 'backup unchecked',
    why: 'a backup counts without being looked at',
    edits: [
      {
        file: 'src-main/store/backup.ts',
        find: 'const defect = findBackupDefect(wanted, partial);',
        replace: 'const defect: string | null = Math.random() < 2 ? null : findBackupDefect(wanted, partial);',
      },
    ],
    test: { file: 'src-main/store/backup.fault.test.ts', name: 'cut short' },
  },
  {
    id: 'backup short',
    why: 'a backup that lacks rows counts as whole',
    edits: [
      { file: 'src-main/store/backup.ts', find: 'if (found.get(table) !== count)', replace: 'if (!found.has(table))' },
    ],
    test: { file: 'src-main/store/backup.fault.test.ts', name: 'short of a row' },
  },
  {
    id: 'backup pruned',
    why: 'only the newest backup of a reason stays',
    edits: [{ file: 'src-main/store/backup.ts', find: 'if (count > KEPT_BACKUPS)', replace: 'if (count > 1)' }],
    test: { file: 'src-main/store/backup.fault.test.ts', name: 'the newest three of each reason' },
  },
  {
    id: 'upgrade of a newer store',
    why: 'a store of a newer version is taken for one that is up to date',
    edits: [{ file: 'src-main/store/upgrade.ts', find: 'if (from > newest) {', replace: 'if (from > newest + 99) {' }],
    test: { file: 'src-main/store/store.test.ts', name: 'newer' },
  },
  {
    id: 'upgrade without room',
    why: 'an upgrade begins on a disk that has no room for it',
    edits: [
      {
        file: 'src-main/store/upgrade.ts',
        find: 'assertRoom(disk, paths.backups, 2 * sizeBytes,',
        replace: 'assertRoom(disk, paths.backups, -1e15 * sizeBytes,',
      },
    ],
    test: { file: 'src-main/store/upgrade.fault.test.ts', name: 'without room it is refused' },
  },
  {
    id: 'update without backup',
    why: 'an update is installed though the backup before it failed',
    edits: [
      {
        file: 'src-main/windows/update-desk.ts',
        find: 'if (backup === undefined || !backup.ok) {',
        replace: 'if (backup === undefined) {',
      },
      {
        file: 'src-main/windows/update-desk.ts',
        find: 'const message = backup?.error.message ?? null;',
        replace: 'const message = null;',
      },
    ],
    test: { file: 'src-main/desktop-updates.test.ts', name: 'without a backup nothing is installed' },
  },
  {
    id: 'update backwards',
    why: 'an older version is taken for an update',
    edits: [
      {
        file: 'src-main/windows/update-state.ts',
        find: "const phase = order < 0 ? 'older' : order > 0 && isOffered",
        replace: "const phase = order < 0 && !isOffered ? 'older' : order !== 0 && isOffered",
      },
    ],
    test: { file: 'src-main/windows/update-state.test.ts', name: 'in no order of events' },
  },
  {
    id: 'upgrade in place',
    why: 'the database itself is upgraded, not a copy of it',
    edits: [
      {
        file: 'src-main/store/upgrade.ts',
        find: 'disk.copy(backup, upgrading);\n  const copy = new Database(upgrading);',
        replace: 'disk.copy(backup, upgrading);\n  const copy = new Database(paths.database);',
      },
    ],
    test: { file: 'src-main/store/upgrade.fault.test.ts', name: 'schema 1' },
  },
  {
    id: 'told too early',
    why: 'a delta is told before its transaction is committed',
    edits: [
      {
        file: 'src-main/runs/run-log.ts',
        find: 'return { events: this.#events.append(sessionId, firstSeq, drafts, nowMs), result };',
        replace:
          'const early = this.#events.append(sessionId, firstSeq, drafts, nowMs);\n        for (const event of early) this.#notify(event);\n        return { events: early, result };',
      },
    ],
    test: { file: GUARDS, name: 'an event is in the database before anybody hears of it' },
  },
  {
    id: 'lost flush',
    why: 'the last words of an answer are not stored before its end',
    edits: [
      {
        file: EXECUTOR,
        find: '    try {\n      await this.#coalescer.flush();',
        replace: '    try {\n      await Promise.resolve();',
      },
    ],
    test: { file: GUARDS, name: 'the last words before an end' },
  },
  {
    id: 'double dequeue',
    why: 'the message that starts stays in the queue',
    edits: [{ file: SETTLE, find: 'store.queue.remove(sessionId, head.queueId);', replace: '' }],
    test: { file: GUARDS, name: 'each waiting message is taken once' },
  },
  {
    id: 'remaining',
    why: 'queue_remaining is counted after the dequeue',
    edits: [
      {
        file: SETTLE,
        find: 'outcome, store.queue.count(sessionId), rowId',
        replace: 'outcome, Math.max(0, store.queue.count(sessionId) - 1), rowId',
      },
    ],
    test: { file: GUARDS, name: 'an end says how many wait' },
  },
  {
    id: 'no pause',
    why: 'a refused key does not pause the queue, and every waiting message meets it',
    edits: [{ file: 'src-main/runs/run-outcome.ts', find: "'upstream_auth',", replace: '' }],
    test: { file: GUARDS, name: 'a refused key pauses what waits' },
  },
  {
    id: 'no pause after a restart',
    why: 'the queue goes on by itself after a restart',
    edits: [
      {
        file: 'src-main/runs/recover-runs.ts',
        find: 'store.sessions.withQueue().map(',
        replace: 'store.sessions.withQueue().slice(0, 0).map(',
      },
    ],
    test: { file: 'src-main/kill.integration.test.ts', name: 'keeps its queue' },
  },
  {
    id: 'text lost in a kill',
    why: 'a run that a killed process left is closed without its text',
    edits: [
      {
        file: 'src-main/runs/recover-runs.ts',
        find: 'const view = foldStoredRun(store, sessionId, run.id);',
        replace: "const view = foldStoredRun(store, sessionId, '');",
      },
    ],
    test: { file: 'src-main/kill-points.integration.test.ts', name: 'stream, seed 2000' },
  },
  {
    id: 'lock that blocks',
    why: 'a locked database stops the event loop for seconds',
    edits: [
      {
        file: 'src-main/store/database.ts',
        find: 'const BUSY_TIMEOUT_MS = 15;',
        replace: 'const BUSY_TIMEOUT_MS = 5000;',
      },
    ],
    test: { file: 'src-main/store/locked.fault.test.ts', name: 'a live answer goes on in memory' },
  },
  {
    id: 'any token',
    why: 'every token opens the host',
    edits: [
      {
        file: 'src-main/api/constant-time.ts',
        find: 'timingSafeEqual(secretDigest(presented), secretDigest(expected))',
        replace: 'timingSafeEqual(secretDigest(expected), secretDigest(expected)) || presented === expected',
      },
    ],
    test: { file: 'src-main/kill-door.integration.test.ts', name: 'no other token opens the host' },
  },
  {
    id: 'BUG-A7 mark',
    why: 'a summary that fails still moves its mark',
    edits: [
      {
        file: 'src-main/compressor/compress-context.ts',
        find: '    return toAppFailure(thrown);',
        replace:
          "    void toAppFailure(thrown);\n    return { text: layout.snapshot?.summary ?? 'nothing', model: null, usage: null };",
      },
    ],
    test: { file: 'src-main/runs/context-keeper.test.ts', name: 'a summary that fails changes nothing' },
  },
  {
    id: 'decision 31 sums',
    why: 'a call that is booked again is added to the sums again',
    edits: [
      {
        file: 'src-main/store/usage-repository.ts',
        find: 'if (!insertOne(call, lineId, priceId, cost)) continue;',
        replace: 'insertOne(call, lineId, priceId, cost);',
      },
    ],
    test: { file: 'src-main/store/usage-repository.property.test.ts', name: 'rollup = full sum' },
  },
  {
    id: 'E7-15 word',
    why: 'what a provider had counted when an answer was stopped passes for its last word',
    edits: [
      {
        file: 'src-main/usage/settle-call.ts',
        find: 'isFinal && isCount(reportedOutput)',
        replace: 'isFinal !== null && isCount(reportedOutput)',
      },
    ],
    test: { file: 'src-main/usage/settle-call.test.ts', name: 'a stopped answer has the provider’s input' },
  },
  {
    id: 'E7-15 kill',
    why: 'the calls of a process that was killed are forgotten',
    edits: [
      {
        file: 'src-main/runs/call-rows.ts',
        find: '!known.some((call) => call.id === draft.id)',
        replace: 'known.some((call) => call.id === draft.id)',
      },
    ],
    test: { file: 'src-main/runs/call-rows.test.ts', name: 'killed in the middle leaves one row' },
  },
  {
    id: 'BUG-D1 permit',
    why: 'a key counts as free when the answer begins',
    edits: [
      {
        file: 'src-main/gateway/answer-run.ts',
        find: 'this.#attempt.lease?.answering();',
        replace: 'this.#attempt.lease?.release();',
      },
    ],
    test: { file: 'src-main/gateway/key-rotation.test.ts', name: 'a permit lasts to the end of the answer' },
  },
  {
    id: 'BUG-D4 limit',
    why: 'a key serves one request more than its limit',
    edits: [
      {
        file: 'src-main/credentials/choose-credential.ts',
        find: 'candidate.inFlight < candidate.limit',
        replace: 'candidate.inFlight <= candidate.limit',
      },
    ],
    test: { file: 'src-main/gateway/random-requests.test.ts', name: 'ten thousand requests' },
  },
  {
    id: 'BUG-D6 rest',
    why: 'a rest is stored a second later and lost in a kill',
    edits: [
      {
        file: 'src-main/credentials/credential-pool.ts',
        find: '    this.#writer.atOnce(entry);\n  }\n\n  #cool(',
        replace: '    this.#writer.soon(entry);\n  }\n\n  #cool(',
      },
      {
        file: 'src-main/credentials/credential-pool.ts',
        find: '    this.#writer.atOnce(entry);\n  }\n}\n',
        replace: '    this.#writer.soon(entry);\n  }\n}\n',
      },
    ],
    test: { file: 'src-main/credentials/credential-pool.test.ts', name: 'are there at once, with their reasons' },
  },
  {
    id: 'BUG-D11 replaced',
    why: 'a late refusal of a secret that was replaced counts against the new one',
    edits: [
      {
        file: 'src-main/credentials/credential-pool.ts',
        find: "    if (entry.row.auth !== 'api_key') return false;\n",
        replace: "    if (entry.row.auth !== 'none') return false;\n",
      },
    ],
    test: { file: 'src-main/credentials/replaced-key.test.ts', name: 'says nothing about the new one' },
  },
  {
    id: 'E9-02 address',
    why: 'a message follows its profile to another address',
    edits: [
      {
        file: 'src-main/gateway/profile-calls.ts',
        find: "return baseUrl === undefined || known.kind === 'demo' ? known : { ...known, baseUrl };",
        replace: 'return known;',
      },
    ],
    test: { file: 'src-main/address-captured.integration.test.ts', name: 'the address that its profile had' },
  },
  {
    id: 'E10-25 binding',
    why: 'a file of keys whose addresses were changed opens all the same',
    edits: [
      {
        file: 'src-main/credentials/credential-file.ts',
        find: 'JSON.stringify({ providers, keys, proxies })',
        replace: 'JSON.stringify({ keys: keys.length, providers: providers.length, proxies: proxies.length })',
      },
    ],
    test: { file: 'src-main/credentials/credential-transfer.test.ts', name: 'a file that was changed' },
  },
  {
    id: 'E10-29 prelude',
    why: 'another choice of tools looks like the same prompt',
    edits: [
      {
        file: 'src-main/gateway/prefix-fingerprint.ts',
        find: '  add(toolChoice);\n',
        replace: '',
      },
    ],
    test: { file: 'src-main/gateway/prefix-hints.test.ts', name: 'another choice of tools is another prelude' },
  },
  {
    id: 'E10-15 commit point',
    why: 'an answer moves on to another key after its first part was shown',
    edits: [
      {
        file: 'src-main/gateway/answer-run.ts',
        find: "held !== null && terminal?.type === 'failed' && this.#firstPartMs === null",
        replace: "mayMoveOn && terminal?.type === 'failed'",
      },
    ],
    test: { file: 'src-main/gateway/key-rotation.test.ts', name: 'after it, nothing moves' },
  },
  {
    id: 'E10-02 echo',
    why: 'a key that an upstream echoes is stored and shown',
    edits: [
      {
        file: 'src-main/gateway/call-scrub.ts',
        find: 'if (secret === null) return NOTHING_TO_SCRUB;',
        replace: 'if (secret === null || secret.length > 0) return NOTHING_TO_SCRUB;',
      },
    ],
    test: { file: 'src-main/canaries.integration.test.ts', name: 'twenty canary keys' },
  },
  {
    id: 'E10-02 host',
    why: 'a key goes to whatever address its profile has',
    edits: [
      {
        file: 'src-main/credentials/choose-credential.ts',
        find: "  if (candidate.origin !== question.origin) return 'other-origin';\n",
        replace: '',
      },
    ],
    test: { file: 'src-main/credentials/pool-secrets.test.ts', name: 'the address alone is wrong' },
  },
  {
    id: 'E10-01 binding',
    why: 'a sealed key opens in any row',
    edits: [
      {
        file: 'src-main/credentials/secret-binding.ts',
        find: "['sluice-secret', 2, place.table, place.key, place.bound_to]",
        replace: "['sluice-secret', 2, place.table]",
      },
    ],
    test: { file: 'src-main/credentials/secret-keeper.test.ts', name: 'does not open in another row' },
  },
  {
    id: 'E10-18 around',
    why: 'the general proxy goes before a key’s own',
    edits: [
      {
        file: 'src-main/credentials/choose-proxy.ts',
        find: 'if (credential !== null) {',
        replace: "if (credential !== null && global?.mode !== 'proxy') {",
      },
    ],
    test: { file: 'src-main/credentials/choose-proxy.test.ts', name: 'with proxy' },
  },
  {
    id: 'E11-01 held',
    why: 'a request is held while its stream goes on',
    edits: [
      {
        file: 'src-main/gateway/relay/relay.ts',
        find: 'letGo(question.request);',
        replace: '',
      },
    ],
    test: { file: 'src-main/model-api-large.integration.test.ts', name: 'is not held' },
  },
  {
    id: 'E11-01 bytes',
    why: 'a request of the same protocol is written anew instead of patched',
    edits: [
      {
        file: 'src-main/gateway/relay/relay-request.ts',
        find: "return named === model && !hasDouble(bytes) ? bytes : set(bytes, 'model', model);",
        replace: 'return Buffer.from(JSON.stringify({ ...(JSON.parse(bytes.toString()) as object), model }));',
      },
    ],
    test: { file: 'src-main/model-api-rules.integration.test.ts', name: 'in its own bytes but for the model' },
  },
  {
    id: 'E11-01 seals',
    why: 'thinking that only we signed goes to its provider',
    edits: [
      {
        file: 'src-main/gateway/relay/own-seals.ts',
        find: "      return isPackedSeal(value['signature']);",
        replace: '      return false;',
      },
    ],
    test: { file: 'src-main/model-api-tools.integration.test.ts', name: 'nothing of ours arrives' },
  },
  {
    id: 'E11-01 parallel results',
    why: 'each result of parallel calls becomes a message of its own',
    edits: [
      {
        file: 'src-main/gateway/translate/anthropic/write-request.ts',
        find: 'if (last?.role === role) last.content.push(...blocks);',
        replace: "if (last?.role === role && blocks[0]?.['type'] !== 'tool_result') last.content.push(...blocks);",
      },
      {
        file: 'src-main/gateway/translate/check-calls.ts',
        find: 'if (last !== undefined && hasResult(last) && hasResult(message)) {',
        replace: 'if (last !== undefined && hasResult(last) && hasResult(message) && last === message) {',
      },
    ],
    test: {
      file: 'src-main/gateway/translate/translation-breaks.test.ts',
      name: 'results of parallel calls are one message of the user',
    },
  },
  {
    id: 'E11-02 end',
    why: 'a translated stream that was cut gets an end made up',
    edits: [
      {
        file: 'src-main/gateway/translate/anthropic/read-stream.ts',
        find: '  end(): ReplyEvent[] {\n    return [];',
        replace:
          "  end(): ReplyEvent[] {\n    if (!this.#over) return [{ type: 'finish', finish: 'stop', stopSequence: null, usage: this.usage }];\n    return [];",
      },
    ],
    test: { file: 'src-main/gateway/translate/translation.property.test.ts', name: 'ends anywhere before its end' },
  },
  {
    id: 'E11-02 numbers',
    why: 'an error within a responses stream begins to count again',
    edits: [
      {
        file: 'src-main/api/model-api/write-reply.ts',
        find: 'nextSequence: soFar.nextSequence()',
        replace: 'nextSequence: 0',
      },
    ],
    test: { file: 'src-main/api/model-api/write-reply.test.ts', name: 'goes on after the last number' },
  },
  {
    id: 'E11-02 commit point',
    why: 'another key takes over after the answer has begun to be shown',
    edits: [
      {
        file: 'src-main/gateway/relay/relay-stream.ts',
        find: "if (terminal?.type === 'failed' && !isShown)",
        replace: "if (terminal?.type === 'failed' && (isShown || !isShown))",
      },
    ],
    test: { file: 'src-main/model-api.integration.test.ts', name: 'an error of the upstream within a shown stream' },
  },
  {
    id: 'E11-01 idempotency',
    why: 'another body under a used Idempotency-Key gets the first answer',
    edits: [
      {
        file: 'src-main/api/model-api/idempotency.ts',
        find: 'if (other !== digest) {',
        replace: 'if (other !== digest && known === null) {',
      },
    ],
    test: {
      file: 'src-main/model-api-rules.integration.test.ts',
      name: 'is refused with 409 while the first is under way',
    },
  },
  {
    id: 'E11-07 owner',
    why: 'a program reads what another one was answered',
    edits: [
      {
        file: 'src-main/gateway/relay/referable-answers.ts',
        find: 'return JSON.stringify([owner, id]);',
        replace: 'return JSON.stringify([owner === id, id]);',
      },
    ],
    test: { file: 'src-main/model-api-tools.integration.test.ts', name: 'by their own program, not by another' },
  },
  {
    id: 'E11-06 cap',
    why: 'calls that began together pass a program’s cap without bound',
    edits: [
      {
        file: 'src-main/usage/client-caps.ts',
        find: 'if (others > 0) await this.#assertRoom(clientId, others);',
        replace: 'if (others > 0) await this.#assertRoom(clientId, 1);',
      },
    ],
    test: { file: 'src-main/model-api-rules.integration.test.ts', name: 'wait for each other before they could pass' },
  },
  {
    id: 'E11-07 places',
    why: 'a result stays where it was said, away from its call',
    edits: [
      {
        file: 'src-main/gateway/translate/check-calls.ts',
        find: 'placed.splice(at, 0, { ...message, parts: [part] });',
        replace: 'placed.push({ ...message, parts: [part] });',
      },
    ],
    test: {
      file: 'src-main/gateway/translate/translate-request.test.ts',
      name: 'what is said between calls and their results',
    },
  },
  ...OPTION_MUTANTS,
];
