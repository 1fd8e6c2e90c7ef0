/** The first schema. Once shipped it never changes: what comes later is a migration of its own. */
export const initial = {
  version: 1,
  name: 'initial',
  sql: `
create table sessions (
  id text primary key,
  title text not null,
  title_source text not null default 'auto' check (title_source in ('auto', 'user')),
  profile text,
  model text,
  workspace text,
  preview text not null default '',
  message_count integer not null default 0,
  last_seq integer not null default 0,
  last_status text,
  queue_paused text check (queue_paused in ('restart', 'failure', 'user')),
  created_at_ms integer not null,
  updated_at_ms integer not null
) strict;
create index sessions_by_update on sessions (updated_at_ms desc, id desc);

create table runs (
  id text primary key,
  session_id text not null references sessions (id) on delete cascade,
  status text not null check (status in ('pending', 'running', 'cancelling', 'success', 'error', 'timeout', 'interrupted', 'cancelled')),
  profile text not null,
  model text,
  upstream_run_id text,
  credential_id text,
  queue_id text not null,
  idempotency_key text,
  follow_up_to_run_id text,
  options text not null default '{}' check (json_valid(options)),
  state_before text not null default '{}' check (json_valid(state_before)),
  error text,
  error_info text check (error_info is null or json_valid(error_info)),
  finish_reason text,
  usage text check (usage is null or json_valid(usage)),
  created_at_ms integer not null,
  started_at_ms integer,
  ended_at_ms integer
) strict;
create unique index runs_one_live on runs (session_id) where status in ('pending', 'running', 'cancelling');
create unique index runs_by_queue_id on runs (session_id, queue_id);
create unique index runs_by_idempotency_key on runs (idempotency_key) where idempotency_key is not null;
create index runs_by_session on runs (session_id, created_at_ms desc, id desc);

create table messages (
  number integer primary key,
  id text not null unique,
  session_id text not null references sessions (id) on delete cascade,
  run_id text,
  position integer not null,
  role text not null check (role in ('user', 'assistant', 'tool', 'system')),
  content text not null,
  content_blocks text check (content_blocks is null or json_valid(content_blocks)),
  reasoning text,
  reasoning_ms integer,
  tool_calls text check (tool_calls is null or json_valid(tool_calls)),
  tool_call_id text,
  tool_name text,
  tool_arguments text,
  tool_preview text,
  tool_state text,
  tool_duration real,
  finish_reason text,
  status text not null check (status in ('final', 'aborted', 'error')),
  token_count integer,
  created_at_ms integer not null
) strict;
create unique index messages_by_position on messages (session_id, position);
create index messages_by_run on messages (run_id);

create table run_events (
  session_id text not null references sessions (id) on delete cascade,
  seq integer not null,
  run_id text,
  event text not null,
  payload text not null,
  rolled_back integer not null default 0,
  at_ms integer not null,
  primary key (session_id, seq)
) strict, without rowid;
create index run_events_by_run on run_events (run_id, seq);
create index run_events_of_state on run_events (run_id, seq) where event not in ('message.delta', 'reasoning.delta');

create table queued_runs (
  queue_id text not null,
  session_id text not null references sessions (id) on delete cascade,
  run_id text not null unique,
  position integer not null,
  send_now integer not null default 0,
  input text not null check (json_valid(input)),
  options text not null check (json_valid(options)),
  idempotency_key text unique,
  created_at_ms integer not null,
  primary key (session_id, queue_id)
) strict;
create index queued_runs_in_order on queued_runs (session_id, position);

create table profiles (
  id text primary key,
  name text not null unique collate nocase check (instr(name, '/') = 0),
  kind text not null,
  base_url text not null,
  default_model text,
  context_length integer,
  created_at_ms integer not null,
  updated_at_ms integer not null
) strict;

create table credentials (
  id text primary key,
  profile_id text not null references profiles (id) on delete cascade,
  label text not null,
  mask text not null,
  fingerprint text not null,
  cipher_kind text not null,
  sealed blob not null,
  approved_origin text not null,
  priority integer not null default 0,
  group_name text,
  max_in_flight integer not null default 0,
  disabled integer not null default 0,
  disabled_reason text,
  created_at_ms integer not null,
  updated_at_ms integer not null
) strict;
create unique index credentials_once on credentials (profile_id, fingerprint);

create table settings (
  key text primary key,
  value text not null check (json_valid(value))
) strict;

create virtual table messages_fts using fts5 (body, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2');
`,
} as const;
