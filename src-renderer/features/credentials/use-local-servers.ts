import { useCallback, useEffect, useState } from 'react';
import type { AppError } from '#contract/errors';
import type { LocalServer, ProfileRecord } from '#contract/records';
import { useCore } from '../../ipc/use-api.ts';
import { connectChecked } from './connect-checked.ts';
import { freeName } from './connect-profile.ts';
import { useCredentialsStore } from './credentials-store.ts';

export interface LocalServers {
  /** Null while they are looked for. */
  servers: LocalServer[] | null;
  problem: AppError | null;
  look: () => void;
  /** Connects one of them, with its first model. */
  use: (server: LocalServer, name: string) => Promise<void>;
}

/** Model servers on this computer, looked for once when it is shown: 127.0.0.1 is asked and nobody else. */
export function useLocalServers(onDone: (profile: ProfileRecord) => void): LocalServers {
  const { api } = useCore();
  const [servers, setServers] = useState<LocalServer[] | null>(null);
  const [problem, setProblem] = useState<AppError | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    void api.request('upstreams.discover', {}).then((answer) => {
      if (isCurrent) setServers(answer.ok ? answer.data.servers : []);
    });
    return () => {
      isCurrent = false;
    };
  }, [api, round]);
  const look = useCallback(() => {
    setServers(null);
    setProblem(null);
    setRound((before) => before + 1);
  }, []);
  const use = async (server: LocalServer, wish: string) => {
    const taken = useCredentialsStore.getState().profiles ?? [];
    const name = freeName(
      wish,
      taken.map((profile) => profile.name),
    );
    const { baseUrl } = server;
    const result = await connectChecked(api, {
      kind: 'openai-chat',
      name,
      baseUrl,
      model: '',
      secret: '',
      keyLabel: '',
    });
    await useCredentialsStore.getState().load(api);
    if (result.ok) onDone(result.data);
    else setProblem(result.error);
  };
  return { servers, problem, look, use };
}
