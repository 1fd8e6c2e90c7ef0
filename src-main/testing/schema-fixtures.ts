import Database from 'better-sqlite3';
import { migrations } from '../store/migrations/index.ts';

// A database as each released schema left it, with rows in every table that it had. Built from the frozen migrations and
// from statements that name the columns of their time, so the same bytes of text come out on every machine.

/** What a schema brought, filled. A later schema's database holds the rows of all before it. */
const ROWS: Readonly<Record<number, string>> = {
  1: `
insert into profiles (id, name, kind, base_url, default_model, context_length, created_at_ms, updated_at_ms)
  values ('p1', 'Work', 'openai-chat', 'http://127.0.0.1:1', 'm', 8000, 1, 2), ('p2', 'demo', 'demo', '', null, null, 1, 1);
insert into credentials (id, profile_id, label, mask, fingerprint, cipher_kind, sealed, approved_origin, created_at_ms, updated_at_ms)
  values ('c1', 'p1', 'Key', 'sk-a…wxyz', 'f1', 'vault', x'0102ff', 'http://127.0.0.1:1', 3, 4);
insert into settings (key, value) values ('theme', '"dark"');
insert into sessions (id, title, title_source, profile, model, workspace, preview, message_count, last_seq, last_status, queue_paused, created_at_ms, updated_at_ms)
  values ('s1', 'Grüße 你好', 'user', 'Work', 'm', '/tmp/w', 'hello', 2, 3, 'success', null, 5, 6),
         ('s2', 'New chat', 'auto', null, null, null, '', 1, 1, null, 'restart', 7, 8);
insert into runs (id, session_id, status, profile, model, queue_id, idempotency_key, error, error_info, usage, created_at_ms, started_at_ms, ended_at_ms)
  values ('r1', 's1', 'success', 'Work', 'm', 'q1', 'k1', null, null, '{"input_tokens":1}', 9, 10, 11),
         ('r2', 's2', 'error', 'Work', null, 'q2', null, 'It broke', '{"code":"internal","retry":{"kind":"no"}}', null, 12, 13, 14);
insert into messages (id, session_id, run_id, position, role, content, content_blocks, reasoning, reasoning_ms, tool_calls, finish_reason, status, token_count, created_at_ms)
  values ('m1', 's1', 'r1', 1, 'user', 'hello 你好', '[{"type":"text","text":"hello 你好"}]', null, null, null, null, 'final', 3, 15),
         ('m2', 's1', 'r1', 2, 'assistant', 'An answer.', null, 'thought', 12, '[]', 'stop', 'final', null, 16),
         ('m3', 's2', 'r2', 1, 'user', 'lost?', null, null, null, null, null, 'aborted', null, 17);
insert into messages_fts (rowid, body) select number, content from messages;
insert into run_events (session_id, seq, run_id, event, payload, at_ms)
  values ('s1', 1, 'r1', 'message.delta', '{"event":"message.delta","delta":"An "}', 18), ('s1', 2, 'r1', 'message.delta', '{}', 19),
         ('s1', 3, 'r1', 'run.completed', '{}', 20), ('s2', 1, null, 'queue.paused', '{}', 21);
insert into queued_runs (queue_id, session_id, run_id, position, send_now, input, options, idempotency_key, created_at_ms)
  values ('q3', 's2', 'r3', 1, 0, '"later"', '{"profile":"Work"}', 'k3', 22);
`,
  2: `
insert into message_versions (id, session_id, anchor_run_id, replaced_by_run_id, preview, message_count, created_at_ms)
  values ('v1', 's1', null, 'r1', 'before', 1, 23);
insert into messages (id, session_id, run_id, position, role, content, status, created_at_ms, version_id, pinned)
  values ('m4', 's1', 'r0', 3, 'user', 'before', 'final', 24, 'v1', 1);
insert into steered_messages (session_id, queue_id, idempotency_key, run_id) values ('s1', 'q4', 'k4', 'r1');
insert into compactions (id, session_id, summary, last_message_id, message_count, source_hash, tokens, before_tokens, after_tokens, trigger, created_at_ms)
  values ('k1', 's1', 'Short.', 'm2', 2, 'hash', 2, 9, 4, 'auto', 25);
insert into upstream_follow_ups (run_id, session_id, profile, upstream_run_id, give_up_at_ms) values ('r2', 's2', 'Work', 'u2', 26);
insert into upstream_sessions (upstream_session_id, run_id, profile, next_attempt_at_ms, created_at_ms) values ('us1', 'r1', 'Work', 27, 28);
insert into attachments (id, file_name, name, media_type, size_bytes, was_used, created_at_ms) values ('a1', 'a1.txt', 'note.txt', 'text/plain', 5, 1, 29);
insert into attachment_uses (attachment_id, session_id) values ('a1', 's1');
`,
  3: `
insert into token_corrections (profile, model, ratio, deviation, reports, updated_at_ms) values ('Work', 'm', 1.1, 0.05, 4, 30);
`,
  4: `
insert into usage_prices (id, snapshot) values (1, '{"model":"m"}');
insert into usage_lines (id, profile, model, credential_id, credential_label, caller, purpose, source, currency)
  values (1, 'Work', 'm', 'c1', 'Key', 'lead_agent', 'chat', 'provider', 'USD');
insert into usage_calls (number, id, run_id, session_id, line_id, price_id, outcome, billable, input_tokens, output_tokens, cost_picos, started_at_ms, ended_at_ms)
  values (1, 'uc1', 'r1', 's1', 1, 1, 'completed', 1, 10, 20, 123456789, 31, 32);
insert into usage_open_calls (id, run_id, session_id, draft) values ('uo1', 'r2', 's2', '{}');
insert into usage_rollups values (3600000, 0, 1, 1, 0, 0, 1, 10, 1, 20, 0, 0, 0, 0, 0, 0, 0, 123456789);
insert into usage_budgets (id, period, currency, limit_text, warn_share, stops, created_at_ms) values ('b1', 'day', 'USD', '5', 0.8, 1, 33);
insert into model_overrides (id, profile, model, currency, input, created_at_ms) values ('o1', 'Work', 'm', 'USD', '1.5', 34);
`,
  5: `
insert into credential_health (credential_id, failure_count, successes, last_error) values ('c1', 1, 2, '{"class":"rate_limit"}');
insert into credential_cooldowns (credential_id, model, kind, source, reason, from_ms, until_ms) values ('c1', 'm', 'rate_limit', 'provider', 'slow down', 35, 36);
insert into credential_bindings (conversation, credential_id, bound_at_ms) values ('s1', 'c1', 37);
`,
  6: `
insert into client_keys (id, name, mask, digest, scopes, created_at_ms) values ('ck1', 'Script', 'slc-…', 'digest', '["runs:read"]', 38);
insert into thread_metadata (session_id, metadata) values ('s1', '{"kind":"test"}');
insert into feedback (id, session_id, run_id, user_id, rating, created_at_ms, updated_at_ms) values ('f1', 's1', 'r1', 'local', 1, 39, 40);
insert into feedback_changes (number, feedback_id, rating, at_ms) values (1, 'f1', 1, 41);
`,
  7: `
insert into secret_keys (id, kind, parameters, salt, wrapped_key, checksum, in_use, created_at_ms, updated_at_ms)
  values ('sk1', 'vault', '{}', x'01', x'02', x'03', 1, 42, 43);
insert into oauth_clients (credential_id, token_url, client_id, state) values ('c1', 'http://127.0.0.1:1/token', 'client', 'ready');
insert into proxies (scope, owner, mode, url, updated_at_ms) values ('credential', 'c1', 'proxy', 'http://127.0.0.1:3', 44);
`,
  8: `
update compactions set call_id = 'uc1' where id = 'k1';
update runs set shortened = '{"beforeTokens":9,"afterTokens":4,"reason":null}' where id = 'r1';
`,
  9: `
update client_keys set spend_cap = '{"period":"day","currency":"USD","limit":"2"}' where id = 'ck1';
insert into usage_calls (number, id, run_id, session_id, line_id, price_id, outcome, billable, client_id, started_at_ms, ended_at_ms)
  values (2, 'uc2', 'r1', 's1', 1, 1, 'refused', 0, 'ck1', 45, 46);
`,
  10: `
insert into kept_answers (key, digest, status, headers, body, until_ms) values ('ik1', 'digest', 200, '{}', x'7b7d', 47);
`,
  11: `
update sessions set tags = '["Tax"]' where id = 's1';
insert into prompts (id, name, body, created_at_ms, updated_at_ms) values ('pr1', 'Review', 'Look at {{what}}.', 48, 49);
`,
  12: `
update sessions set parameters = '{"temperature":0.2}' where id = 's1';
update runs set parameters = '{"sent":{"temperature":0.2},"leftOut":[]}' where id = 'r1';
`,
};

