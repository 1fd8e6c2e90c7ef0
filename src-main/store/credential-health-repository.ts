import type { SqliteDatabase } from './database.ts';

/** What is known of a key beside its record. */
export interface CredentialHealthRow {
  credential_id: string;
  /** Refusals of the key in a row. */
  failure_count: number;
  /** How often a disabled key was tried again in vain. */
  trial_round: number;
  next_trial_at_ms: number;
  successes: number;
  failures: number;
  transient_failures: number;
  last_used_at_ms: number | null;
  trouble_at_ms: number | null;
  /** JSON: what went wrong last, without secrets. */
  last_error: string | null;
}

export interface CooldownRow {
  credential_id: string;
  /** Empty for every model. */
  model: string;
  kind: string;
  source: 'provider' | 'policy';
  reason: string;
  from_ms: number;
  until_ms: number;
  probes: number;
}

export interface BindingRow {
  conversation: string;
  credential_id: string;
  bound_at_ms: number;
}

export type CredentialHealthRepository = ReturnType<typeof createCredentialHealthRepository>;

/** Health of keys. Writes belong inside a `Committer` entry; those of a key that is gone do nothing. */
export function createCredentialHealthRepository(db: SqliteDatabase) {
  const list = db.prepare<[], CredentialHealthRow>('select * from credential_health');
  const cooldowns = db.prepare<[], CooldownRow>('select * from credential_cooldowns');
  const bindings = db.prepare<[number], BindingRow>(
    'select * from credential_bindings where bound_at_ms > ? order by bound_at_ms',
  );
  const isThere = db.prepare<[string], number>('select 1 from credentials where id = ?').pluck();
  const put = db.prepare<[CredentialHealthRow]>(`
    insert or replace into credential_health (credential_id, failure_count, trial_round, next_trial_at_ms, successes,
      failures, transient_failures, last_used_at_ms, trouble_at_ms, last_error)
    values (@credential_id, @failure_count, @trial_round, @next_trial_at_ms, @successes,
      @failures, @transient_failures, @last_used_at_ms, @trouble_at_ms, @last_error)`);
  const clear = db.prepare<[string]>('delete from credential_cooldowns where credential_id = ?');
  const cool = db.prepare<[CooldownRow]>(`
    insert into credential_cooldowns (credential_id, model, kind, source, reason, from_ms, until_ms, probes)
    values (@credential_id, @model, @kind, @source, @reason, @from_ms, @until_ms, @probes)`);
  const disable = db.prepare<[string | null, string | null, string]>(
    'update credentials set disabled = ? is not null, disabled_reason = ? where id = ?',
  );
  const bind = db.prepare<[BindingRow]>(`
    insert or replace into credential_bindings (conversation, credential_id, bound_at_ms)
    values (@conversation, @credential_id, @bound_at_ms)`);
  const forgetBindings = db.prepare<[number]>('delete from credential_bindings where bound_at_ms <= ?');
  return {
    list: (): CredentialHealthRow[] => list.all(),
    cooldowns: (): CooldownRow[] => cooldowns.all(),
    /** Bindings made after a time, oldest first. */
    bindings: (afterMs: number): BindingRow[] => bindings.all(afterMs),
    /** Everything that is known of a key, in place of what was stored. */
    write(health: CredentialHealthRow, rests: readonly CooldownRow[], disabledReason: string | null): void {
      const id = health.credential_id;
      if (isThere.get(id) === undefined) return;
      put.run(health);
      clear.run(id);
      for (const rest of rests) cool.run(rest);
      disable.run(disabledReason, disabledReason, id);
    },
    bind(row: BindingRow): void {
      if (isThere.get(row.credential_id) !== undefined) bind.run(row);
    },
    /** Removes bindings made up to a time. */
    forgetBindings: (untilMs: number): void => void forgetBindings.run(untilMs),
  };
}
