/** Tags of conversations, and the library of prompts. */
export const tagsAndPrompts = {
  version: 11,
  name: 'tags-and-prompts',
  sql: `
alter table sessions add column tags text not null default '[]' check (json_valid(tags));

create table prompts (
  id text primary key,
  name text not null collate nocase unique,
  body text not null,
  created_at_ms integer not null,
  updated_at_ms integer not null
) strict;
`,
} as const;
