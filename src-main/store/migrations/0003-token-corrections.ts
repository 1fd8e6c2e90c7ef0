/** What upstreams' own figures have taught about our counting. */
export const tokenCorrections = {
  version: 3,
  name: 'token-corrections',
  sql: `
create table token_corrections (
  profile text not null,
  model text not null,
  ratio real not null,
  deviation real,
  reports integer not null,
  updated_at_ms integer not null,
  primary key (profile, model)
) strict, without rowid;
`,
} as const;
