/** Pins, archive, forks, summaries, versions of a turn, attachments, and what is still to be done at an upstream. */
export const conversations = {
  version: 2,
  name: 'conversations',
  sql: `
alter table sessions add column pinned integer not null default 0;
alter table sessions add column archived_at_ms integer;
alter table sessions add column instructions text;
alter table sessions add column forked_from_session_id text;
create index sessions_in_list on sessions (archived_at_ms, pinned desc, updated_at_ms desc, id desc);

create table message_versions (
  id text primary key,
  session_id text not null references sessions (id) on delete cascade,
  anchor_run_id text,
  replaced_by_run_id text,
  preview text not null,
  message_count integer not null,
  created_at_ms integer not null
) strict;
create index message_versions_by_session on message_versions (session_id, created_at_ms);

alter table messages add column version_id text references message_versions (id) on delete cascade;
create index messages_shown on messages (session_id, position) where version_id is null;
create index messages_by_version on messages (version_id) where version_id is not null;

alter table runs add column synced integer;
alter table runs add column compacted integer not null default 0;
create index runs_to_compact on runs (ended_at_ms) where compacted = 0 and ended_at_ms is not null;

alter table messages add column pinned integer not null default 0;
alter table sessions add column compression_failed_at_ms integer;
alter table sessions add column last_queue_seq integer;

create table steered_messages (
  session_id text not null references sessions (id) on delete cascade,
  queue_id text not null,
  idempotency_key text,
  run_id text not null,
  primary key (session_id, queue_id)
) strict, without rowid;
create index steered_messages_by_key on steered_messages (idempotency_key) where idempotency_key is not null;

create table compactions (
  id text primary key,
  session_id text not null references sessions (id) on delete cascade,
  summary text not null,
  last_message_id text not null,
  message_count integer not null,
  source_hash text not null,
  tokens integer not null,
  before_tokens integer not null,
  after_tokens integer not null,
  trigger text not null check (trigger in ('auto', 'manual', 'edited')),
  profile text,
  model text,
  usage text check (usage is null or json_valid(usage)),
  undone_at_ms integer,
  created_at_ms integer not null
) strict;
create index compactions_by_session on compactions (session_id, created_at_ms);

create table upstream_follow_ups (
  run_id text primary key references runs (id) on delete cascade,
  session_id text not null,
  profile text not null,
  upstream_run_id text not null,
  give_up_at_ms integer not null
) strict;

create table upstream_sessions (
  upstream_session_id text primary key,
  run_id text not null,
  profile text not null,
  status text not null default 'pending' check (status in ('pending', 'dead')),
  attempts integer not null default 0,
  last_error text,
  next_attempt_at_ms integer not null,
  created_at_ms integer not null
) strict;
create index upstream_sessions_due on upstream_sessions (next_attempt_at_ms) where status = 'pending';

create table attachments (
  id text primary key,
  file_name text not null unique,
  name text not null,
  media_type text not null,
  size_bytes integer not null,
  was_used integer not null default 0,
  created_at_ms integer not null
) strict;

create table attachment_uses (
  attachment_id text not null references attachments (id) on delete cascade,
  session_id text not null references sessions (id) on delete cascade,
  primary key (attachment_id, session_id)
) strict, without rowid;
create index attachment_uses_by_session on attachment_uses (session_id);
`,
} as const;
