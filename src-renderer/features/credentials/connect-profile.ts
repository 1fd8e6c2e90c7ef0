import type { Result } from '#contract/errors';
import type { ProfileKind, ProfileRecord } from '#contract/records';
import type { SluiceApi } from '#contract/routes';

/** The kinds a person can connect; the demo is always there. */
export const CONNECTABLE = ['openai-chat', 'anthropic', 'hermes'] as const satisfies readonly ProfileKind[];
export type Connectable = (typeof CONNECTABLE)[number];

/** The public address of each kind, offered and never sent to unasked. A hermes runs where its owner put it. */
export const DEFAULT_ADDRESS: Record<Connectable, string> = {
  'openai-chat': 'https://api.openai.com',
  anthropic: 'https://api.anthropic.com',
  hermes: 'http://127.0.0.1:8642',
};

export interface Connection {
  kind: Connectable;
  name: string;
  baseUrl: string;
  model: string;
  secret: string;
  keyLabel: string;
}

/** The profile was made but its key was not kept: what was made is named, so that nothing is made twice. */
export type ConnectResult = Result<ProfileRecord> & { made?: ProfileRecord };

/** Makes a profile, then its key. `made`: the profile of an earlier attempt whose key was refused. */
export async function connectProfile(
  api: SluiceApi,
  connection: Connection,
  made: ProfileRecord | null,
): Promise<ConnectResult> {
  let profile = made;
  if (profile === null) {
    const created = await api.request('profiles.create', {
      name: connection.name,
      kind: connection.kind,
      baseUrl: connection.baseUrl,
      ...(connection.model === '' ? {} : { defaultModel: connection.model }),
    });
    if (!created.ok) return created;
    profile = created.data;
  }
  if (connection.secret === '') return { ok: true, data: profile };
  const key = await api.request('credentials.create', {
    profileId: profile.id,
    label: connection.keyLabel,
    secret: connection.secret,
  });
  return key.ok ? { ok: true, data: profile } : { ok: false, error: key.error, made: profile };
}

/** A name that no profile has yet: "OpenAI", "OpenAI 2". Names hold no slash. */
export function freeName(wish: string, taken: string[]): string {
  const base = wish.replaceAll('/', ' ').trim();
  if (!taken.includes(base)) return base;
  let number = 2;
  while (taken.includes(`${base} ${number}`)) number += 1;
  return `${base} ${number}`;
}
