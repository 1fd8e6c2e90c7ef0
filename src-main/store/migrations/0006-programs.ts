/** Other programs: their keys, what they keep with a conversation, feedback, and what a run's record shows without its rows. */
export const programs = {
  version: 6,
  name: 'programs',
  sql: `
create table client_keys (
  id text primary key,
  name text not null,
  mask text not null,
  digest text not null unique,
  scopes text not null check (json_valid(scopes)),
  created_at_ms integer not null,
  last_used_at_ms integer,
  revoked_at_ms integer
) strict;

create table thread_metadata (
  session_id text primary key references sessions (id) on delete cascade,
  metadata text not null check (json_valid(metadata))
) strict, without rowid;

alter table runs add column first_human_message text;
alter table runs add column last_ai_message text;
alter table runs add column message_count integer not null default 0;

create table feedback (
  id text primary key,
  session_id text not null references sessions (id) on delete cascade,
  run_id text not null,
  user_id text not null,
  message_id text,
  rating integer not null check (rating in (-1, 1)),
  comment text,
  created_at_ms integer not null,
  updated_at_ms integer not null,
  unique (session_id, run_id, user_id)
) strict;

create table feedback_changes (
  number integer primary key,
  feedback_id text not null references feedback (id) on delete cascade,
  message_id text,
  rating integer not null,
  comment text,
  at_ms integer not null
) strict;
create index feedback_changes_by_feedback on feedback_changes (feedback_id, number);
`,
} as const;
