import { useCallback, useEffect, useState } from 'react';
import type { DiagnosticsBundle } from '#contract/diagnostics';
import type { AppError } from '#contract/errors';
import type { SessionRecord } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { saveBlob } from '../../ui/save-file.ts';

/** Conversations that are offered to be added. */
const SESSIONS = 30;

/** A bundle of diagnostics, what of it is chosen, and the ways to keep it. */
export function useDiagnostics() {
  const { api } = useCore();
  const [bundle, setBundle] = useState<DiagnosticsBundle | null>(null);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [sessions, setSessions] = useState<SessionRecord[]>([]);
  const [sessionId, setSessionId] = useState<string | null>(null);
  const [problem, setProblem] = useState<AppError | null>(null);
  const [busy, setBusy] = useState(false);

  const collect = useCallback(
    async (wanted: string | null) => {
      setBusy(true);
      const answer = await api.request('diagnostics.collect', wanted === null ? {} : { sessionId: wanted });
      setBusy(false);
      setProblem(answer.ok ? null : answer.error);
      if (!answer.ok) return;
      setBundle(answer.data);
      setSessionId(wanted);
    },
    [api],
  );
  useEffect(() => {
    let current = true;
    void api.request('diagnostics.collect', {}).then((answer) => {
      if (!current) return;
      if (answer.ok) setBundle(answer.data);
      else setProblem(answer.error);
    });
    void api.request('sessions.list', { limit: SESSIONS }).then((answer) => {
      if (current && answer.ok) setSessions(answer.data.sessions);
    });
    return () => {
      current = false;
    };
  }, [api]);

  const chosen = bundle?.files.filter(({ name }) => !left.has(name)) ?? [];
  return {
    bundle,
    chosen,
    sessions,
    sessionId,
    problem,
    busy,
    collect,
    choose(name: string, isIn: boolean) {
      const next = new Set(left);
      if (isIn) next.delete(name);
      else next.add(name);
      setLeft(next);
    },
    /** Everything that is chosen, one after the other, with its name. */
    asText: () => chosen.map(({ name, text }) => `===== ${name} =====\n${text}`).join('\n'),
    async save() {
      if (bundle === null) return;
      setBusy(true);
      const answer = await api.request('diagnostics.zip', {
        bundleId: bundle.bundleId,
        files: chosen.map(({ name }) => name),
      });
      setBusy(false);
      setProblem(answer.ok ? null : answer.error);
      if (!answer.ok) return;
      const bytes = Uint8Array.from(atob(answer.data.data), (char) => char.charCodeAt(0));
      saveBlob(answer.data.fileName, new Blob([bytes], { type: 'application/zip' }));
    },
  };
}
