/** Which call made a summary, which calls a run made, and what was sent where no summary could be made. */
export const costs = {
  version: 8,
  name: 'costs',
  sql: `
alter table compactions add column call_id text;
alter table runs add column shortened text check (shortened is null or json_valid(shortened));
create index usage_calls_by_run on usage_calls (run_id) where run_id is not null;
`,
} as const;
