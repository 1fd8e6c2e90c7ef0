/** How a conversation's answers are to be made, and what became of it in each run. */
export const parameters = {
  version: 12,
  name: 'parameters',
  sql: `
alter table sessions add column parameters text not null default '{}' check (json_valid(parameters));
alter table runs add column parameters text check (parameters is null or json_valid(parameters));
`,
} as const;
