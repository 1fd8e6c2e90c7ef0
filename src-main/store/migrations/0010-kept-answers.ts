/** Answers that are given again to the same request of a program, for a day. */
export const keptAnswers = {
  version: 10,
  name: 'kept-answers',
  sql: `
create table kept_answers (
  key text primary key,
  digest text not null,
  status integer not null,
  headers text not null check (json_valid(headers)),
  body blob not null,
  until_ms integer not null
) strict, without rowid;
create index kept_answers_by_end on kept_answers (until_ms);
`,
} as const;