/** The released schemas, oldest first. */
export const SHIPPED_VERSIONS: readonly number[] = migrations.map((one) => one.version);

/** Writes a database of one released schema, closed and in one file. */
export function writeSchemaFixture(path: string, version: number): void {
  const db = new Database(path);
  db.pragma('foreign_keys = ON');
  for (const migration of migrations) {
    if (migration.version > version) continue;
    db.transaction(() => {
      db.exec(migration.sql);
      db.pragma(`user_version = ${migration.version}`);
    })();
  }
  for (const each of SHIPPED_VERSIONS) {
    if (each > version) continue;
    const rows = ROWS[each];
    if (rows === undefined) throw new Error(`schema-fixtures.ts has no rows for schema ${each}: add them.`);
    db.exec(rows);
  }
  db.close();
}

/** Everything that the tables of a database hold, in the columns that they had in it. */
export interface Contents {
  tables: Map<string, { columns: string[]; rows: string }>;
}

/** @param like reads only the tables and columns of these contents, so that an upgraded database can be compared. */
export function readContents(db: Database.Database, like?: Contents): Contents {
  const names =
    like === undefined
      ? (db
          .prepare(
            "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' and name not like '%_fts%' order by name",
          )
          .pluck()
          .all() as string[])
      : [...like.tables.keys()];
  const tables = new Map(
    names.map((name) => {
      const columns =
        like?.tables.get(name)?.columns ??
        (db.prepare('select name from pragma_table_info(?) order by cid').pluck().all(name) as string[]);
      const list = columns.map((column) => `"${column}"`).join(', ');
      const rows = JSON.stringify(db.prepare(`select ${list} from "${name}" order by ${list}`).raw().all());
      return [name, { columns, rows }] as const;
    }),
  );
  return { tables };
}
