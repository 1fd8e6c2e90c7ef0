/** What was spent: one row a call, sums by time, budgets, and a person's own prices. */
export const usage = {
  version: 4,
  name: 'usage',
  sql: `
create table usage_prices (
  id integer primary key,
  snapshot text not null unique check (json_valid(snapshot))
) strict;

create table usage_lines (
  id integer primary key,
  profile text not null,
  model text not null,
  credential_id text not null,
  credential_label text not null,
  caller text not null check (caller in ('lead_agent', 'subagent', 'middleware')),
  purpose text not null check (purpose in ('chat', 'summary', 'title', 'api')),
  source text not null check (source in ('provider', 'estimate')),
  currency text not null,
  unique (profile, model, credential_id, credential_label, caller, purpose, source, currency)
) strict;

create table usage_calls (
  number integer primary key autoincrement,
  id text not null unique,
  run_id text,
  session_id text,
  line_id integer not null references usage_lines (id),
  price_id integer references usage_prices (id),
  outcome text not null check (outcome in ('completed', 'failed', 'stopped', 'refused', 'lost')),
  billable integer not null,
  input_source text check (input_source in ('provider', 'estimate')),
  output_source text check (output_source in ('provider', 'estimate')),
  input_tokens integer,
  output_tokens integer,
  cache_read_tokens integer,
  cache_write_tokens integer,
  cache_write_5m_tokens integer,
  cache_write_1h_tokens integer,
  reasoning_tokens integer,
  cost_picos integer,
  started_at_ms integer not null,
  ended_at_ms integer not null
) strict;
create index usage_calls_by_session on usage_calls (session_id, number) where session_id is not null;
create index usage_calls_by_start on usage_calls (started_at_ms, number);
create trigger usage_calls_are_not_changed before update on usage_calls begin
  select raise(abort, 'the ledger is append-only');
end;
create trigger usage_calls_are_not_removed before delete on usage_calls begin
  select raise(abort, 'the ledger is append-only');
end;

create table usage_open_calls (
  id text primary key,
  run_id text,
  session_id text,
  draft text not null check (json_valid(draft))
) strict, without rowid;
create index usage_open_calls_by_run on usage_open_calls (run_id) where run_id is not null;
create index usage_open_calls_by_session on usage_open_calls (session_id) where session_id is not null;

create table usage_rollups (
  span_ms integer not null,
  bucket_ms integer not null,
  line_id integer not null references usage_lines (id),
  requests integer not null,
  refused integer not null,
  unpriced integer not null,
  input_calls integer not null,
  input_tokens integer not null,
  output_calls integer not null,
  output_tokens integer not null,
  cache_read_calls integer not null,
  cache_read_tokens integer not null,
  cache_read_input_tokens integer not null,
  cache_write_calls integer not null,
  cache_write_tokens integer not null,
  reasoning_calls integer not null,
  reasoning_tokens integer not null,
  cost_picos integer not null,
  primary key (span_ms, bucket_ms, line_id)
) strict, without rowid;

create table usage_budgets (
  id text primary key,
  period text not null check (period in ('day', 'month')),
  currency text not null,
  limit_text text not null,
  warn_share real not null,
  stops integer not null,
  created_at_ms integer not null
) strict;

create table model_overrides (
  id text primary key,
  profile text,
  model text not null,
  currency text not null,
  input text,
  output text,
  cache_read text,
  cache_write text,
  cache_write_1h text,
  context_tokens integer,
  created_at_ms integer not null
) strict;
create unique index model_overrides_by_name on model_overrides (coalesce(profile, ''), model);
`,
} as const;
