import type { SqliteDatabase } from './database.ts';

/** What reports of a profile's model taught about counting its tokens. */
export interface StoredCorrection {
  ratio: number;
  deviation: number | null;
  reports: number;
}

interface CorrectionRow extends StoredCorrection {
  profile: string;
  model: string;
  updated_at_ms: number;
}

export type TokenCorrectionRepository = ReturnType<typeof createTokenCorrectionRepository>;

/** One row for each model of a profile. Writes belong inside a `Committer` entry. */
export function createTokenCorrectionRepository(db: SqliteDatabase) {
  const one = db.prepare<[string, string], StoredCorrection>(
    'select ratio, deviation, reports from token_corrections where profile = ? and model = ?',
  );
  const upsert = db.prepare<[CorrectionRow]>(`
    insert into token_corrections (profile, model, ratio, deviation, reports, updated_at_ms)
    values (@profile, @model, @ratio, @deviation, @reports, @updated_at_ms)
    on conflict (profile, model) do update set
      ratio = excluded.ratio, deviation = excluded.deviation, reports = excluded.reports,
      updated_at_ms = excluded.updated_at_ms`);
  return {
    /** @param model null for the profile's own choice, which counts as a model of its own. */
    get: (profile: string, model: string | null): StoredCorrection | null => one.get(profile, model ?? '') ?? null,
    put: (profile: string, model: string | null, correction: StoredCorrection, atMs: number): void =>
      void upsert.run({ profile, model: model ?? '', ...correction, updated_at_ms: atMs }),
  };
}
