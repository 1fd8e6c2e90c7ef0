/** What is known of keys: counters, rests, and which conversation uses which key. */
export const credentialHealth = {
  version: 5,
  name: 'credential-health',
  sql: `
alter table credentials add column models text check (models is null or json_valid(models));

create table credential_health (
  credential_id text primary key references credentials (id) on delete cascade,
  failure_count integer not null default 0,
  trial_round integer not null default 0,
  next_trial_at_ms integer not null default 0,
  successes integer not null default 0,
  failures integer not null default 0,
  transient_failures integer not null default 0,
  last_used_at_ms integer,
  trouble_at_ms integer,
  last_error text check (last_error is null or json_valid(last_error))
) strict;

create table credential_cooldowns (
  credential_id text not null references credentials (id) on delete cascade,
  model text not null,
  kind text not null,
  source text not null check (source in ('provider', 'policy')),
  reason text not null,
  from_ms integer not null,
  until_ms integer not null,
  probes integer not null default 0,
  primary key (credential_id, model)
) strict, without rowid;

create table credential_bindings (
  conversation text primary key,
  credential_id text not null references credentials (id) on delete cascade,
  bound_at_ms integer not null
) strict, without rowid;
create index credential_bindings_by_credential on credential_bindings (credential_id);
`,
} as const;
