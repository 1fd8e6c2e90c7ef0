import type { RunInput } from '#contract/message';
import { hasParameters, type ModelParameters } from '#contract/model-parameters';
import { failureOf } from '../platform/app-failure.ts';
import type { ProgramRequest, RunOptions } from '../store/run-repository.ts';
import type { Store } from '../store/store.ts';
import type { Strategy } from './run-machine.ts';

export interface RunRequest {
  input: RunInput;
  sessionId?: string;
  model?: string;
  provider?: string;
  instructions?: string;
  /** The folder of a session that this message begins. */
  workspace?: string;
  /** The instructions of a session that this message begins. */
  sessionInstructions?: string;
  /** A message that this one takes the place of, with all that follows it. */
  replaceFrom?: string;
  /** A run of the session, also one that never began, whose choices hold where this request makes none. */
  likeRun?: string;
  profile?: string;
  queueId?: string;
  idempotencyKey?: string;
  reasoningEffort?: 'low' | 'medium' | 'high';
  /** What the message itself names; the rest is as the conversation has it. */
  parameters?: ModelParameters;
  strategy?: Strategy;
  /** What a program asked for beside the message. */
  program?: ProgramRequest;
}

export interface RunDefaults {
  /** The profile that the caller's connection named, if any. */
  connectionProfile: string | null;
  /** The profile of whoever names none. */
  defaultProfile: string;
}

type KnownProfiles = Pick<Store['profiles'], 'byName' | 'list'>;

/** `<profile>/<model>` names both, but only where there is such a profile: model names hold slashes, too (decision 18). */
function profileInModel(
  profiles: KnownProfiles,
  { model, profile }: RunRequest,
): { profile: string; model: string } | null {
  const slash = model?.indexOf('/') ?? -1;
  if (model === undefined || profile !== undefined || slash <= 0 || slash === model.length - 1) return null;
  const known = profiles.byName(model.slice(0, slash));
  return known === null ? null : { profile: known.name, model: model.slice(slash + 1) };
}

/** What an earlier message was answered with, as a request that chooses the same again. */
export function choicesOf(options: RunOptions): Omit<RunRequest, 'input'> {
  const { profile, model, instructions, reasoningEffort, asked, provider, replaces } = options;
  return {
    profile,
    ...(model === null ? {} : { model }),
    ...(instructions === null ? {} : { instructions }),
    ...(reasoningEffort === null ? {} : { reasoningEffort }),
    // Those of the conversation are read anew: who changes one and tries again means the new one.
    ...(asked === undefined ? {} : { parameters: asked }),
    ...(provider == null ? {} : { provider }),
    ...(replaces?.reason === 'edited' ? { replaceFrom: replaces.messageId } : {}),
  };
}

function likeRun(
  runs: Pick<Store['runs'], 'get' | 'options'>,
  { likeRun: runId, sessionId }: RunRequest,
): Partial<RunRequest> {
  const options = runId === undefined ? null : runs.options(runId);
  // Another conversation's choices are none of this one's business.
  if (runId === undefined || options === null || runs.get(runId)?.sessionId !== sessionId) return {};
  return choicesOf(options);
}

function sessionParameters(session: { parameters: string } | null): Pick<RunOptions, 'parameters'> {
  const parameters = session === null ? {} : (JSON.parse(session.parameters) as ModelParameters);
  return hasParameters(parameters) ? { parameters } : {};
}

/** How an answer is to be made: the conversation's parameters, under those that the message named itself. */
export function effectiveParameters({ parameters, asked, reasoningEffort }: RunOptions): ModelParameters {
  return { ...parameters, ...asked, ...(reasoningEffort === null ? {} : { reasoningEffort }) };
}

/**
 * What a message is to be answered with, captured when it is taken (E2-19, decision 18).
 *
 * @throws AppFailure `not_found` for a profile that nobody knows; it names those there are.
 */
export function chooseOptions(
  {
    sessions,
    profiles,
    runs,
  }: {
    sessions: Pick<Store['sessions'], 'get'>;
    profiles: KnownProfiles;
    runs: Pick<Store['runs'], 'get' | 'options'>;
  },
  asked: RunRequest,
  { connectionProfile, defaultProfile }: RunDefaults,
): RunOptions {
  const request = { ...likeRun(runs, asked), ...asked };
  const session = request.sessionId === undefined ? null : sessions.get(request.sessionId);
  const named = profileInModel(profiles, request);
  const name = named?.profile ?? request.profile ?? connectionProfile ?? session?.profile ?? defaultProfile;
  const profile = profiles.byName(name);
  if (profile === null) {
    const known = profiles.list().map((one) => one.name);
    throw failureOf(
      'not_found',
      { word: 'profile_unknown_choose', with: { name, known: known.join(', ') } },
      {
        retry: { kind: 'user-action', action: 'choose-model' },
      },
    );
  }
  // A session's model belongs to its profile; another profile would not know it.
  const sessionModel = session !== null && (session.profile ?? profile.name) === profile.name ? session.model : null;
  return {
    profile: profile.name,
    ...(profile.base_url === '' ? {} : { baseUrl: profile.base_url }),
    model: named?.model ?? request.model ?? sessionModel ?? profile.default_model,
    instructions: request.instructions ?? null,
    reasoningEffort: request.reasoningEffort ?? null,
    ...(request.parameters === undefined || !hasParameters(request.parameters) ? {} : { asked: request.parameters }),
    ...sessionParameters(session),
    ...(request.provider === undefined ? {} : { provider: request.provider }),
    ...(request.workspace === undefined ? {} : { workspace: request.workspace }),
    // One that stands has instructions of its own already.
    ...(request.sessionInstructions === undefined || session !== null
      ? {}
      : { sessionInstructions: request.sessionInstructions }),
    ...(request.program === undefined ? {} : { program: request.program }),
    ...(request.replaceFrom === undefined ? {} : { replaces: { messageId: request.replaceFrom, reason: 'edited' } }),
  };
}
