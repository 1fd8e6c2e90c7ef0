/** Names the place of an answer that holds an estimate. Estimates stand nowhere else in what programs get (decision 26). */
export const ESTIMATE_HEADER = 'x-sluice-estimate';

/** Where a translated stream in Anthropic's protocol estimates: its first event wants a figure that comes with the last. */
export const ESTIMATED_START = 'message_start.usage.input_tokens';
