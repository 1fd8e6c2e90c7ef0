/** What programs may spend: a cap for each key, and on whose behalf a call was made. */
export const programSpend = {
  version: 9,
  name: 'program-spend',
  sql: `
alter table client_keys add column spend_cap text check (spend_cap is null or json_valid(spend_cap));

alter table usage_calls add column client_id text;
create index usage_calls_by_client on usage_calls (client_id, started_at_ms) where client_id is not null;
create index usage_calls_by_line on usage_calls (session_id, line_id, run_id) where session_id is not null;
`,
} as const;
