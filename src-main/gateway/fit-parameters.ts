import type { LeftOutReason, ModelParameters, ParameterName, RunParameters } from '#contract/model-parameters';
import { PARAMETER_NAMES } from '#contract/model-parameters';
import type { ProfileKind } from '#contract/records';
import { anthropicTraits, openAiTraits } from './translate/model-traits.ts';
import { budgetOfEffort, budgetWithin, MIN_BUDGET_TOKENS } from './translate/thinking-wish.ts';

/** What one service makes of one parameter: a value to send, and why it is not the one that was chosen. */
interface Fit<Name extends ParameterName> {
  value?: Required<ModelParameters>[Name];
  reason?: LeftOutReason;
}
type Fits = { [Name in ParameterName]: Fit<Name> };
type Wanted = ModelParameters;

/**
 * What of a conversation's parameters a service is sent, and what it is not and why. A request with a parameter that its
 * model refuses would fail as a whole, so it goes out without it, and the answer says so. Pure.
 *
 * @param model null where the service chooses; it then gets what most models take.
 */
export function fitParameters(kind: ProfileKind, model: string | null, wanted: Wanted): RunParameters {
  const fits = fitsOf(kind, model ?? '', wanted);
  const chosen = PARAMETER_NAMES.filter((name) => wanted[name] !== undefined);
  return {
    sent: Object.fromEntries(
      chosen.flatMap((name) => (fits[name].value === undefined ? [] : [[name, fits[name].value]])),
    ),
    leftOut: chosen.flatMap((name) => {
      const { reason } = fits[name];
      return reason === undefined ? [] : [{ name, reason }];
    }),
  };
}

function fitsOf(kind: ProfileKind, model: string, wanted: Wanted): Fits {
  switch (kind) {
    case 'demo':
      return { ...nothing('service'), reasoningEffort: { reason: 'service' } };
    case 'hermes':
      // An agent asks its models in its own way; an effort is all that can be told to it.
      return { ...nothing('service'), reasoningEffort: as(wanted.reasoningEffort) };
    case 'openai-chat':
      return forOpenAi(model, wanted);
    case 'anthropic':
      return forAnthropic(model, wanted);
  }
}

function as<Value>(value: Value | undefined): { value?: Value } {
  return value === undefined ? {} : { value };
}

function nothing(reason: LeftOutReason): Omit<Fits, 'reasoningEffort'> {
  return { temperature: { reason }, topP: { reason }, maxOutputTokens: { reason } };
}

function forOpenAi(model: string, wanted: Wanted): Fits {
  const traits = openAiTraits(model);
  const { temperature, topP, maxOutputTokens, reasoningEffort } = wanted;
  const refusal: LeftOutReason | null =
    traits.sampling === 'never' ? 'model' : traits.sampling === 'unless-thinking' && reasoningEffort ? 'thinks' : null;
  const most = traits.maxOutputTokens;
  return {
    temperature: refusal === null ? as(temperature) : { reason: refusal },
    topP: refusal === null ? as(topP) : { reason: refusal },
    maxOutputTokens:
      most !== null && maxOutputTokens !== undefined && maxOutputTokens > most
        ? { value: most, reason: 'scale' }
        : as(maxOutputTokens),
    reasoningEffort: traits.cannotReason ? { reason: 'no_thinking' } : as(reasoningEffort),
  };
}

function forAnthropic(model: string, wanted: Wanted): Fits {
  const traits = anthropicTraits(model);
  const { temperature, topP, maxOutputTokens, reasoningEffort } = wanted;
  // A limit that is too low for the least thinking there is would be an error, and the limit is about money.
  const hasRoom = traits.thinksAdaptively || maxOutputTokens === undefined || maxOutputTokens > MIN_BUDGET_TOKENS;
  const thinks = traits.alwaysThinks || (reasoningEffort !== undefined && hasRoom);
  const refusal: LeftOutReason | null = traits.refusesSampling ? 'model' : thinks ? 'thinks' : null;
  return {
    temperature:
      refusal !== null
        ? { reason: refusal }
        : temperature !== undefined && temperature > 1
          ? { value: 1, reason: 'scale' }
          : as(temperature),
    topP: refusal !== null ? { reason: refusal } : temperature === undefined ? as(topP) : { reason: 'one_of' },
    maxOutputTokens: as(maxOutputTokens),
    reasoningEffort: hasRoom ? as(reasoningEffort) : { reason: 'room' },
  };
}

/**
 * The tokens that a Claude model may think, where it is to be told a number: within the longest answer, with room for words.
 *
 * @returns null where there is no room for any; `fitParameters` leaves the effort out then.
 */
export function thinkingBudget(effort: string, maxOutputTokens: number | undefined): number | null {
  const wanted = budgetOfEffort(effort);
  return maxOutputTokens === undefined ? wanted : budgetWithin(maxOutputTokens, wanted);
}
