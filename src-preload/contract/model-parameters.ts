/** How hard a model is asked to think. */
export const EFFORTS = ['low', 'medium', 'high'] as const;
export type Effort = (typeof EFFORTS)[number];

/** What can be chosen for how a model answers. What is absent is left to the model. */
export interface ModelParameters {
  temperature?: number;
  /** The share of likely words that it chooses from, above 0 and up to 1. */
  topP?: number;
  /** Longest answer in tokens, with what it thinks where the service counts that in. */
  maxOutputTokens?: number;
  reasoningEffort?: Effort;
}

export const PARAMETER_NAMES = ['temperature', 'topP', 'maxOutputTokens', 'reasoningEffort'] as const;
export type ParameterName = (typeof PARAMETER_NAMES)[number];

/** What each number may be, at both ends. Services have narrower ones; what they make of it is told with the answer. */
export const PARAMETER_RANGES = {
  temperature: { min: 0, max: 2 },
  topP: { min: 0.01, max: 1 },
  maxOutputTokens: { min: 1, max: 1_000_000 },
} as const;

/**
 * Why a parameter was not sent as it was chosen. `service`: it has no such setting. `model`: this model refuses it. `thinks`: it
 * is refused while the model thinks. `no_thinking`: this model does not think. `one_of`: it takes temperature or top P.
 * `scale`: its scale ends earlier, and the end was sent. `room`: the longest answer leaves no room to think.
 */
export const LEFT_OUT_REASONS = ['service', 'model', 'thinks', 'no_thinking', 'one_of', 'scale', 'room'] as const;
export type LeftOutReason = (typeof LEFT_OUT_REASONS)[number];

/** What became of the parameters of one answer. */
export interface RunParameters {
  sent: ModelParameters;
  /** In the order of `PARAMETER_NAMES`; one that was only changed stands in `sent`, too. */
  leftOut: readonly { name: ParameterName; reason: LeftOutReason }[];
}

/** Whether anything was chosen at all. */
export function hasParameters(parameters: ModelParameters): boolean {
  return PARAMETER_NAMES.some((name) => parameters[name] !== undefined);
}

/** The parameters with some of them changed; null gives one back to the model. */
export function changedParameters(
  parameters: ModelParameters,
  change: { readonly [Name in ParameterName]?: ModelParameters[Name] | null },
): ModelParameters {
  const merged = { ...parameters, ...change };
  return Object.fromEntries(PARAMETER_NAMES.flatMap((name) => (merged[name] == null ? [] : [[name, merged[name]]])));
}
