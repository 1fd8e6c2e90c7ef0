/** What keys are sealed with, proxies, and credentials that renew themselves. */
export const secrets = {
  version: 7,
  name: 'secrets',
  sql: `
alter table credentials add column auth text not null default 'api_key' check (auth in ('api_key', 'oauth'));

create table secret_keys (
  id text primary key,
  kind text not null check (kind in ('vault', 'keyring')),
  parameters text not null check (json_valid(parameters)),
  salt blob not null,
  wrapped_key blob not null,
  checksum blob not null,
  in_use integer not null,
  created_at_ms integer not null,
  updated_at_ms integer not null
) strict;
create unique index secret_keys_in_use on secret_keys (kind) where in_use = 1;

create table oauth_clients (
  credential_id text primary key references credentials (id) on delete cascade,
  token_url text not null,
  client_id text not null,
  scope text,
  state text not null check (state in ('ready', 'sign_in')),
  last_error text,
  pending_since_ms integer,
  refreshed_at_ms integer
) strict;

create table proxies (
  scope text not null check (scope in ('global', 'group', 'credential')),
  owner text not null,
  mode text not null check (mode in ('proxy', 'direct')),
  url text not null,
  username text,
  cipher_kind text,
  sealed_password blob,
  updated_at_ms integer not null,
  primary key (scope, owner),
  check ((cipher_kind is null) = (sealed_password is null))
) strict, without rowid;

create trigger proxies_of_deleted_credentials after delete on credentials
  begin delete from proxies where scope = 'credential' and owner = old.id; end;
`,
} as const;
