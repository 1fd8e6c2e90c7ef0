import type { Settings } from '#contract/settings';
import { type CompressionPorts, SUMMARISER_TIMEOUT_MS } from '../compressor/compression-types.ts';
import type { UpstreamRequest } from '../gateway/upstream-adapter.ts';
import { isUpstreamTerminal } from '../gateway/upstream-event.ts';
import { abortable } from '../platform/abortable.ts';
import { AbortReason, failureOf, fromAppError } from '../platform/app-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { RunOptions } from '../store/run-repository.ts';
import type { CallLedger } from '../usage/call-ledger.ts';
import type { CallTrack } from '../usage/call-track.ts';
import type { UpstreamPort } from './upstream-port.ts';

export interface SummaryCallParts {
  upstream: UpstreamPort;
  calls: CallLedger;
  clock: Clock;
  newId: () => string;
  settings: () => Settings;
}

/**
 * Asks a model for the summary of a conversation, books the call by itself, and waits no longer than it may take. A completion
 * without tools: what stands in a history can say what it wants, there is nothing it could set off (BUG-A11).
 *
 * @param about the conversation, and the run that the summary is made for; null where a person asked.
 * @throws AppFailure `unsupported_option` for an agent, `timeout`, `upstream_*`, and what a start throws; the signal's reason.
 */
export async function askForSummary(
  parts: SummaryCallParts,
  { sessionId, runId, options }: { sessionId: string; runId: string | null; options: RunOptions },
  asked: { system: string; prompt: string; maxTokens: number },
  signal: AbortSignal,
): ReturnType<CompressionPorts['summarise']> {
  const { upstream, settings, clock, newId, calls } = parts;
  const { summaryProfile, summaryModel } = settings();
  const profile = summaryProfile === '' ? options.profile : summaryProfile;
  if (upstream.stopStyle(profile) === 'stop-request') {
    throw failureOf('unsupported_option', { word: 'agent_no_summary', with: { profile } });
  }
  const enough = new AbortController();
  const cancel = clock.after(SUMMARISER_TIMEOUT_MS, () => enough.abort(new AbortReason('grace-over')));
  const either = AbortSignal.any([signal, enough.signal]);
  const request: UpstreamRequest = {
    runId: newId(),
    sessionId: null,
    // The conversation goes to no other address for its summary than for its answer.
    ...(profile === options.profile && options.baseUrl !== undefined ? { baseUrl: options.baseUrl } : {}),
    model: summaryModel === '' ? (profile === options.profile ? options.model : null) : summaryModel,
    instructions: asked.system,
    parameters: {},
    history: [],
    input: { content: asked.prompt, parts: null },
  };
  let track: CallTrack | null = null;
  try {
    const { model } = request;
    const clientId = options.program?.clientId ?? null;
    const subject = { runId, sessionId, profile, model, caller: 'middleware', purpose: 'summary', clientId } as const;
    track = await abortable(calls.begin({ ...subject, id: request.runId }, request), either);
    const started = await upstream.start(profile, request, either, track.notices);
    track.accepted({ model: started.run.model, credentialId: started.credentialId });
    let text = '';
    for await (const batch of started.run.events) {
      for (const event of batch) {
        track.hear(event);
        if (event.type === 'text') text += event.text;
        if (!isUpstreamTerminal(event)) continue;
        if (event.type === 'failed') throw fromAppError(event.error);
        if (event.type === 'cancelled') throw cancelled(signal, enough.signal);
        return {
          text: text === '' ? (event.output ?? '') : text,
          model: started.run.model,
          usage: event.usage,
          callId: track.callId,
        };
      }
    }
    throw failureOf('upstream_lost', { word: 'summary_unfinished' });
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    if (enough.signal.aborted) throw cancelled(signal, enough.signal);
    throw thrown;
  } finally {
    cancel();
    // By itself: it is spent whatever becomes of the summary. A call that a dying process leaves open is booked at the next start.
    calls.bookNow(track?.end(either.aborted) ?? []);
  }
}

function cancelled(signal: AbortSignal, timeout: AbortSignal): Error {
  if (signal.aborted) return signal.reason as Error;
  if (timeout.aborted) return failureOf('timeout', { word: 'summary_too_late' });
  return failureOf('upstream_error', { word: 'summary_cancelled' });
}
