import { z } from 'zod';
import { EFFORTS, PARAMETER_RANGES } from '../model-parameters.ts';
import { aliased } from './schema-fields.ts';

// How an answer is to be made, as requests say it.

const { temperature, topP, maxOutputTokens } = PARAMETER_RANGES;
const temperatureValue = z.number().min(temperature.min).max(temperature.max);
const topPValue = z.number().min(topP.min).max(topP.max);
const outputTokens = z.int().min(maxOutputTokens.min).max(maxOutputTokens.max);
export const effort = z.enum(EFFORTS);
const parameterSpellings = {
  top_p: 'topP',
  max_output_tokens: 'maxOutputTokens',
  reasoning_effort: 'reasoningEffort',
} as const;

/** How an answer is to be made. */
export const modelParameters = aliased(
  {
    temperature: temperatureValue.exactOptional(),
    topP: topPValue.exactOptional(),
    maxOutputTokens: outputTokens.exactOptional(),
    reasoningEffort: effort.exactOptional(),
  },
  parameterSpellings,
);

/** The same with null, which gives a parameter back to the model. */
export const changedParameters = aliased(
  {
    temperature: temperatureValue.nullable().exactOptional(),
    topP: topPValue.nullable().exactOptional(),
    maxOutputTokens: outputTokens.nullable().exactOptional(),
    reasoningEffort: effort.nullable().exactOptional(),
  },
  parameterSpellings,
);
