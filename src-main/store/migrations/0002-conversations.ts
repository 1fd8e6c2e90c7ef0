/** Pins, archive, forks, versions of a turn, attachments, and what is still to be done at an upstream. */
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
